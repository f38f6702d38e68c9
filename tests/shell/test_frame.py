"""The frame: sections, history, keys, search, status, changes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from desktop_app.shell.context import PageContext
from desktop_app.shell.help_dialog import HelpDialog
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.changes import Changes
from desktop_app.widgets.buttons import button
from desktop_app.widgets.look import px
from tests.keyboard import type_words
from tests.shell.conftest import NotePage
from village_core.records.staff import StaffMember


def notes(window: MainWindow) -> NotePage:
    page = window.navigator.page
    assert isinstance(page, NotePage)
    return page


def at(window: MainWindow) -> str:
    assert window.navigator.place is not None
    return window.navigator.place.key


def test_the_header_names_village_and_person(small_window: MainWindow) -> None:
    assert small_window.header.village.text() == "· 太平村"
    assert small_window.header.person.text() == "李琼仙 · 报账员"
    assert small_window.windowTitle() == "田埂"


def test_the_header_follows_the_role_that_the_county_gives(small_window: MainWindow, qtbot: QtBot) -> None:
    with small_window.workspace.unit_of_work(reason="县里换了岗位") as uow:
        uow.session.execute(update(StaffMember).values(roles="支书,文书"))
        uow.commit()
    small_window.changes.changed.emit(Changes.of("staff"))
    qtbot.waitUntil(lambda: small_window.header.person.text() == "李琼仙 · 支书")


def test_alt_and_a_digit_open_the_sections(small_window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(small_window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert at(small_window) == "notes"
    assert small_window.navigation.section_button("notes").isChecked()
    qtbot.keyClick(small_window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert at(small_window) == "home"


def test_esc_goes_back_with_the_arguments_of_that_time(small_window: MainWindow, qtbot: QtBot) -> None:
    small_window.navigator.open("notes", about="罗铉家")
    small_window.navigator.open("notes", about="普建国家")
    small_window.navigator.open("other")
    qtbot.keyClick(small_window, Qt.Key.Key_Escape)
    assert notes(small_window).opened_with == {"about": "普建国家"}
    qtbot.keyClick(small_window, Qt.Key.Key_Escape)
    assert small_window.frame.subtitle.text() == "罗铉家"
    qtbot.keyClick(small_window, Qt.Key.Key_Escape)
    qtbot.keyClick(small_window, Qt.Key.Key_Escape)
    assert at(small_window) == "home"


def test_a_replaced_page_is_not_come_back_to(small_window: MainWindow) -> None:
    small_window.navigator.open("notes")
    small_window.navigator.replace("other")
    small_window.navigator.back()
    assert at(small_window) == "home"


def test_a_page_that_may_not_be_left_stays(small_window: MainWindow) -> None:
    small_window.navigator.open("notes")
    page = notes(small_window)
    page.may_leave = lambda: False  # type: ignore[method-assign]
    small_window.navigator.open("home")
    small_window.navigator.back()
    assert at(small_window) == "notes"
    page.may_leave = lambda: True  # type: ignore[method-assign]


def test_ctrl_s_reaches_the_page(small_window: MainWindow, qtbot: QtBot) -> None:
    small_window.navigator.open("notes")
    qtbot.keyClick(notes(small_window).line.line, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert notes(small_window).saved == 1


def test_f1_explains_the_page(small_window: MainWindow, qtbot: QtBot) -> None:
    small_window.navigator.open("notes")
    qtbot.keyClick(small_window, Qt.Key.Key_F1)
    dialog = small_window.findChild(HelpDialog)
    assert dialog is not None
    words = [label.text() for label in dialog.findChildren(QWidget) if hasattr(label, "text")]
    assert "这一页只用来试窗口。" in words
    dialog.close()


def test_ctrl_k_finds_a_person_by_keyboard_alone(small_window: MainWindow, qtbot: QtBot) -> None:
    small_window.navigator.open("notes")
    qtbot.keyClick(notes(small_window).line.line, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(small_window.search.hasFocus)
    type_words(small_window.search, "李")
    small_window.search.textEdited.emit("李")
    qtbot.waitUntil(small_window.search.popup.isVisible)
    assert [hit.title for hit in small_window.search.popup.hits] == ["李琼仙", "李正华"]
    qtbot.keyClick(small_window.search, Qt.Key.Key_Down)
    qtbot.keyClick(small_window.search, Qt.Key.Key_Return)
    assert notes(small_window).opened_with == {"about": "李正华"}
    assert small_window.search.text() == ""


def test_a_search_without_hits_says_what_else_to_try(small_window: MainWindow, qtbot: QtBot) -> None:
    small_window.search.setFocus()
    small_window.search.setText("赵")
    small_window.search.textEdited.emit("赵")
    qtbot.waitUntil(small_window.search.popup.isVisible)
    assert small_window.search.popup.hits == []
    qtbot.keyClick(small_window.search, Qt.Key.Key_Escape)
    assert not small_window.search.popup.isVisible()
    assert at(small_window) == "home"


def test_the_status_bar_tells_what_waits_and_leads_there(small_window: MainWindow, qtbot: QtBot) -> None:
    assert small_window.status.saved.text() == "已保存 10:00"
    buttons = [made for made in small_window.status.findChildren(QPushButton) if made.isVisible()]
    assert [made.text() for made in buttons] == ["还有 12 条没送到县里", "● 有 1 条要您拿主意"]
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert at(small_window) == "other"


def test_changes_reload_the_shown_page_once_and_only_if_they_concern_it(small_window: MainWindow, qtbot: QtBot) -> None:
    small_window.navigator.open("notes")
    page = notes(small_window)
    before = page.loads
    small_window.changes.announce(Changes.of("households"))
    small_window.changes.announce(Changes.of("households", "relief"))
    qtbot.waitUntil(lambda: page.loads > before)
    small_window.changes.announce(Changes.of("ledger"))
    qtbot.waitUntil(lambda: not small_window.tasks.busy)
    assert page.loads == before + 1


def test_ctrl_z_undoes_what_the_message_tells(small_window: MainWindow, qtbot: QtBot) -> None:
    undone: list[int] = []
    small_window.navigator.open("other")
    small_window.context.messages.tell("已记下。", undo=lambda: undone.append(1))
    small_window.frame.messages.undo_button.setFocus()
    qtbot.keyClick(small_window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == [1]


def test_bigger_type_makes_frame_and_page_anew_and_keeps_the_place(small_window: MainWindow, qtbot: QtBot) -> None:
    small_window.navigator.open("notes", about="罗铉家")
    old = notes(small_window)
    width = small_window.navigation.width()
    small_window.appearance.set_percent(150)
    assert notes(small_window) is not old
    assert notes(small_window).opened_with == {"about": "罗铉家"}
    assert px(100) == 150
    qtbot.waitUntil(lambda: small_window.navigation.width() == width * 3 // 2)
    small_window.navigator.back()
    assert at(small_window) == "home"


def test_each_page_has_its_own_buttons_beside_the_title(small_window: MainWindow) -> None:
    small_window.navigator.open("notes")
    made = [one for one in small_window.frame.findChildren(QPushButton) if one.text() == "记一笔"]
    assert [one.isVisible() for one in made] == [False, True]
    small_window.navigator.open("home")
    assert [one.isVisible() for one in made] == [True, False]


def test_a_button_above_the_page_is_never_a_window_of_its_own_and_gets_room_when_shown(
    small_window: MainWindow, qtbot: QtBot
) -> None:
    class ButtonPage(NotePage):
        def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
            super().__init__(context, parent)
            self.now = button("现在同步", lambda: None)

        def open(self, **arguments: object) -> None:
            self.now.setVisible(bool(arguments.get("ready")))
            assert not self.now.isWindow()

        def header_buttons(self) -> list[QWidget]:
            return [self.now]

    small_window.registry.add_page("button", ButtonPage)
    small_window.navigator.open("button")
    page = small_window.navigator.page
    assert isinstance(page, ButtonPage)
    assert not page.now.isVisible()
    page.now.show()
    qtbot.waitUntil(lambda: page.now.width() >= page.now.sizeHint().width())
    assert page.now.visibleRegion().boundingRect().width() == page.now.width()
