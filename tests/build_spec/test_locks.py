"""What is shipped: locked as it was tested, with hashes, without addresses, and its licences said."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD_SPEC = ROOT / "build_spec"
LOCKS = (ROOT / "requirements.lock", BUILD_SPEC / "build.lock", BUILD_SPEC / "tools.txt")


def pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_build_takes_the_versions_that_were_tested() -> None:
    tested, built = pinned(LOCKS[0]), pinned(LOCKS[1])
    assert built
    assert {name: version for name, version in built.items() if tested.get(name) != version} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locks_have_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


def test_every_shipped_package_is_named_with_its_licence() -> None:
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    named = {name for line in text.splitlines() if line.startswith("|") for name in re.findall(r"[a-z0-9-]+", line)}
    assert set(pinned(LOCKS[1])) - named == set()


def test_every_shipped_font_lies_beside_its_licence() -> None:
    fonts = ROOT / "resources" / "fonts"
    licences = {path.stem.removeprefix("OFL-") for path in fonts.glob("OFL-*.txt")}
    assert {path.stem.split("-")[0] for path in fonts.glob("*.ttf")} == licences


def test_what_a_build_strips_are_files_of_its_own() -> None:
    script = (BUILD_SPEC / "build.sh").read_text(encoding="utf-8")
    assert script.index("export UV_LINK_MODE=copy") < script.index("pip sync") < script.index("strip --strip-debug")


@pytest.mark.parametrize("script", sorted(BUILD_SPEC.glob("*.sh")), ids=lambda script: script.name)
def test_build_scripts_are_sound_shell(script: Path) -> None:
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)
