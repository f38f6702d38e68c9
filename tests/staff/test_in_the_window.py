"""Stories in the real window: what somebody may not do is off with the reason, what she may not see is not there."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtWidgets import QApplication

from desktop_app.ledger.screens.grid_page import GridPage
from desktop_app.ledger.service import save_draft
from desktop_app.relief.screens.recusal_fields import SOMEBODY
from desktop_app.shell.main_window import MainWindow
from desktop_app.staff.queries import find_person
from desktop_app.staff.screens.person_form import PersonForm
from desktop_app.staff.screens.staff_page import StaffPage
from tests.ledger.books import entry, open_accounts
from tests.relief.driving import WHOLE_ROAD, fill, form, open_case_page, press_next, save
from tests.relief.village import add_household, furnish, start_case
from tests.staff.acting import add, sit_down
from tests.workspaces import do
from village_core.domain.relief.steps import StepKind

Settle = Callable[[], None]


@pytest.fixture
def seat(window: MainWindow, settle: Settle) -> Callable[[UUID], None]:
    def change(person: UUID) -> None:
        sit_down(window.workspace, person)
        window.change_person(window.workspace)
        settle()

    return change


def go(window: MainWindow, settle: Settle, page: str, **arguments: Any) -> Any:
    window.navigator.open(page, **arguments)
    settle()
    return window.navigator.page


def test_the_cashier_tries_to_review_and_is_told_why_then_the_clerk_of_accounts_posts(
    window: MainWindow, settle: Settle, seat: Callable[[UUID], None]
) -> None:
    workspace = window.workspace
    open_accounts(workspace)
    maker, cashier, both, poster = (
        add(workspace, "老文", "文书"),
        add(workspace, "起学英", "出纳"),
        add(workspace, "普建国", "报账员", "文书"),
        add(workspace, "杨文清", "报账员"),
    )
    seat(maker)
    draft = do(workspace, lambda uow: save_draft(uow, entry(("10201", 500_00), ("50103", -500_00)))).draft_id

    seat(cashier)
    page = go(window, settle, "voucher_entry", draft_id=draft)
    assert isinstance(page, GridPage)
    assert not page.save_button.isVisible()
    assert "出纳人员不得兼任稽核" in page.refusal.message.text()

    seat(both)
    page = go(window, settle, "voucher_entry", draft_id=draft)
    assert not page.save_button.isVisible()
    assert "普建国是文书，不能“审核凭证”" in page.refusal.message.text()

    seat(poster)
    page = go(window, settle, "voucher_entry", draft_id=draft)
    assert page.save_button.isEnabled()
    page.save_button.click()
    settle()
    ledger = go(window, settle, "ledger")
    assert len(ledger.table.rows) == 1


def test_a_secretary_whose_brother_applies_must_stand_aside(window: MainWindow, settle: Settle) -> None:
    workspace = window.workspace
    furnish(workspace)
    household = add_household(workspace)
    add(workspace, "王建平", "支书", relatives="罗铉 兄弟")
    case_id = start_case(workspace, household)
    open_case_page(window, settle, case_id)
    page = press_next(window, settle)
    kind, values = WHOLE_ROAD[0]
    assert kind is StepKind.FIRST_REVIEW
    fill(page, **values)
    save(page, settle)
    assert "王建平是罗铉的兄弟，要回避" in page.refusal.message.text()

    fill(page, recusal=SOMEBODY, recused="王建平 户主的兄弟", secretary="张志强", reviewers="李明")
    save(form(window), settle)
    assert window.navigator.place is not None
    assert window.navigator.place.key == "case"


def test_an_administrator_sees_settings_and_no_village(
    window: MainWindow, settle: Settle, seat: Callable[[UUID], None]
) -> None:
    seat(add(window.workspace, "张管", "管理员"))
    assert [key for key in ("households", "cases", "ledger", "papers") if window.navigation.shows(key)] == []
    assert window.navigation.shows("settings")
    go(window, settle, "home")
    assert QApplication.activeModalWidget() is None, "nothing on the start page was refused"


def test_buttons_say_why_they_are_off_and_work_again_for_who_may(
    window: MainWindow, settle: Settle, seat: Callable[[UUID], None]
) -> None:
    me = window.workspace.actor.person_id
    seat(add(window.workspace, "小周", "只读"))
    page = go(window, settle, "household_edit")
    assert not page.save_button.isEnabled()
    assert "小周（只读）的岗位不管“改农户”" in page.barred_note.text()
    page.save_button.setEnabled(True)
    assert not page.save_button.isEnabled(), "whoever switches it on"

    seat(me)
    page = go(window, settle, "household_edit")
    assert page.save_button.isEnabled()
    assert not page.barred_note.isVisible()


def test_the_page_of_people_shows_who_does_what_and_the_reason_is_asked(window: MainWindow, settle: Settle) -> None:
    add(window.workspace, "起学英", "出纳")
    page = go(window, settle, "settings_staff")
    assert isinstance(page, StaffPage)
    assert [person.name for person in page.people.rows] == ["李琼仙", "起学英"]
    page.chips.chip("what").click()
    assert page.rights.isVisible()
    assert not page.people.isVisible()
    assert "会计法" in page.words.text()

    sheet = go(window, settle, "settings_person")
    assert isinstance(sheet, PersonForm)
    sheet.sheet.editor("name").set_typed("罗会计")
    for name in ("role_出纳", "role_会计"):
        sheet.sheet.editor(name).set_value(True)
    sheet.save_now()
    assert "不能同时是" in sheet.sheet.fields["role_出纳"].mistake


def test_his_own_name_is_off_with_the_reason_and_a_colleague_changes_it(
    window: MainWindow, settle: Settle, seat: Callable[[UUID], None]
) -> None:
    workspace, me = window.workspace, window.workspace.actor.person_id
    boss = add(workspace, "王建平", "支书", relatives="罗铉 兄弟")
    seat(boss)
    page = go(window, settle, "settings_person", person_id=boss)
    assert isinstance(page, PersonForm)
    assert not page.sheet.editor("name").isEnabled()
    assert "自己的名字不能自己改" in page.name_note.text()
    _look(window, settle, "own-name")
    seat(me)
    page = go(window, settle, "settings_person", person_id=boss)
    assert page.name_note.isHidden()
    page.sheet.editor("name").set_typed("王建萍")
    save(page, settle)
    with workspace.reader() as reader:
        row = find_person(reader, boss)
    assert row is not None
    assert (row.name, row.relatives) == ("王建萍", "罗铉 兄弟\n王建平 原名")


@pytest.mark.parametrize(
    ("ticked", "marked"), [(("role_报账员",), "role_报账员"), (("may_combine_duties",), "may_combine_duties")]
)
def test_who_gives_himself_more_is_told_where_he_ticked_it_what_is_safe_and_whom_to_ask(
    window: MainWindow, settle: Settle, seat: Callable[[UUID], None], ticked: tuple[str, ...], marked: str
) -> None:
    boss = add(window.workspace, "王建平", "支书")
    seat(boss)
    page = go(window, settle, "settings_person", person_id=boss)
    assert isinstance(page, PersonForm)
    for name in ticked:
        page.sheet.editor(name).set_value(True)
    page.sheet.editor("note").set_value("只有一人")
    save(page, settle)
    why = page.sheet.fields[marked].mistake
    assert why.startswith("自己不能给自己加岗位和兼任")
    assert page.refusal.message.text().startswith(f"{why}资料没有改动。请另一位管人员的人登录")
    assert not page.sheet.editor(marked).visibleRegion().isEmpty(), "above the box that says why"
    _look(window, settle, f"raising-{marked}")


def _look(window: MainWindow, settle: Settle, name: str) -> None:
    """A picture at 1366×768, and one with type at 150 %, for whoever wants to look."""
    folder = os.environ.get("TIANGENG_SCREENSHOTS")
    for percent in (100, 150) if folder else ():
        window.appearance.set_percent(percent)
        window.resize(1366, 768)
        settle()
        window.grab().save(f"{folder}/{name}-{percent}.png")
