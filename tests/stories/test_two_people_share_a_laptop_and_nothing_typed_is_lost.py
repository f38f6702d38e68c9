"""One laptop, two people: it locks itself over a half-filled form, the second works, the first goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.home.screens.home_page import HomePage
from desktop_app.settings.screens.village_form import VillageForm
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.page import Page
from desktop_app.staff.keys import add_person, list_key_people, make_one_time_passphrase
from desktop_app.staff.pins import set_pin
from desktop_app.staff.service import save_person
from desktop_app.staff.switching import come_to_keyboard
from desktop_app.storage.access_log import list_access
from desktop_app.storage.entry import note_revoked
from desktop_app.storage.workspace import Workspace
from desktop_app.widgets.question import ask
from desktop_app.window import keyboard as keyboard_module
from desktop_app.window.keyboard import Keyboard
from tests.keyboard import type_words
from tests.workspaces import PASSPHRASE
from village_core.domain.ids import new_id

SECOND = "稻子黄了就去收割"
OWN = "新想的一句好记的话"
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
PLACE = "村委会门口的公示栏，靠大榕树"


class Clock:
    """Monotonic and wall clock of the machine."""

    def __init__(self) -> None:
        self.monotonic, self.wall = 1000.0, 1_700_000_000.0

    def __call__(self) -> tuple[float, float]:
        return self.monotonic, self.wall


@pytest.fixture
def shared(workspace: Workspace) -> Workspace:
    """李琼仙's, and 普建国 (会计) has a passphrase too."""
    person = new_id()
    with workspace.unit_of_work(reason="登记人员") as uow:
        save_person(uow, person, name="普建国", roles=["会计"])
        uow.commit()
    add_person(workspace, person, passphrase=SECOND)
    come_to_keyboard(workspace, PASSPHRASE)
    return workspace


@pytest.fixture
def keyboard(shared: Workspace, window: MainWindow) -> Iterator[Keyboard]:
    made = Keyboard(window)
    made.lock._now = Clock()
    made.lock._alive = made.lock._now()
    yield made


def is_locked(keyboard: Keyboard) -> bool:
    return keyboard.lock.locked


def with_cursor() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def shown(window: MainWindow) -> Page | None:
    return window.navigator.page


Settle = Callable[[], None]


def half_fill(window: MainWindow, settle: Settle) -> QLineEdit:
    """A form with a cursor in the middle of a word."""
    settle()
    window.navigator.open("settings_village")
    settle()
    page = shown(window)
    assert isinstance(page, VillageForm)
    page.sheet.editor("posting_place").setFocus()
    line = page.sheet.editor("posting_place").input_widget()
    assert isinstance(line, QLineEdit)
    type_words(line, PLACE)
    line.setCursorPosition(3)
    return line


def give(keyboard: Keyboard, settle: Settle, secret: str) -> None:
    cover = keyboard.lock.cover
    assert cover is not None
    line = cover.sheet.editor("secret").input_widget()
    line.setFocus()
    type_words(line, secret)
    QTest.keyClick(line, Qt.Key.Key_Return)
    settle()


