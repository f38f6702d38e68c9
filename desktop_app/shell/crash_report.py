"""A report of a defect of ours, without personal data: kinds of errors and places in the code, never values."""

from __future__ import annotations

import platform
import sys
import traceback
from datetime import datetime
from pathlib import Path


def crash_text(error: BaseException) -> str:
    """The chain of errors with file, line and function of each frame; messages are left out, they hold data."""
    lines = [
        "田埂 问题报告（不含农户资料）",
        f"Python {platform.python_version()}  {sys.platform}  {platform.machine()}",
    ]
    link: BaseException | None = error
    while link is not None:
        lines += ["", type(link).__name__]
        lines += [
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(link.__traceback__)
        ]
        link = link.__cause__ or link.__context__
    return "\n".join(lines) + "\n"


def write_crash_report(error: BaseException, folder: Path, *, now: datetime) -> Path | None:
    """Write the report; None when the disk does not take it (the dialog then shows the text itself)."""
    path = folder / "reports" / f"report-{now:%Y%m%d-%H%M%S}.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(crash_text(error), encoding="utf-8")
    except OSError:
        return None
    return path
