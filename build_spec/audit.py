"""Asks the advisory service about every locked package, with pip-audit from a throw-away environment.

`python -m build_spec.audit [LOCK]`. Ends with 0 only when every package was checked and nothing is known against any.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from build_spec.locks import LOCK, ROOT, read_lock

FOUND, NOT_CHECKED = 1, 2
_PATIENCE = 600


def judge(asked: dict[str, str], answer: Any) -> tuple[int, list[str]]:
    """What the answer says about each package that was asked for: exit status and lines for a person.

    Silence about a package is never taken for good news."""
    told: dict[str, Any] = {}
    if isinstance(answer, dict) and isinstance(answer.get("dependencies"), list):
        told = {str(one.get("name")): one for one in answer["dependencies"] if isinstance(one, dict)}
    found, open_ones = [], []
    for name, version in sorted(asked.items()):
        one = told.get(name)
        if (
            one is None
            or "skip_reason" in one
            or one.get("version") != version
            or not isinstance(one.get("vulns"), list)
        ):
            open_ones.append(f"NOT CHECKED  {name} {version}: {(one or {}).get('skip_reason', 'no answer about it')}")
            continue
        for advisory in one["vulns"]:
            mended = ", ".join(advisory.get("fix_versions") or []) or "no mended version"
            found.append(f"FOUND        {name} {version}: {advisory.get('id')} ({mended})")
    lines = [*found, *open_ones]
    checked = len(asked) - len(open_ones)
    lines.append(f"{checked} of {len(asked)} packages checked, {len(found)} advisories, {len(open_ones)} not checked.")
    if len(asked) == len(open_ones) > 1:
        lines.append(
            "The service knows none of them: what answers here is a mirror of the files, which has no advisories, or"
            " nothing at all. pip-audit has to reach PyPI itself; there is no way without a line."
        )
    if not asked or open_ones:
        lines.append("This is no clean result: what was not checked may have known faults. Try again with a network.")
        return NOT_CHECKED, lines
    return (FOUND if found else 0), lines


def ask(asked: dict[str, str]) -> tuple[Any, str]:
    """pip-audit's answer as JSON, or None and what it said instead."""
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        # Without markers: what is locked for Windows is to be checked on Linux, too.
        pins.write_text("".join(f"{name}=={version}\n" for name, version in asked.items()), encoding="utf-8")
        audit = [
            "pip-audit",
            "-r",
            str(pins),
            "--no-deps",
            "--disable-pip",
            "--format",
            "json",
            "--progress-spinner=off",
        ]
        command = [str(ROOT / ".venv" / "bin" / "uv"), "-q", "--system-certs", "tool", "run", "--isolated", *audit]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
        except (OSError, subprocess.TimeoutExpired) as error:
            return None, type(error).__name__
    try:
        return json.loads(done.stdout), done.stderr
    except ValueError:
        return None, (done.stderr.strip().splitlines() or ["no output"])[-1]


def main(arguments: list[str]) -> int:
    lock = Path(arguments[0]) if arguments else LOCK
    asked = {entry.name: entry.version for entry in read_lock(lock)}
    answer, said = ask(asked)
    if answer is None:
        print(f"NOT CHECKED: no answer from the advisory service ({said}).\n0 of {len(asked)} packages were checked.")
        print("This is no clean result: what was not checked may have known faults. Try again with a network.")
        return NOT_CHECKED
    status, lines = judge(asked, answer)
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