def test_it_locks_itself_and_she_goes_on_where_she_was(window: MainWindow, keyboard: Keyboard, settle: Settle) -> None:
    line = half_fill(window, settle)
    clock = keyboard.lock._now
    assert isinstance(clock, Clock)
    clock.monotonic += 9 * 60
    QTest.mouseMove(window.windowHandle(), QPoint(300, 300))
    clock.monotonic += 9 * 60
    keyboard.lock.look()
    assert not is_locked(keyboard), "the mouse moved in between"
    clock.monotonic += 60
    keyboard.lock.look()
    settle()
    assert is_locked(keyboard)
    assert not line.isVisible()
    for keys in (Qt.Key.Key_1, Qt.Key.Key_2):
        QTest.keyClick(window, keys, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    cover = keyboard.lock.cover
    assert cover is not None
    for _ in range(12):
        QTest.keyClick(with_cursor(), Qt.Key.Key_Tab)
        assert cover.isAncestorOf(with_cursor())
    assert isinstance(shown(window), VillageForm)

    cover.sheet.focus_first()
    give(keyboard, settle, PASSPHRASE)
    assert not is_locked(keyboard)
    assert (line.text(), line.cursorPosition()) == (PLACE, 3)
    assert QApplication.focusWidget() is line
    page = shown(window)
    assert isinstance(page, VillageForm)
    assert page.is_dirty
    with window.workspace.reader() as reader:
        assert [entry.kind for entry in list_access(reader.session)][:2] == ["unlock", "lock"]


def test_a_laptop_that_slept_is_locked_when_it_wakes(window: MainWindow, keyboard: Keyboard) -> None:
    clock = keyboard.lock._now
    assert isinstance(clock, Clock)
    clock.wall += 3600
    keyboard.lock.look()
    assert is_locked(keyboard)


def test_the_second_works_in_his_own_name_and_the_first_finds_her_form_again(
    window: MainWindow, keyboard: Keyboard, settle: Settle
) -> None:
    half_fill(window, settle)
    QTest.keyClick(window, Qt.Key.Key_L, CTRL_SHIFT)
    give(keyboard, settle, SECOND)
    assert window.header.person.text() == "普建国 · 会计"
    assert isinstance(shown(window), HomePage)
    settle()
    window.navigator.open("settings_village")
    settle()
    page = shown(window)
    assert isinstance(page, VillageForm)
    assert page.sheet.typed()["posting_place"] == "", "her draft is not his"
    assert window.context.workspace.actor.name == "普建国"

    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    settle()
    give(keyboard, settle, PASSPHRASE)
    page = shown(window)
    assert isinstance(page, VillageForm), "she is where she was"
    assert page.sheet.typed()["posting_place"] == PLACE
    assert window.header.person.text() == "李琼仙 · 报账员"


def test_back_without_a_secret_only_when_nothing_was_locked(
    window: MainWindow, keyboard: Keyboard, settle: Settle
) -> None:
    line = half_fill(window, settle)
    window.header.change_button.click()
    assert keyboard.lock.cover is not None
    assert keyboard.lock.cover.back_button.isVisible()
    keyboard.lock.cover.back_button.click()
    assert line.isVisible()
    window.header.lock_button.click()
    settle()
    assert not keyboard.lock.cover.back_button.isVisible()


def test_dialogs_and_the_clipboard_are_hidden_and_only_ours_is_emptied(
    window: MainWindow, keyboard: Keyboard, settle: Settle
) -> None:
    clipboard = QGuiApplication.clipboard()
    line = half_fill(window, settle)
    line.selectAll()
    line.copy()
    assert clipboard.text() == PLACE
    question = ask(window, "去掉罗小红？", safe="先留着", act="去掉", on_act=lambda: None)
    assert question.isVisible()
    keyboard.lock.lock()
    settle()
    assert clipboard.text() == ""
    assert not question.isVisible()
    window.fail(RuntimeError("while locked"))
    assert not any(one.isVisible() for one in QApplication.topLevelWidgets() if isinstance(one, QDialog))
    give(keyboard, settle, PASSPHRASE)
    assert question.isVisible()
    assert question.isModal()
    question.reject()
    window.trouble.accept()


def test_what_another_program_copied_stays_on_the_clipboard(
    window: MainWindow, keyboard: Keyboard, settle: Settle, qtbot: QtBot
) -> None:
    clipboard = QGuiApplication.clipboard()
    line = half_fill(window, settle)
    line.selectAll()
    line.copy()
    other = QWindow()
    other.show()
    other.requestActivate()
    qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is other)
    other.destroy()  # the keyboard is now with a window that is none of this program's
    qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is None)
    clipboard.setText("从别的程序里复制的一句话")
    keyboard.lock.lock()
    settle()
    assert clipboard.text() == "从别的程序里复制的一句话"


