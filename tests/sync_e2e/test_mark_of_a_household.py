"""On a household's page stands how far its last change has come; an exchange moves it on before her eyes."""

from __future__ import annotations

import os

from desktop_app.households.screens.household_page import HouseholdPage
from desktop_app.sync.service import CHANGED
from tests.laptops import Laptop
from tests.sync_e2e.test_sync_page import Desk


def test_the_mark_goes_from_saved_to_equal_while_the_page_is_open(desk: Desk, laptop: Laptop) -> None:
    household = laptop.add_household(number="0001", head_name="罗铉", group_name="大平地")
    laptop.add_person(household, "罗铉", relation="户主")
    desk.window.navigator.open("household", household_id=household)
    desk.settle()
    page = desk.page
    assert isinstance(page, HouseholdPage)
    assert page.history.side.text() == "最近的改动：已保存"
    laptop.sync()
    desk.window.changes.announce(CHANGED)
    desk.settle()
    assert page.history.side.text() == "最近的改动：已核对一致"
    assert page.history.side.isVisible()
    if folder := os.environ.get("TIANGENG_SHOTS"):
        desk.window.grab().save(f"{folder}/mark.png")
