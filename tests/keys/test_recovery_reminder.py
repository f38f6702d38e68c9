"""The recovery key is offered when the village is made, reminded of gently, and made with one press."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.bootstrap import open_workspace, recover_workspace
from desktop_app.home.screens.home_page import HomePage
from desktop_app.notices.screens.preview_page import PreviewPage
from desktop_app.settings.screens.first_run import FirstRun
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.main_window import MainWindow
from desktop_app.staff.keys import has_recovery_key, make_recovery_key
from desktop_app.staff.recovery_due import list_recovery_due
from desktop_app.staff.recovery_paper import make_recovery_paper, write_recovery_paper
from desktop_app.staff.screens.recovery_page import RecoveryPage
from desktop_app.storage.recovery_key import STANDING
from desktop_app.storage.shelf import rules
from desktop_app.storage.workspace import Workspace
from desktop_app.window.desk import Desk
from tests.keys.conftest import Village
from tests.workspaces import PASSPHRASE, VILLAGE
from village_core.domain.clock import FixedClock

NEW = "新想的一句好记的话"


def due(workspace: Workspace) -> list[str]:
    with workspace.reader() as reader:
        return [item.title for item in list_recovery_due(reader)]


def test_after_some_days_without_one_it_is_reminded_of(village: Village, clock: FixedClock) -> None:
    assert due(village.workspace) == []
    clock.moment += timedelta(days=rules().recovery_key_days - 1)
    assert due(village.workspace) == []
    clock.moment += timedelta(days=1)
    assert due(village.workspace) == ["印一把恢复钥匙，封好交乡镇"]
    clock.moment -= timedelta(days=5 * 365)
    assert due(village.workspace) == ["印一把恢复钥匙，封好交乡镇"], "it was begun with a clock ahead"


def test_one_that_came_onto_paper_ends_the_reminder_and_one_that_was_only_shown_does_not(
    village: Village, clock: FixedClock, tmp_path: Path
) -> None:
    clock.moment += timedelta(days=rules().recovery_key_days)
    paper = make_recovery_paper(village.workspace)
    assert due(village.workspace) == ["恢复钥匙还没有印出来"]
    assert paper.on_kept is not None
    paper.on_kept()
    assert due(village.workspace) == []
    make_recovery_key(village.workspace)
    assert due(village.workspace) != []
    write_recovery_paper(village.workspace, tmp_path / "paper.pdf")
    assert due(village.workspace) == []


def test_one_that_was_used_asks_for_another_at_once(village: Village) -> None:
    key = make_recovery_key(village.workspace)
    recover_workspace(village.workspace.folder, key, passphrase=NEW).close()
    assert due(village.workspace) == ["另做一把恢复钥匙"]


def test_one_made_by_an_older_program_is_believed(village: Village, clock: FixedClock) -> None:
    make_recovery_key(village.workspace)
    village.workspace.set_state(STANDING, "")
    clock.moment += timedelta(days=rules().recovery_key_days)
    assert due(village.workspace) != []
    open_workspace(village.workspace.folder, PASSPHRASE).close()
    assert due(village.workspace) == []


def test_from_the_start_page_one_press_leads_to_it_one_makes_it_and_back_is_the_start_page(
    cheap: None, clock: FixedClock, window: MainWindow, settle: Callable[[], None], tmp_path: Path
) -> None:
    clock.moment += timedelta(days=rules().recovery_key_days)
    window.navigator.open("home")
    settle()
    home = window.navigator.page
    assert isinstance(home, HomePage)
    row = next(row for row in home.due_list.rows if "恢复钥匙" in row.item.title)
    row.button.click()
    settle()
    page = window.navigator.page
    assert isinstance(page, RecoveryPage)
    assert page.make_button.hasFocus()
    assert not page.void.isVisible()
    page.make_button.click()
    settle()
    preview = window.navigator.page
    assert isinstance(preview, PreviewPage)
    assert preview.paper is not None and preview.paper.kind == "recovery_key"
    assert has_recovery_key(window.workspace)
    preview.save_to(tmp_path / "key.pdf")
    settle()
    window.navigator.back()
    settle()
    assert isinstance(window.navigator.page, HomePage)
    assert not any("恢复钥匙" in row.item.title for row in home.due_list.rows)
    window.navigator.open("settings_recovery")
    settle()
    assert page.void.isVisible(), "she is told that the one before becomes void"


@pytest.fixture
def desk(qtbot: QtBot, cheap: None, appearance: Appearance, tmp_path: Path) -> Iterator[Desk]:
    del cheap, appearance
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    made = Desk(app, tmp_path / "new")
    made.start()
    yield made
    if made.window is not None:
        made.window.close()
    made.close()


def test_after_the_first_run_it_is_offered_and_later_leads_to_the_start_page(desk: Desk, qtbot: QtBot) -> None:
    pages = desk.entry
    assert isinstance(pages, FirstRun)
    pages.village.sheet.set_values({"village": VILLAGE, "name": "太平村"})
    pages.person.sheet.set_values({"person": "李琼仙", "passphrase": NEW, "again": NEW})
    for _ in range(3):
        pages.go_on()
    qtbot.waitUntil(lambda: desk.window is not None and not desk.window.tasks.busy, timeout=20_000)
    assert desk.window is not None
    page = desk.window.navigator.page
    assert isinstance(page, RecoveryPage)
    assert page.later.isVisible()
    page.later_button.click()
    assert isinstance(desk.window.navigator.page, HomePage)
