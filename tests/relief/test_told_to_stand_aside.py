"""回避 is told where the button is, before anything is typed: that he stands aside, why, and who may do it instead."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.relief.screens.step_pages import page_key
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.workspace import Workspace
from tests.domain.relief.builder import CLERK, FACTS, judge, step
from tests.relief.driving import Settle, detail_of, form, open_case_page, press_next
from tests.relief.village import add_household, furnish, start_case, usual_step
from tests.staff.acting import add, sit_down
from village_core.domain.relief.facts import Kin
from village_core.domain.relief.payloads import Recusal
from village_core.domain.relief.steps import LEFT_TO_OTHERS, NAMING_ASIDE_STEPS, StepKind

ASIDE = (Recusal("王建平", "户主的兄弟"),)
BROTHER = "王建平是罗铉的兄弟，要回避"
_SCREENSHOTS = os.environ.get("TIANGENG_SCREENSHOTS")
_MEETINGS = (
    StepKind.PARTY_PROPOSAL,
    StepKind.COMMITTEES_CONSULTATION,
    StepKind.PARTY_MEMBERS_REVIEW,
    StepKind.VILLAGERS_RESOLUTION,
)


@pytest.fixture
def case(workspace: Workspace) -> UUID:
    """罗铉's case. 王建平 (支书), his brother, is at the keyboard; 起学英 (文书) works here, too."""
    furnish(workspace)
    brother = add(workspace, "王建平", "支书", relatives="罗铉 兄弟")
    add(workspace, "起学英", "文书")
    made = start_case(workspace, add_household(workspace))
    sit_down(workspace, brother)
    return made


def up_to_the_township(workspace: Workspace, case: UUID) -> None:
    """Recorded by others; then he sits down again."""
    brother, made_by = workspace.actor, detail_of(workspace, case).records[0].actor_id
    sit_down(workspace, made_by)
    usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="张志强", recused=ASIDE)
    for kind in _MEETINGS:
        usual_step(workspace, case, kind, chair="张志强", reasons={"RECUSAL-1": "没有参加"})
    usual_step(workspace, case, StepKind.RESOLUTION_PUBLISHED)
    workspace.actor = brother


@pytest.mark.parametrize("kind", [kind for kind in StepKind if kind is not StepKind.OBJECTION_CONCLUDED])
def test_what_is_told_beforehand_is_what_the_rules_refuse(kind: StepKind) -> None:
    facts = replace(FACTS, kin=(Kin("王建平", "罗铉的兄弟", person=CLERK),))
    refused = any(one.rule_id == "RECUSAL-1" and one.hard for one in judge(step(kind), facts=facts))
    assert refused is (kind in LEFT_TO_OTHERS | NAMING_ASIDE_STEPS)


def test_the_approval_is_off_for_a_brother_and_the_cursor_is_on_the_reasons(
    window: MainWindow, settle: Settle, workspace: Workspace, case: UUID, qtbot: QtBot
) -> None:
    up_to_the_township(workspace, case)
    page = open_case_page(window, settle, case)
    bar = page.actions_bar
    assert bar.main_button is not None
    assert not bar.main_button.isEnabled()
    assert bar.note.isVisible()
    assert BROTHER in bar.note.text()
    assert "起学英（文书）" in bar.note.text()
    assert bar.main_button.accessibleDescription() == bar.note.text()
    assert QApplication.focusWidget() is bar.reasons_button
    qtbot.keyClick(bar.reasons_button, Qt.Key.Key_Return)
    (box,) = [one for one in page.station.reasons if one.isVisible()]
    assert BROTHER in box.message.text()
    _look(window, settle, "aside-township")


def test_a_form_that_is_opened_all_the_same_says_so_and_cannot_be_saved(
    window: MainWindow, settle: Settle, workspace: Workspace, case: UUID
) -> None:
    up_to_the_township(workspace, case)
    window.navigator.open(page_key(StepKind.TOWNSHIP_REVIEW), case_id=case)
    settle()
    page = form(window)
    assert BROTHER in page.refusal.message.text()
    assert not page.save_button.isEnabled()
    _look(window, settle, "aside-form")


def test_a_review_may_be_written_by_him_who_stands_in_it_as_aside_from_the_start(
    window: MainWindow, settle: Settle, workspace: Workspace, case: UUID
) -> None:
    page = open_case_page(window, settle, case)
    assert BROTHER in page.actions_bar.note.text()
    _look(window, settle, "aside-review")
    review = press_next(window, settle)
    assert BROTHER in review.refusal.message.text()
    assert review.sheet.editor("recusal").value() == "somebody"
    assert review.sheet.editor("recused").value() == "王建平 罗铉的兄弟"
    assert review.save_button.isEnabled()


def test_who_is_nobody_of_them_is_told_nothing(
    window: MainWindow, settle: Settle, workspace: Workspace, case: UUID
) -> None:
    sit_down(workspace, add(workspace, "张志强", "支书"))
    page = open_case_page(window, settle, case)
    assert page.actions_bar.note.isHidden()
    assert detail_of(workspace, case).aside == {}
    review = press_next(window, settle)
    assert review.refusal.isHidden()
    assert review.sheet.editor("recusal").value() is None


def test_where_nobody_else_may_it_is_said_who_could(workspace: Workspace, case: UUID) -> None:
    aside = detail_of(workspace, case).aside
    assert "请由李琼仙（报账员、文书）来办" in aside[StepKind.PAYMENT]


def _look(window: MainWindow, settle: Settle, name: str) -> None:
    """A picture at 1366×768, and one with type at 150 %, for whoever wants to look."""
    if not _SCREENSHOTS:
        return
    window.resize(1366, 768)
    settle()
    window.grab().save(str(Path(_SCREENSHOTS) / f"{name}.png"))
    window.appearance.set_percent(150)
    window.resize(1366, 768)
    settle()
    window.grab().save(str(Path(_SCREENSHOTS) / f"{name}-150.png"))
