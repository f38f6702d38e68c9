"""A screen of 1024×600: nothing of a page is out of reach, the bottom line gives way and comes back where there is
room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from desktop_app.background.tasks import TaskRunner
from desktop_app.settings.screens.first_run import FirstRun, FirstRunDeeds
from desktop_app.settings.screens.login import Login, LoginDeeds
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.help_dialog import HelpDialog
from desktop_app.shell.lock import WindowLock
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.status import StatusItem
from desktop_app.shell.status_phrases import StatusLink, StatusPhrase
from desktop_app.storage.workspace import Workspace
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.shell.sight import list_cut_off
from tests.stories.test_no_page_shows_a_full_number import NEEDS_MORE, places
from village_core.domain.errors import ProblemOutsideError
from village_core.domain.relief.steps import StepKind
from village_core.records.households import Person

Settle = Callable[[], None]
SCREEN = (1024, 600)
BARS = 70
"""The window's title and the system's bar of tasks take so much of it."""
TIGHT = ["household_import", "voucher_import", "case", "case_first_review"]
"""What large type needs most room for."""

LONG = [
    StatusItem("还有 1,250 条没送到县里，U盘上写了 3 份还没有回执", page="settings", order=1),
    StatusItem("有 12 条要您拿主意，最早的是 11 月 3 日的", tone="soon", page="settings", order=2),
    StatusItem("第二份备份 9 天没做了，请插上U盘", tone="bad", page="settings", order=3),
    StatusItem("上次与县里核对一致：2026 年 11 月 20 日 16:20", tone="good", right=True),
]


def require_sight(qtbot: QtBot, window: QWidget, what: str) -> None:
    """At once, or as soon as nested layouts have found their sizes."""
    try:
        qtbot.waitUntil(lambda: not list_cut_off(window), timeout=10_000)
    except qtbot.TimeoutError:
        raise AssertionError(f"{what}: {list_cut_off(window)}") from None


def about_everything(workspace: Workspace) -> dict[str, Any]:
    """A case with a payment, its household and a person, by the names that pages ask for."""
    furnish(workspace)
    household = add_household(workspace)
    case_id: UUID = start_case(workspace, household)
    walk(workspace, case_id, until=StepKind.PAYMENT)
    usual_step(workspace, case_id, StepKind.PAYMENT)
    with workspace.reader() as reader:
        person = reader.session.scalars(select(Person.id)).first()
    assert person is not None
    return places(workspace, case_id, household, person)


def test_every_page_has_all_its_buttons_and_sentences_in_sight(
    window: MainWindow, settle: Settle, appearance: Appearance, qtbot: QtBot
) -> None:
    whose = about_everything(window.workspace)
    case, voucher = whose["case_id"], whose["voucher_id"]

    def look_at(key: str, size: tuple[int, int], **arguments: object) -> None:
        window.navigator.open(key, **(arguments or whose))
        settle()
        window.status.show_items(LONG)
        require_sight(qtbot, window, key)
        assert window.trouble is None, key
        assert (window.width(), window.height()) == size, key

    size = SCREEN[0], SCREEN[1] - BARS
    window.resize(*size)
    for key in sorted(set(window.registry.makers) - NEEDS_MORE - {"preview"}):
        look_at(key, size)
    look_at("preview", size, kind="voucher", voucher_id=voucher)
    appearance.set_percent(125)
    settle()
    window.resize(*SCREEN)
    for key in [section.key for section in window.registry.sections] + TIGHT:
        look_at(key, SCREEN)
    look_at("preview", SCREEN, kind="archive", case_id=case)


def test_what_stands_before_and_above_the_pages_is_in_sight_too(
    window: MainWindow, settle: Settle, qtbot: QtBot
) -> None:
    window.resize(SCREEN[0], SCREEN[1] - BARS)
    window.show_help()
    dialog = window.findChild(HelpDialog)
    assert dialog is not None
    require_sight(qtbot, dialog, "help")
    assert dialog.height() <= SCREEN[1] - BARS
    dialog.accept()
    window.fail(RuntimeError("a defect"))
    assert window.trouble is not None
    require_sight(qtbot, window.trouble, "a defect")
    assert window.trouble.height() <= SCREEN[1] - BARS
    window.trouble.accept()
    lock = WindowLock(window)
    lock.lock(why="县里停用了这台电脑。")
    require_sight(qtbot, window, "cover")
    assert lock.cover is not None
    lock.cover.show_own()
    require_sight(qtbot, window, "own passphrase")
    lock.open()
    lock.stop(ProblemOutsideError("县里停用了这台电脑。", safe="资料都在。", next_step="请给县里打电话。"))
    require_sight(qtbot, window, "stopped")
    lock.open()


def test_login_and_first_run_are_in_sight_too(qtbot: QtBot, appearance: Appearance) -> None:
    def never(*_: object) -> Any:
        raise AssertionError("nothing is pressed")

    tasks = TaskRunner()
    login = Login(LoginDeeds(open=never, change=never, recover=never, enrol=never, wait=lambda: 0.0), tasks)
    first = FirstRun(FirstRunDeeds(create=never, restore=never), tasks)
    for entry, go in ((login, login.go), (first, first._go)):
        qtbot.addWidget(entry)
        entry.show()
        for card in range(4):
            go(card)
            entry.resize(min(entry.width(), SCREEN[0]), min(entry.height(), SCREEN[1] - BARS))
            require_sight(qtbot, entry, f"{type(entry).__name__} {card}")
            assert entry.height() <= SCREEN[1] - BARS
        entry.close()
    tasks.shutdown()


def test_a_phrase_without_room_is_cut_and_its_tooltip_has_the_whole(
    window: MainWindow, settle: Callable[[], None]
) -> None:
    window.status.show_items(LONG)
    window.resize(1024, 600)
    settle()
    made: list[StatusLink | StatusPhrase] = [*window.status.findChildren(StatusLink)]
    made += window.status.findChildren(StatusPhrase)
    shown = [one for one in made if not one.isHidden()]
    assert len(shown) == len(LONG)
    cut = [one for one in shown if one.text().endswith("…")]
    assert cut
    assert {one.toolTip().lstrip("●✕✓ ") for one in cut} <= {item.text for item in LONG}
    window.resize(1900, 600)
    settle()
    assert not [one for one in shown if one.text().endswith("…") or one.toolTip()]
