"""The pages of 设置 in the real window, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import event

from desktop_app.settings import queries
from desktop_app.settings.screens.settings_page import SettingsPage
from desktop_app.shell.form_page import FormPage
from desktop_app.shell.main_window import MainWindow
from desktop_app.staff.screens.person_form import PersonForm
from desktop_app.storage.key_file import unlock_key
from desktop_app.widgets.editor import TextEdit
from tests.keyboard import type_words
from tests.workspaces import PASSPHRASE

Settle = Callable[[], None]


def form(window: MainWindow) -> FormPage:
    page = window.navigator.page
    assert isinstance(page, FormPage)
    return page


def settings_page(window: MainWindow) -> SettingsPage:
    page = window.navigator.page
    assert isinstance(page, SettingsPage)
    return page


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def fill(page: FormPage, name: str, words: str) -> None:
    line = page.sheet.editor(name).input_widget()
    line.setFocus()
    cast(QWidget, line).setProperty("text", "")
    type_words(line, words)
    page.sheet.editor(name).changed.emit()


def test_the_start_page_leads_to_what_the_village_lacks(window: MainWindow, settle: Settle, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.focusWidget() is not None)
    button = window.focusWidget()
    assert isinstance(button, QPushButton)
    assert button.text() == "去补齐"
    qtbot.keyClick(button, Qt.Key.Key_Return)
    settle()
    assert window.frame.title.text() == "设置"
    assert "太平村" in texts(settings_page(window).village)


def test_village_facts_are_saved_with_ctrl_s_and_shown_in_the_header(
    window: MainWindow, settle: Settle, qtbot: QtBot
) -> None:
    window.navigator.open("settings")
    window.navigator.open("settings_village")
    settle()
    page = form(window)
    qtbot.waitUntil(page.sheet.editor("name").input_widget().hasFocus)
    fill(page, "name", "太平新村")
    fill(page, "supervision_phone", "0878-6712345")
    qtbot.keyClick(page.sheet.editor("name").input_widget(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert window.frame.title.text() == "设置"
    assert window.frame.messages.words.text() == "已保存村情。"
    assert window.header.village.text() == "· 太平新村"
    assert "0878-6712345" in texts(settings_page(window).village)


def test_a_wrong_phone_is_marked_at_its_field_and_nothing_is_lost(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings_village")
    settle()
    page = form(window)
    fill(page, "township", "太平镇")
    fill(page, "township_phone", "12345")
    page.save_now()
    settle()
    assert page.sheet.fields["township_phone"].mistake == "手机号应该是 11 位，这里是 5 位，请核对。"
    assert page.sheet.values()["township"] == "太平镇"
    assert form(window) is page


def test_half_a_form_is_kept_when_she_goes_away_and_comes_back(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings_village")
    settle()
    fill(form(window), "township", "太平镇")
    fill(form(window), "township_phone", "还没问")
    window.navigator.open("home")
    settle()
    assert "先替您留着" in window.frame.messages.words.text()
    window.navigator.open("settings_village")
    settle()
    page = form(window)
    assert page.sheet.typed()["township"] == "太平镇"
    assert page.sheet.typed()["township_phone"] == "还没问"
    assert page.draft_bar.isVisible()
    page.draft_bar.undo()
    settle()
    assert page.sheet.typed()["township"] == ""
    assert page.sheet.typed()["name"] == "太平村"


def test_a_saved_form_leaves_no_draft(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings_village")
    settle()
    fill(form(window), "township", "太平镇")
    form(window).keep_draft()
    form(window).save_now()
    settle()
    assert window.workspace.drafts.load("settings:village") is None


def test_typed_text_survives_a_full_disk(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings_village")
    settle()
    page = form(window)
    fill(page, "township", "太平镇")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    event.listen(window.workspace.engine, "before_cursor_execute", full)
    try:
        page.save_now()
        settle()
    finally:
        event.remove(window.workspace.engine, "before_cursor_execute", full)
    assert "磁盘满了" in page.refusal.message.text()
    assert page.save_button.isEnabled()
    assert page.sheet.values()["township"] == "太平镇"


def test_a_year_without_profit_is_recorded_as_negative(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings_income")
    settle()
    page = form(window)
    assert page.sheet.values()["year"] == 2025
    fill(page, "net_income_fen", "-1234.5")
    fill(page, "source", "2025 年收益分配表")
    page.save_now()
    settle()
    with window.workspace.reader() as reader:
        assert queries.list_incomes(reader) == [queries.IncomeYear(2025, -123450, "2025 年收益分配表")]


def test_names_without_a_number_are_asked_about(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings_bodies")
    settle()
    page = form(window)
    page.sheet.editor("delegates_names").set_typed("甲\n乙\n丙")
    page.save_now()
    assert page.sheet.fields["delegates_size"].mistake == "名单有 3 人，应到人数还没有填。"
    fill(page, "delegates_size", "31")
    page.save_now()
    settle()
    with window.workspace.reader() as reader:
        body = queries.find_body(reader, "delegates")
    assert body is not None
    assert (body.size, body.names) == (31, ("甲", "乙", "丙"))


def test_an_account_is_added_masked_in_the_list_and_closed_with_undo(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings")
    window.navigator.open("settings_bank")
    settle()
    page = form(window)
    fill(page, "name", "太平村合作社")
    fill(page, "bank", "农商行太平支行")
    fill(page, "account_number", "6217001234567890123")
    assert "请留意" in page.sheet.fields["account_number"].note.text()
    fill(page, "ledger_account", "1020")
    page.save_now()
    assert "102-01" in page.sheet.fields["ledger_account"].mistake
    fill(page, "ledger_account", "102-01")
    page.save_now()
    settle()
    shown = "".join(texts(settings_page(window)))
    assert "**** **** 0123" in shown
    assert "6217001234567890123" not in shown
    with window.workspace.reader() as reader:
        (account,) = queries.list_bank_accounts(reader)
    window.navigator.open("settings_bank", account_id=account.id)
    settle()
    form(window)._close_account()  # type: ignore[attr-defined]
    settle()
    assert window.frame.messages.can_undo
    window.frame.messages.undo()
    settle()
    with window.workspace.reader() as reader:
        assert queries.list_bank_accounts(reader) == [account]


def test_a_person_is_added_with_roles(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings")
    window.navigator.open("settings_person")
    settle()
    page = form(window)
    assert isinstance(page, PersonForm)
    fill(page, "name", "王建平")
    page.save_now()
    assert page.sheet.fields["role_支书"].mistake == "请至少选一个岗位。"
    page.sheet.editor("role_支书").set_value(True)
    page.save_now()
    settle()
    assert "王建平（支书）" in texts(settings_page(window))


@pytest.mark.parametrize("percent", [125, 150])
def test_type_size_is_chosen_in_settings_and_remembered(window: MainWindow, settle: Settle, percent: int) -> None:
    window.navigator.open("settings")
    settle()
    settings_page(window).sizes.chip(str(percent)).click()
    settle()
    assert settings_page(window).sizes.current == str(percent)
    assert window.appearance.state.percent == percent


def test_the_passphrase_is_changed_and_never_kept_as_a_draft(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings")
    window.navigator.open("settings_passphrase")
    page = form(window)
    fill(page, "old", "不是这一句啊啊啊")
    fill(page, "new", "稻子黄了就收割")
    fill(page, "again", "稻子黄了就收割")
    page.save_now()
    assert "至少要 8 个字" in page.sheet.fields["new"].mistake
    for name in ("new", "again"):
        fill(page, name, "稻子黄了就去收割")
    page.save_now()
    settle()
    assert page.refusal.message.text().startswith("口令不对。")
    fill(page, "old", PASSPHRASE)
    page.save_now()
    settle()
    assert window.frame.title.text() == "设置"
    assert unlock_key(window.workspace.folder / "key.json", "稻子黄了就去收割") == window.workspace.key
    assert page.draft_key() == ""


def test_what_was_typed_is_kept_when_the_window_is_closed(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings_village")
    settle()
    fill(form(window), "township", "太平镇")
    window.close()
    assert (window.workspace.drafts.load("settings:village") or {})["township"] == "太平镇"


def test_a_save_is_carried_out_though_the_window_is_closed_at_once(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("settings_village")
    settle()
    fill(form(window), "township", "太平镇")
    form(window).save_now()
    window.close()
    with window.workspace.reader() as reader:
        assert queries.get_village(reader).township == "太平镇"


def test_a_kept_form_forgets_what_it_showed_before(window: MainWindow, settle: Settle) -> None:
    class Partial(FormPage):
        title = "试一页"

        def _build(self) -> None:
            self.sheet.add("group", TextEdit(), label="组")
            self.sheet.add("number", TextEdit(), label="户编号")

        def open(self, **arguments: object) -> None:
            self._show(arguments)

    window.registry.add_page("partial", Partial)
    window.navigator.open("partial", group="上村", number="001")
    window.navigator.open("partial", group="下村")
    assert form(window).read() == {"group": "下村", "number": ""}
