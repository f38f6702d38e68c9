"""What the locks say: packages with versions and hashes, and which of them a running 田埂 needs."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
BUILD_LOCK = ROOT / "build_spec" / "build.lock"

_ENTRY = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)", re.MULTILINE)
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?")

DECLARED_ELSEWHERE = {
    "atheris": "Apache-2.0",
    "macholib": "MIT",
    "pefile": "MIT",
    "pyinstaller-hooks-contrib": "Apache-2.0 OR GPL-2.0-or-later",
    "pyrage": "MIT",
    "pywin32-ctypes": "BSD-3-Clause",
    "sqlcipher3": "Zlib",
    "tzdata": "Apache-2.0",
    "colorama": "BSD-3-Clause",
}
"""Licences of packages that say nothing short in their metadata, or that are not installed on Linux."""


@dataclass(frozen=True)
class Locked:
    """One entry of a lock; a hash for each file in which it is published."""

    name: str
    version: str
    hashes: tuple[str, ...]


def read_lock(lock: Path) -> list[Locked]:
    """All entries in the order of the file."""
    text = lock.read_text(encoding="utf-8")
    starts = list(_ENTRY.finditer(text))
    ends = [*(start.start() for start in starts[1:]), len(text)]
    return [
        Locked(start[1], start[2], tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", text[start.start() : end])))
        for start, end in zip(starts, ends, strict=True)
    ]


def needed_at_runtime() -> set[str]:
    """Names of the packages that the program needs, directly or through another, on any system."""
    known = {entry.name for entry in read_lock(BUILD_LOCK)}
    waiting = [
        _parsed(text) for text in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    ]
    found: set[str] = set()
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        if one in done or one[0] not in known:
            continue
        done.add(one)
        found.add(one[0])
        waiting += needs_of(*one)
    return found


def needs_of(name: str, extras: frozenset[str] = frozenset()) -> list[tuple[str, frozenset[str]]]:
    """What a package asks for, on whatever system; nothing for one that is not installed here."""
    try:
        asked = requires(name) or []
    except PackageNotFoundError:
        return []
    wanted = []
    for text in asked:
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", text)
        if extra is None or extra[1] in extras:
            wanted.append(_parsed(text))
    return wanted


def licence_of(name: str) -> str:
    """The licence as the package declares it, or as we read it in its files."""
    if name in DECLARED_ELSEWHERE:
        return DECLARED_ELSEWHERE[name]
    try:
        declared = metadata(name)
    except PackageNotFoundError:
        return "?"
    short = declared.get("License-Expression") or (declared.get("License") or "").strip()
    if short and "\n" not in short:
        return str(short)
    classes = [one.rsplit("::", 1)[-1].strip() for one in declared.get_all("Classifier") or [] if "License ::" in one]
    return ", ".join(classes) or "?"


def _parsed(text: str) -> tuple[str, frozenset[str]]:
    match = _REQUIREMENT.match(text)
    assert match is not None, text
    name = re.sub(r"[-_.]+", "-", match[1]).lower()
    return name, frozenset(part.strip() for part in (match[2] or "").split(",") if part.strip())
