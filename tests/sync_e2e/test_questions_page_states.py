"""Each kind of question on the page 要您拿主意: what it says, what can be answered, and (with TIANGENG_SHOTS) how it
looks."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.shell.appearance import Appearance
from desktop_app.sync.screens.questions_page import QuestionsPage
from desktop_app.window import build_window
from tests.counties import County
from tests.laptops import LaptopMaker
from tests.sync_e2e import questions_made as made
from tests.sync_e2e.test_sync_page import Desk

_SIZES = ((1366, 768, 100), (1366, 768, 150), (1024, 600, 100))


@dataclass(frozen=True)
class State:
    """What stands on the page, and the words of the answers by their keys."""

    make: made.Maker
    says: tuple[str, ...]
    answers: tuple[str, ...] = ()
    chip: str = "open"
    title: str = ""
    """A part of its line in the list; '' where there is only one."""


_LEFT, _RIGHT, _NEITHER, _SEEN = "1　用左边", "2　用右边", "3　都不对", "1　知道了"

STATES = {
    "nothing": State(made.nothing, ("没有要定的",)),
    "accounts": State(
        made.accounts_differ,
        ("1 件要定", "户“罗铉”的银行账号，两台电脑改得不一样", "**** **** 0002", "王建平　今天", "**** **** 0001"),
        (_LEFT, _RIGHT, _NEITHER),
    ),
    "sending": State(
        made.decision_on_its_way,
        ("没有要定的，1 件等送", "已决定：都不对，改成 **** **** 0003。等送到县里。", "送到以前可以改主意"),
        (_LEFT, _RIGHT, _NEITHER),
    ),
    "decided": State(
        made.decided, ("没有要定的", "定了：都不对，改成 **** **** 0003。", "左边：原来用的"), chip="decided"
    ),
    "joined": State(
        made.account_of_a_joined_household,
        ("2 件要定", "它已经并到户“李琼仙”，左边是那里现在用的。", "**** **** 0005", "**** **** 0001"),
        (_LEFT, _RIGHT, _NEITHER),
        title="银行账号",
    ),
    "two-heads": State(
        made.one_number_two_heads,
        ("登记了两次，户主姓名不一样", "左边：先登记的", "右边：后登记的", "王建平　今天"),
        (_LEFT, _RIGHT, "3　不是同一户"),
    ),
    "decided-twice": State(
        made.decided_twice,
        ("两个人拿的主意不一样，先到县里的已经照办", "两边都不用（不是同一条）", "用右边，照右边的办"),
        (_LEFT, _RIGHT),
    ),
    "closed": State(
        made.person_into_a_closed_household,
        ("已经销户，另一台电脑上不知道，又登记了人“罗小妹”", "2026-11-20", "没有，还在"),
        (_LEFT, _RIGHT, _NEITHER),
    ),
    "deleted": State(
        made.edit_of_a_deleted_draft, ("这一条在另一台电脑上已经删掉，后来的修改先放着", "改过的"), (_SEEN,)
    ),
    "second-grant": State(
        made.second_grant_paid,
        ("这一户一年内已有一笔救助", "这笔钱已经付出去了（记字第 2 号）", "左边：已经生效的"),
        (_LEFT, _RIGHT),
        title="一年里第二笔",
    ),
    "its-voucher": State(
        made.second_grant_paid,
        ("改编为 记-2 号", "纸上的号", "要冲销请到王建平的电脑（2 号）上去做"),
        ("1　留着这张", "2　冲销这张"),
        title="编号重了",
    ),
    "over-pool": State(
        made.grant_over_the_pool,
        ("超过限额", "再加这一户 4,000.00 元就超了 2,000.00 元", "选“用右边”一定要写：为什么可以破例。"),
        (_LEFT, _RIGHT),
    ),
    "refused": State(made.step_on_a_refused_case, ("办结以后又办", "这一条不能生效"), (_SEEN,)),
    "no-right": State(
        made.voucher_without_the_right,
        ("记这张凭证的电脑没有记账权", "钱如果已经付出去", "选“用右边”一定要写：为什么可以破例。"),
        (_LEFT, _RIGHT),
    ),
    "number-taken": State(
        made.number_taken, ("改编为 记-2 号", "王建平　今天", "冲销不能撤回"), ("1　留着这张", "2　冲销这张")
    ),
    "locked-month": State(
        made.voucher_for_a_locked_month,
        ("2026年3月已经锁账", "记在2026年4月", "这台电脑没有记账权，要冲销请先请县里把记账权借给一台电脑。"),
        ("1　留着这张", "2　冲销这张"),
    ),
}


def shoot(desk: Desk, appearance: Appearance, name: str, *, chip: str) -> None:
    if not (folder := os.environ.get("TIANGENG_SHOTS")):
        return
    for width, height, percent in _SIZES:
        appearance.set_percent(percent)
        desk.window.resize(width, height)
        desk.settle()
        page = desk.window.navigator.page
        assert isinstance(page, QuestionsPage)
        page.chips.chip(chip).click()
        desk.settle()
        QApplication.processEvents()
        desk.window.grab().save(f"{folder}/question-{name}-{width}-{percent}.png")
    appearance.set_percent(100)


@pytest.mark.parametrize("name", STATES)
def test_a_question_says_what_it_is_about_and_what_can_be_answered(
    name: str, small_county: County, make_laptop: LaptopMaker, qtbot: QtBot, appearance: Appearance
) -> None:
    state = STATES[name]
    window = build_window(state.make(small_county, make_laptop).workspace, appearance=appearance)
    window.resize(1366, 768)
    window.show()
    window.start()
    desk = Desk(window, qtbot)
    desk.settle()
    page = desk.open("questions")
    assert isinstance(page, QuestionsPage)
    page.chips.chip(state.chip).click()
    desk.settle()
    about = [one for one in page.table.rows if state.title in one.title]
    desk.window.navigator.open("questions", question_id=about[0].id if about else None)
    desk.settle()
    words = desk.words()
    answers = tuple(one.text() for one in page.case.buttons)
    assert [one for one in state.says if one not in words] == []
    assert answers == state.answers
    shoot(desk, appearance, name, chip=state.chip)
    window.close()
    window.deleteLater()
