"""Full numbers in the pages of 农户: covered until somebody says why, and again as soon as they are not the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.demo.people import make_village
from desktop_app.households.queries import get_full_numbers
from desktop_app.households.screens.household_page import HouseholdPage
from desktop_app.households.screens.import_page import ImportPage
from desktop_app.journal.queries import ACCESS, JournalFilter, list_journal
from desktop_app.shell.form_page import FormPage
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.revealing import ReasonDialog
from desktop_app.storage.workspace import Workspace
from desktop_app.widgets.masked_edit import MaskedEdit
from tests.households.village import SON_NUMBER, add_family, sheet_of
from tests.windows import page_of
from village_core.exchange.change_log import access_log
from village_core.records.households import Household

Settle = Callable[[], None]
Opened = tuple[UUID, HouseholdPage]


@pytest.fixture
def opened(window: MainWindow, settle: Settle, workspace: Workspace) -> Opened:
    """A family's household and its page."""
    household, *_ = add_family(workspace)
    window.navigator.open("household", household_id=household)
    settle()
    return household, page_of(window, HouseholdPage)


def give_reason(window: MainWindow, reason: str) -> None:
    dialog = window.findChild(ReasonDialog)
    assert dialog is not None
    dialog.chips.choose(reason)
    dialog.act_button.click()


def test_cells_that_an_import_did_not_understand_are_covered_until_asked_for_and_that_is_noted(
    window: MainWindow, settle: Settle, workspace: Workspace, tmp_path: Path
) -> None:
    rows = make_village(4, 6)
    typed = "53232719900101123"
    rows[2]["性别"] = typed
    rows[3]["出生日期"] = "138 1234 5678"
    household, *_ = add_family(workspace)
    window.navigator.open("household_import", path=sheet_of(tmp_path, rows, "花名册.xlsx"))
    settle()
    page = page_of(window, ImportPage)

    def told() -> str:
        page.table.select(lambda _: True)
        return "\n".join([*(line.words for line in page.table.rows), page.table.footer.text()])

    for kind, number in (("warning", typed), ("rejected", "138 1234 5678")):
        page.chips.chip(kind).click()
        assert page.reveal_button.isVisible()
        assert number not in told()
        assert number[-4:] in told()
    page.reveal_button.click()
    give_reason(window, "改正错误")
    settle()
    assert "138 1234 5678" in told()
    page.chips.chip("created").click()
    assert not page.reveal_button.isVisible()
    page.chips.chip("warning").click()
    assert typed in told()
    with workspace.reader() as reader:
        (noted,) = list_journal(reader, JournalFilter(household=household, kind=ACCESS)).lines
    assert noted.sentence.startswith("看了 “花名册.xlsx”里没有看懂的格子 的完整号码")
    assert noted.reason == "改正错误"
    window.navigator.open("households")
    settle()
    window.navigator.back()
    settle()
    assert typed not in told(), "whoever comes back sees them covered"


