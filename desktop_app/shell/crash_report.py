"""A report of a defect of ours, without personal data: kinds of errors and places in the code, never values.

Reports lie in `reports/` of the workspace: the newest few, each of a few kilobytes.
"""

from __future__ import annotations

import platform
import sys
import traceback
from datetime import datetime
from pathlib import Path

REPORT_FOLDER = "reports"
KEPT_REPORTS = 20
_LINKS = 8
_FRAMES = 40
"""Of each error of a chain; endless recursion has a thousand frames, of which the first and the last tell all."""


def crash_text(error: BaseException) -> str:
    """The chain of errors with file, line and function of each frame; messages are left out, they hold data."""
    lines = [*_heading()]
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen and len(seen) < _LINKS:
        seen.add(id(link))
        frames = list(traceback.walk_tb(link.__traceback__))
        places = [f"  {Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}" for frame, line in frames]
        if len(places) > _FRAMES:
            places[_FRAMES // 2 : -_FRAMES // 2] = [f"  … {len(places) - _FRAMES} 处略去"]
        lines += ["", type(link).__name__, *places]
        link = link.__cause__ or link.__context__
    return "\n".join(lines) + "\n"


def write_crash_report(error: BaseException, folder: Path, *, now: datetime) -> Path | None:
    """Write the report; None when the disk does not take it (the dialog then shows the text itself)."""
    return keep_report(crash_text(error), folder, now=now)


def keep_report(text: str, folder: Path, *, now: datetime) -> Path | None:
    """A report among the others; the oldest go. None when the disk does not take it."""
    reports = folder / REPORT_FOLDER
    name = f"report-{now:%Y%m%d-%H%M%S}"
    try:
        reports.mkdir(parents=True, exist_ok=True)
        path, number = reports / f"{name}.txt", 1
        while path.exists() and number < KEPT_REPORTS:
            number += 1
            path = reports / f"{name}-{number:02}.txt"
        path.write_text(text, encoding="utf-8")
        for old in list_reports(folder)[KEPT_REPORTS:]:
            old.unlink(missing_ok=True)
    except OSError:
        return None
    return path


def list_reports(folder: Path) -> list[Path]:
    """All reports, the newest first."""
    try:
        return sorted((folder / REPORT_FOLDER).glob("report-*.txt"), key=lambda path: path.stem, reverse=True)
    except OSError:
        return []


def _heading() -> list[str]:
    return [
        "田埂 问题报告（不含农户资料）",
        f"Python {platform.python_version()}  {sys.platform}  {platform.machine()}",
    ]


def fault_text(trace: str) -> str:
    """A report of what the interpreter wrote as the system killed it: places again, without folders."""
    places = []
    for line in trace.splitlines()[:400]:
        if line.startswith("Fatal Python error: "):
            places.append("Fatal: " + line.removeprefix("Fatal Python error: ")[:60])
        elif line.startswith(("Current thread", "Thread ")):
            places.append("Thread")
        elif line.startswith('  File "') and '", line ' in line:
            file, _, rest = line.removeprefix('  File "').rpartition('", line ')
            number, _, function = rest.partition(" in ")
            places.append(f"  {file.replace(chr(92), '/').rsplit('/', 1)[-1]}:{number} {function}")
    return "\n".join([*_heading(), "", *places[: _LINKS * _FRAMES]]) + "\n"
