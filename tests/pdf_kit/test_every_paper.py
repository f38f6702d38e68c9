"""Every paper and every sheet says who took it out and when; notices alone, which hang for all to see, do not."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import desktop_app
from desktop_app.households.service import export_households, export_rejected_rows
from desktop_app.journal.queries import JournalFilter
from desktop_app.journal.sheet import export_journal
from desktop_app.ledger.excel import export_vouchers
from desktop_app.storage.watermark import watermark_of
from desktop_app.storage.workspace import Workspace
from desktop_app.window.papers import paper_makers
from tests.counties import County
from tests.every_paper import ready_for_every_paper
from tests.laptops import LaptopMaker
from tests.pdf_kit.reading import qt_text
from tests.relief.village import add_household
from village_core.domain.households.sheet_values import RowNote
from village_core.domain.notices.model import NoticeKind

PROGRAM = Path(desktop_app.__file__).parent
pytestmark = pytest.mark.usefixtures("qapp")


def test_every_page_of_every_paper_ends_with_who_and_when_and_a_notice_bears_nothing_of_it(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    wanted = ready_for_every_paper(laptop, tmp_path)
    makers = paper_makers()
    assert wanted.keys() == makers.keys()
    with laptop.workspace.reader() as reader:
        mark = watermark_of(laptop.workspace, reader)
    words = re.escape(f"田埂{mark.village}{mark.who}") + r"\d{4}-\d\d-\d\d\d\d:\d\d(号码已遮住)?$"
    for kind, make in makers.items():
        paper = make(laptop.workspace, **wanted[kind])()
        for page in qt_text(paper.rendered.data):
            found = re.search(words, "".join(page.split()))
            assert (found is not None) == (kind not in set(NoticeKind)), (kind, page[-120:])
            if kind in set(NoticeKind):
                assert mark.who not in page


def whole_household_sheet(workspace: Workspace, path: Path) -> None:
    export_households(workspace, path, reason="报乡镇核对" * 60)


def masked_household_sheet(workspace: Workspace, path: Path) -> None:
    export_households(workspace, path, masked=True)


def rejected_rows(workspace: Workspace, path: Path) -> None:
    export_rejected_rows(workspace, path, [RowNote(5, "姓名", "没有姓名")])


def journal_sheet(workspace: Workspace, path: Path) -> None:
    export_journal(workspace, path, wanted=JournalFilter(), about="罗铉、起学英和李桂芳" * 30)


@pytest.mark.parametrize(
    "export", [whole_household_sheet, masked_household_sheet, rejected_rows, journal_sheet, export_vouchers]
)
def test_every_sheet_says_who_and_when_above_its_cells_and_in_its_properties(
    workspace: Workspace, tmp_path: Path, export: Callable[[Workspace, Path], object]
) -> None:
    add_household(workspace)
    path = tmp_path / "sheet.xlsx"
    export(workspace, path)
    with workspace.reader() as reader:
        mark = watermark_of(workspace, reader)
    with zipfile.ZipFile(path) as book:
        properties = book.read("docProps/core.xml").decode()
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert mark.words in properties
    assert f"<dc:creator>{mark.who}</dc:creator>" in properties
    assert sheets
    for sheet in sheets:
        (head,) = re.findall("<oddHeader>(.*)</oddHeader>", sheet)
        (foot,) = re.findall("<oddFooter>(.*)</oddFooter>", sheet)
        assert head.endswith(mark.words)
        assert foot.endswith("第 &amp;P 页，共 &amp;N 页")


def test_no_workbook_and_no_paper_is_made_where_no_watermark_is_known() -> None:
    """Made-up input of the demo is no export; a notice hangs for all to see."""
    makes = {"xlsxwriter.Workbook(": "mark_workbook(", " PdfDocument(": "mark_pages("}
    unmarked = {
        path.relative_to(PROGRAM).as_posix()
        for path in PROGRAM.rglob("*.py")
        for text in [path.read_text(encoding="utf-8")]
        for made, marked in makes.items()
        if made in text and marked not in text
    }
    assert unmarked == {"demo/people.py", "notices/pdf.py"}
