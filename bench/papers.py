"""The 救助公示 notice and the 一户一档 archive of a real case, as files written and put on record."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from pathlib import Path

from bench.measures import Measure, Size, best_of
from bench.villages import empty_village
from desktop_app.archive.service import make_archive
from desktop_app.notices.service import make_notice, write_relief_notice
from tests.notices.cases import carry_case, fill_in_village
from village_core.domain.notices.model import NoticeKind

_FIRST = """
import sys, time
from pathlib import Path
from uuid import UUID
from desktop_app.bootstrap import open_with_key
from desktop_app.notices.service import make_notice
from village_core.domain.notices.model import NoticeKind
workspace = open_with_key(Path(sys.argv[1]), bytes.fromhex(sys.stdin.readline()))
start = time.perf_counter()
make_notice(workspace, UUID(sys.argv[2]), kind=NoticeKind.RELIEF)
print(time.perf_counter() - start)
"""


def measure(size: Size, work: Path) -> list[Measure]:
    """The first notice of a process reads the fonts; further ones do not. The archive places 19 scans."""
    workspace = empty_village(work / "village")
    fill_in_village(workspace)
    case_id = carry_case(workspace)
    numbers = itertools.count()

    def first() -> float:
        command = [sys.executable, "-c", _FIRST, str(workspace.folder), str(case_id)]
        told = subprocess.run(command, input=workspace.key.hex(), stdout=subprocess.PIPE, text=True, check=True)
        return float(told.stdout)

    firsts = min(first() for _ in range(size.rounds))
    make_notice(workspace, case_id, kind=NoticeKind.RELIEF)
    again = best_of(size.rounds, lambda: make_notice(workspace, case_id, kind=NoticeKind.RELIEF))
    written = best_of(
        size.rounds, lambda: write_relief_notice(workspace, case_id, work / f"notice-{next(numbers)}.pdf")
    )
    start = time.perf_counter()
    archive = make_archive(workspace, case_id)
    first_archive = time.perf_counter() - start
    archives = best_of(size.rounds, lambda: make_archive(workspace, case_id))
    size_kb = len(make_notice(workspace, case_id, kind=NoticeKind.RELIEF).rendered.data) / 1000
    workspace.close()
    return [
        Measure("notice, the first of a process", firsts, "s", bar=0.2),
        Measure("notice, a further one", again, "s", bar=0.2),
        Measure("  written and put on record", written, "s", bar=0.2),
        Measure("  its file", size_kb, "kB"),
        Measure(f"archive of {archive.rendered.pages} pages, the first", first_archive, "s"),
        Measure(f"archive of {archive.rendered.pages} pages, a further one", archives, "s"),
        Measure("  its file", len(archive.rendered.data) / 1000, "kB"),
    ]
