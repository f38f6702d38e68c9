"""A photo that is damaged on the disk, and a printer that is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QLabel

from desktop_app.archive.service import make_archive
from desktop_app.households.screens.household_page import HouseholdPage
from desktop_app.notices.queries import list_printed
from desktop_app.notices.screens.preview_page import PreviewPage
from desktop_app.notices.screens.printing import new_printer
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.verify import verify_workspace
from desktop_app.storage.workspace import Workspace
from tests.households.village import add_family
from tests.notices.cases import carry_case, fill_in_village
from tests.pdf_kit.reading import page_count

Settle = Callable[[], None]


def break_photos(workspace: Workspace) -> int:
    """One bit of each file, as an old disk does it."""
    count = 0
    for path in list(workspace.attachments.files()):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        count += 1
    return count


def test_a_damaged_photo_is_named_by_verify_and_the_page_says_it(
    window: MainWindow, settle: Settle, workspace: Workspace, tmp_path: Path
) -> None:
    household, *_ = add_family(workspace)
    Image.new("RGB", (120, 90), "#2F7D4F").save(tmp_path / "房屋.jpg")
    window.navigator.open("household", household_id=household)
    settle()
    page = window.navigator.page
    assert isinstance(page, HouseholdPage)
    page.photos.drop.take([tmp_path / "房屋.jpg"])
    settle()
    assert break_photos(workspace) > 0
    report = verify_workspace(workspace, digests=lambda _: {})
    assert any("照片“房屋”" in problem and "有损坏" in problem for problem in report.problems)
    page.load()
    settle()
    words = " ".join(label.text() for label in page.photos.findChildren(QLabel))
    assert "有损坏" in words, words


@pytest.mark.qt_log_ignore("QPdfEngine|QPainter|QFile|QPrinter|propagateSizeHints", extend=True)
def test_a_printer_that_is_gone_is_said_and_nothing_is_put_on_record(
    window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    fill_in_village(window.workspace)
    case_id = carry_case(window.workspace)
    window.navigator.open("preview", kind="archive", case_id=case_id)
    settle()
    page = window.navigator.page
    assert isinstance(page, PreviewPage)
    assert page.paper is not None
    printer = new_printer(page.paper.rendered.data)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "gone" / "printed.pdf"))
    page.print_on(printer)
    settle()
    assert window.trouble is not None
    assert "打印机没有应答" in window.trouble.trouble.what
    assert "公示和资料都在" in window.trouble.trouble.safe
    window.trouble.close()
    with window.workspace.reader() as reader:
        assert list_printed(reader) == ()
    assert page.print_button.isEnabled()
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    page.print_on(printer)
    settle()
    assert page_count((tmp_path / "printed.pdf").read_bytes()) == make_archive(window.workspace, case_id).rendered.pages
