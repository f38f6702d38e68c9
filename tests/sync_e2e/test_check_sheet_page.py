"""打印核对单: from the page 同步 to the preview; without equality there is no button and no sheet."""

from __future__ import annotations

import os

from desktop_app.sync.receipts import last_equal_receipt
from desktop_app.sync.screens.sync_page import SyncPage
from tests.laptops import Laptop
from tests.sync_e2e.test_sync_page import Desk
from village_core.exchange.receipts import shown_code


def test_the_sheet_is_a_button_and_a_preview_away(desk: Desk, laptop: Laptop) -> None:
    laptop.add_household(number="0001", head_name="罗铉")
    page = desk.open("sync")
    assert isinstance(page, SyncPage)
    assert not page.sheet_button.isEnabled()

    laptop.sync()
    page.load()
    desk.settle()
    assert page.sheet_button.isEnabled()
    _shoot(desk, "page")
    page.sheet_button.click()
    desk.settle()

    with laptop.workspace.reader() as reader:
        kept = last_equal_receipt(reader)
    assert kept is not None
    assert shown_code(kept.code) in desk.words()
    _shoot(desk, "preview")


def _shoot(desk: Desk, name: str) -> None:
    if folder := os.environ.get("TIANGENG_SHOTS"):
        desk.window.grab().save(f"{folder}/sheet-{name}.png")
