"""The preview: it shows the paper, prints it, saves it, and puts on record what left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter

from desktop_app.notices.queries import list_printed
from desktop_app.notices.screens.preview_page import PreviewPage
from desktop_app.notices.screens.printing import DOTS_PER_INCH, new_printer, print_pdf
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.access_log import list_access
from tests.notices.cases import carry_case, fill_in_village
from tests.pdf_kit.reading import open_pdf, page_count, rendered
from village_core.domain.relief.steps import StepKind

Settle = Callable[[], None]


@pytest.fixture
def preview(window: MainWindow, settle: Settle) -> PreviewPage:
    fill_in_village(window.workspace)
    case_id = carry_case(window.workspace, upto=StepKind.TOWNSHIP_REVIEW, with_papers=False)
    window.navigator.open("preview", kind="relief_notice", case_id=case_id)
    settle()
    page = window.navigator.page
    assert isinstance(page, PreviewPage)
    return page


def test_it_shows_the_paper_and_offers_to_print_it(preview: PreviewPage) -> None:
    assert preview.title == "救助对象公示"
    assert preview.subtitle == "2026-001 号　罗铉家"
    assert preview.place.text().startswith("共 1 页")
    assert preview.print_button.isEnabled()
    document = preview.view.document()
    assert document is not None and document.pageCount() == 1


def test_saving_writes_the_file_and_puts_it_on_record(preview: PreviewPage, settle: Settle, tmp_path: Path) -> None:
    assert preview.paper is not None
    assert preview.paper.file_name == "救助对象公示_2026-001.pdf"
    preview.save_to(tmp_path / preview.paper.file_name)
    settle()
    assert (tmp_path / preview.paper.file_name).read_bytes() == preview.paper.rendered.data
    with preview.context.workspace.reader() as reader:
        (row,) = list_printed(reader)
    assert row.sha256 == preview.paper.rendered.sha256


def test_printing_sends_every_page_and_puts_it_on_record(preview: PreviewPage, settle: Settle, tmp_path: Path) -> None:
    assert preview.paper is not None
    printer = new_printer(preview.paper.rendered.data)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    preview.print_on(printer)
    settle()
    assert page_count((tmp_path / "printed.pdf").read_bytes()) == 1
    with preview.context.workspace.reader() as reader:
        assert [row.kind for row in list_printed(reader)] == ["relief_notice"]


def test_a_folder_that_is_not_there_is_told_and_nothing_is_recorded(
    preview: PreviewPage, window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    preview.save_to(tmp_path / "没有" / "公示.pdf")
    settle()
    assert window.trouble is not None
    window.trouble.close()
    with preview.context.workspace.reader() as reader:
        assert list_printed(reader) == ()
    assert preview.save_button.isEnabled()


def test_what_may_not_be_printed_yet_says_why_in_its_place(window: MainWindow, settle: Settle) -> None:
    fill_in_village(window.workspace)
    case_id = carry_case(window.workspace, upto=StepKind.FIRST_REVIEW, with_papers=False)
    window.navigator.open("preview", kind="relief_notice", case_id=case_id)
    settle()
    page = window.navigator.page
    assert isinstance(page, PreviewPage)
    assert "乡镇还没有审核通过" in page.problem.text()
    assert "楚贫组发〔2021〕1号" in page.problem.text()
    assert not page.print_button.isEnabled()


def test_a_case_that_is_not_there_says_so(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("preview", kind="archive", case_id=uuid4())
    settle()
    page = window.navigator.page
    assert isinstance(page, PreviewPage)
    assert "找不到" in page.problem.text()


@pytest.mark.usefixtures("qapp")
def test_what_is_printed_looks_like_the_preview_dot_for_dot(preview: PreviewPage, tmp_path: Path) -> None:
    """300 dots an inch over the whole sheet: nothing shrinks to a printer's margins."""
    assert preview.paper is not None
    printer = new_printer(preview.paper.rendered.data)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    assert print_pdf(preview.paper.rendered.data, printer) == 1
    data = (tmp_path / "printed.pdf").read_bytes()
    with open_pdf(data) as pdf:
        (image,) = (item for item in pdf.objects if isinstance(item, pikepdf.Stream) and "/Width" in item)
        assert (int(image.Width), int(image.Height)) == (2480, 3508)
        assert round(2480 * 72 / DOTS_PER_INCH) == round(float(pdf.pages[0].MediaBox[2]))
    shown, out = (greys(one) for one in (preview.paper.rendered.data, data))
    assert max(abs(a - b) for a, b in zip(shown, out, strict=True)) < 40
    assert min(shown) < 200


def greys(data: bytes) -> list[int]:
    """How dark the first page is on average in each square of about 5 mm."""
    small = rendered(data, width=840).scaled(
        42, 59, mode=Qt.TransformationMode.SmoothTransformation, aspectMode=Qt.AspectRatioMode.IgnoreAspectRatio
    )
    return [small.pixelColor(x, y).lightness() for y in range(59) for x in range(42)]


def test_the_printers_queue_is_told_kind_and_number_only(preview: PreviewPage, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(QPrinter, "setDocName", lambda _, name: told.append(name))
    preview.print_page()
    for dialog in preview.findChildren(QPrintDialog):
        dialog.close()
    assert told == ["救助对象公示_2026-001"]


class TroubledPrinter(QPrinter):
    """Something happens after its first sheet."""

    def __init__(self, target: Path, *, happens: Callable[[], object]) -> None:
        super().__init__(QPrinter.PrinterMode.HighResolution)
        self.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        self.setOutputFileName(str(target))
        self.setCopyCount(3)
        self._happens = happens

    def supportsMultipleCopies(self) -> bool:
        return False

    def newPage(self) -> bool:
        self._happens()
        return super().newPage()


def break_off() -> None:
    raise OSError("out of paper")


@pytest.mark.parametrize("stopped", [True, False])
def test_a_print_that_did_not_end_is_in_the_journal_with_the_sheets_that_may_be_out(
    preview: PreviewPage, window: MainWindow, settle: Settle, tmp_path: Path, stopped: bool
) -> None:
    happens = preview.progress.stop_pressed.emit if stopped else break_off
    printer = TroubledPrinter(tmp_path / "printed.pdf", happens=happens)
    preview.print_on(printer)
    settle()
    with preview.context.workspace.reader() as reader:
        assert list_printed(reader) == ()
        noted = [entry for entry in list_access(reader.session) if entry.kind == "print"]
    ((subject, detail),) = [(entry.subject, entry.detail) for entry in noted]
    assert "救助" in subject
    assert ("中途停下，已送出 2 页" if stopped else "中途断了，已送出 1 页") in detail
    assert preview.print_button.isEnabled()
    if window.trouble is not None:
        window.trouble.close()


def test_stopping_ends_after_the_page_that_is_being_printed(preview: PreviewPage, tmp_path: Path) -> None:
    assert preview.paper is not None
    printer = new_printer(preview.paper.rendered.data)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))

    def stop(done: int, total: int) -> None:
        raise InterruptedError(f"{done}/{total}")

    with pytest.raises(InterruptedError, match="1/1"):
        print_pdf(preview.paper.rendered.data, printer, on_page=stop)
