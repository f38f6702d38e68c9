"""The preview: it shows the paper, prints it, saves it, and puts on record what left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter

from desktop_app.notices.queries import list_printed
from desktop_app.notices.screens.preview_page import PreviewPage
from desktop_app.notices.screens.printing import DOTS_PER_INCH, new_printer, print_pdf
from desktop_app.shell.main_window import MainWindow
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
    assert preview.paper.file_name == "救助对象公示_2026-001_罗铉.pdf"
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


def test_stopping_ends_after_the_page_that_is_being_printed(preview: PreviewPage, tmp_path: Path) -> None:
    assert preview.paper is not None
    printer = new_printer(preview.paper.rendered.data)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))

    def stop(done: int, total: int) -> None:
        raise InterruptedError(f"{done}/{total}")

    with pytest.raises(InterruptedError, match="1/1"):
        print_pdf(preview.paper.rendered.data, printer, on_page=stop)