def test_numbers_are_masked_until_they_are_asked_for_and_that_is_noted(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    household, *_ = add_family(workspace, bank_account="6217006317066907433")
    window.navigator.open("household", household_id=household)
    settle()
    page = page_of(window, HouseholdPage)

    def cells() -> str:
        model = page.members.model
        return "\n".join(
            str(model.data(model.index(row, column)))
            for row in range(model.rowCount())
            for column in range(model.columnCount())
        )

    assert SON_NUMBER not in cells()
    assert "5323**********" in cells()
    page.reveal()
    give_reason(window, "打电话联系本人")
    settle()
    settle()
    assert SON_NUMBER in cells()
    with workspace.reader() as reader:
        noted = reader.session.execute(access_log.select().where(access_log.c.kind == "reveal")).all()
    assert [(one.subject, one.reason, one.about) for one in noted] == [
        ("大平地 罗建国家", "打电话联系本人", household.hex)
    ]
    page.reveal()
    settle()
    assert SON_NUMBER not in cells()
    page.reveal()  # the same household in the same session: the reason is known, and the look is noted again
    settle()
    settle()
    assert SON_NUMBER in cells()
    with workspace.reader() as reader:
        assert len(reader.session.execute(access_log.select().where(access_log.c.kind == "reveal")).all()) == 2


def test_a_form_covers_its_numbers_until_they_are_asked_for_and_keeps_what_was_not_touched(
    window: MainWindow, settle: Settle, workspace: Workspace, qtbot: QtBot
) -> None:
    household, _, son = add_family(workspace, bank_account="6217006317066907433")
    window.navigator.open("person_edit", household_id=household, person_id=son)
    settle()
    form = window.navigator.page
    assert isinstance(form, FormPage)
    number, phone = form.sheet.editor("id_number"), form.sheet.editor("phone")
    assert isinstance(number, MaskedEdit)
    assert isinstance(phone, MaskedEdit)
    assert SON_NUMBER not in number.line.text()
    assert not form.is_dirty
    number.show_button.click()
    give_reason(window, "核对证件或存折")
    settle()
    assert number.line.text() == SON_NUMBER
    form.hide()
    form.show()
    assert SON_NUMBER not in number.line.text()
    phone.line.setFocus()
    qtbot.keyClicks(phone.line, "13887654321")
    assert phone.line.text() == "13887654321"
    form.save_now()
    settle()
    with workspace.reader() as reader:
        saved = get_full_numbers(reader, household)
        noted = reader.session.execute(access_log.select().where(access_log.c.kind == "reveal")).all()
    assert (saved.id_numbers[son], saved.phones[son]) == (SON_NUMBER, "13887654321")
    assert [(one.subject, one.reason) for one in noted] == [("大平地罗建国家 罗小松", "核对证件或存折")]


def test_a_form_that_was_left_before_the_reason_was_noted_keeps_its_numbers_covered(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    household, _, son = add_family(workspace)
    window.navigator.open("person_edit", household_id=household, person_id=son)
    settle()
    form = window.navigator.page
    assert isinstance(form, FormPage)
    number = form.sheet.editor("id_number")
    assert isinstance(number, MaskedEdit)
    number.show_button.click()
    give_reason(window, "核对证件或存折")
    form.hide()
    settle()
    assert SON_NUMBER not in number.line.text()


def test_the_numbers_are_masked_again_when_the_page_was_left(
    window: MainWindow, settle: Settle, workspace: Workspace, opened: Opened
) -> None:
    _, page = opened
    page.reveal()
    give_reason(window, "打电话联系本人")
    settle()
    settle()
    assert page.reveal_button.text() == "遮住号码"
    window.navigator.open("households")
    settle()
    window.navigator.back()
    settle()
    assert page.reveal_button.text() == "显示号码"


@pytest.mark.parametrize("account", [None, "6217000000009999"])
def test_full_numbers_stay_while_they_are_true_and_are_covered_when_another_came(
    window: MainWindow, settle: Settle, workspace: Workspace, opened: Opened, account: str | None
) -> None:
    household, page = opened
    page.reveal()
    give_reason(window, "核对证件或存折")
    settle()
    settle()
    with workspace.unit_of_work(reason="别处改的") as uow:
        row = uow.session.get(Household, (uow.village, household))
        assert row is not None
        row.bank_account, row.bank_name = account or row.bank_account, "农商行"
        uow.commit()
    page.load()
    settle()
    told = "\n".join(one.text() for one in page.facts.findChildren(QLabel))
    assert "农商行" in told
    assert ("**** **** 9999" in told) == (account is not None)
    assert page.reveal_button.text() == ("遮住号码" if account is None else "显示号码")


def test_full_numbers_that_come_when_the_page_was_left_are_not_shown(
    window: MainWindow, settle: Settle, workspace: Workspace, opened: Opened
) -> None:
    household, page = opened
    with workspace.reader() as reader:
        full = get_full_numbers(reader, household)
    page._on_revealed(uuid4(), full)
    assert page.reveal_button.text() == "显示号码", "of another household"
    window.navigator.open("households")
    page._on_revealed(household, full)
    assert page.reveal_button.text() == "显示号码"
    settle()
