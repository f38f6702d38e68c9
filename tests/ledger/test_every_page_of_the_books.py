"""What holds for every page of the books: the small screen, large type, the Tab key, the start page and the search."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.ledger.screens.ledger_page import LedgerPage
from desktop_app.ledger.service import save_draft
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.page import Page
from tests.ledger.books import entry, post
from tests.ledger.clerk import GOOD, Settle, accounts, go, press
from tests.ledger.sheets import RENT, write_sheet
from tests.workspaces import do

__all__ = ["accounts", "go"]


PAGES = (
    "ledger", "voucher_new", "voucher_entry", "voucher_import", "opening_balances", "trial_balance", "accounts"
)  # fmt: skip


def test_start_page_and_search_know_the_books(window: MainWindow, go: Callable[..., Page], settle: Settle) -> None:
    post(window.workspace, *GOOD, summary="收鱼塘发包款")
    do(window.workspace, lambda uow: save_draft(uow, entry(*GOOD)))
    with window.workspace.reader() as reader:
        due = [item for provide in window.registry.due for item in provide(reader)]
        hits = [hit for provide in window.registry.search for hit in provide(reader, "鱼塘", 5)]
        figures = [figure for provide in window.registry.overviews for figure in provide(reader).figures]
    assert "1 张凭证还是草稿，没有记账" in [item.title for item in due]
    assert [(hit.kind, hit.page) for hit in hits] == [("凭证", "voucher")]
    assert "¥ 500.00" in [figure.value for figure in figures]


@pytest.mark.parametrize("percent", [100, 150])
def test_every_page_fits_a_small_screen_at_every_type_size(
    window: MainWindow, settle: Settle, percent: int, tmp_path: Path
) -> None:
    posted = post(window.workspace, *GOOD)
    path = write_sheet(tmp_path / "a.xlsx", RENT)
    window.appearance.set_percent(percent)
    settle()
    places: list[tuple[str, dict[str, object]]] = [(key, {}) for key in PAGES]
    places += [
        ("voucher", {"voucher_id": posted.voucher_id}),
        ("voucher_template", {"template": "relief_paid"}),
        ("voucher_import", {"path": path}),
    ]
    for key, arguments in places:
        window.navigator.open(key, **arguments)
        settle()
        least = window.minimumSizeHint()
        assert (least.width(), least.height()) <= (1366, 768), key
        assert least.height() <= 768, key


def test_everything_on_the_page_is_reached_by_tab(window: MainWindow, go: Callable[..., Page]) -> None:
    page = go("ledger")
    assert isinstance(page, LedgerPage)
    reached: set[QWidget] = set()
    for _ in range(30):
        at = QApplication.focusWidget()
        assert at is not None
        reached.add(at)
        press(at, Qt.Key.Key_Tab)
    assert {page.opening_button, page.accounts_button, page.lock_button, page.months.input_widget()} <= reached