def test_a_question_of_hers_is_not_put_to_him(window: MainWindow, keyboard: Keyboard, settle: Settle) -> None:
    done: list[str] = []
    question = ask(window, "去掉罗小红？", safe="先留着", act="去掉", on_act=lambda: done.append("done"))
    keyboard.lock.lock()
    settle()
    give(keyboard, settle, SECOND)
    QApplication.processEvents()
    assert not done
    assert not any(one is question and one.isVisible() for one in QApplication.topLevelWidgets())


def test_work_goes_on_behind_the_cover(window: MainWindow, keyboard: Keyboard, settle: Settle) -> None:
    keyboard.lock.lock()
    done: list[int] = []
    window.tasks.run(lambda _: 7, owner=window, on_done=done.append)
    settle()
    assert done == [7]
    assert is_locked(keyboard)


def test_a_wrong_secret_is_said_and_the_wait_is_counted_down(
    window: MainWindow, keyboard: Keyboard, settle: Settle
) -> None:
    keyboard.lock.lock()
    settle()
    cover = keyboard.lock.cover
    assert cover is not None
    for _ in range(5):
        give(keyboard, settle, "没有这句口令呀呀")
    assert "还要等" in cover.trouble.message.text()
    assert not cover.open_button.isEnabled()
    assert cover.sheet.editor("secret").typed() == ""


def test_a_passphrase_for_one_use_becomes_her_own_on_the_cover_and_the_form_stays(
    window: MainWindow, keyboard: Keyboard, settle: Settle, shared: Workspace
) -> None:
    half_fill(window, settle)
    people = {one.person.name: one.person.id for one in list_key_people(shared)}
    one_time = make_one_time_passphrase(shared, people["普建国"])
    keyboard.lock.lock()
    settle()
    give(keyboard, settle, one_time)
    cover = keyboard.lock.cover
    assert cover is not None
    assert cover.own.isVisible() and not cover.sheet.isVisible()
    cover.own.set_values({"new": OWN, "again": "不一样的一句话呀"})
    cover.open_button.click()
    assert "不一样" in cover.own.fields["again"].mistake
    cover.own.set_values({"new": one_time, "again": one_time})
    cover.open_button.click()
    settle()
    assert "新口令和原来的一样" in cover.trouble.message.text()
    cover.back_button.click()
    assert cover.sheet.isVisible()
    give(keyboard, settle, one_time)
    cover.own.set_values({"new": OWN, "again": OWN})
    cover.open_button.click()
    settle()
    assert not is_locked(keyboard)
    assert window.header.person.text() == "普建国 · 会计"
    keyboard.lock.lock()
    settle()
    give(keyboard, settle, OWN)
    assert not is_locked(keyboard)
    keyboard.lock.lock()
    settle()
    give(keyboard, settle, PASSPHRASE)
    page = shown(window)
    assert isinstance(page, VillageForm)
    assert page.sheet.typed()["posting_place"] == PLACE


def test_a_pin_takes_the_cover_off(window: MainWindow, keyboard: Keyboard, settle: Settle, shared: Workspace) -> None:
    set_pin(shared, "280516", passphrase=PASSPHRASE)
    keyboard.lock.lock()
    settle()
    give(keyboard, settle, "280516")
    assert not is_locked(keyboard)


def test_a_stopped_laptop_is_covered_at_once(
    window: MainWindow, keyboard: Keyboard, settle: Settle, qtbot: QtBot
) -> None:
    from desktop_app.storage.changes import Changes

    note_revoked(window.workspace)
    window.changes.announce(Changes.of("sync"))
    settle()
    cover = keyboard.lock.cover
    assert cover is not None
    assert "县里停用了这台电脑" in cover.trouble.message.text()
    assert not cover.sheet.isVisible()


def test_the_minutes_are_kept_within_one_and_sixty(shared: Workspace) -> None:
    for kept, minutes in (("0", 1), ("25", 25), ("600", 60), ("x", 10), ("", 10)):
        shared.set_state("window.idle_minutes", kept)
        assert keyboard_module.idle_minutes(shared) == minutes
