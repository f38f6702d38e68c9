"""Writes what a build is: build/version.json for the program, build/windows_version.txt for Windows."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

WINDOWS_TEXT = """VSVersionInfo(
  ffi=FixedFileInfo(filevers=({numbers}, 0), prodvers=({numbers}, 0), mask=0x3f, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable('080404b0', [
      StringStruct('FileDescription', '田埂'),
      StringStruct('FileVersion', '{version}'),
      StringStruct('ProductName', '田埂'),
      StringStruct('ProductVersion', '{version} {commit}'),
    ])]),
    VarFileInfo([VarStruct('Translation', [0x0804, 1200])]),
  ],
)
"""


def main() -> None:
    """The version of pyproject.toml, the commit and its date; never the date of the build, so that builds compare."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    stamp = {
        "version": version,
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "date": _git("log", "-1", "--format=%cs"),
    }
    if _git("status", "--porcelain", "--untracked-files=no"):
        stamp["commit"] += "+"
    target = ROOT / "build"
    target.mkdir(exist_ok=True)
    (target / "version.json").write_text(json.dumps(stamp), encoding="utf-8")
    windows = WINDOWS_TEXT.format(numbers=", ".join(version.split(".")), **stamp)
    (target / "windows_version.txt").write_text(windows, encoding="utf-8")
    print(json.dumps(stamp))


def _git(*arguments: str) -> str:
    answer = subprocess.run(["git", "-C", str(ROOT), *arguments], stdout=subprocess.PIPE, text=True, check=False)
    return answer.stdout.strip() or ("" if arguments[0] == "status" else "unknown")


if __name__ == "__main__":
    main()
