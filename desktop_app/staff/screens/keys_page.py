"""使用这台电脑的人: who opens it, the own passphrase and PIN, the idle lock, the recovery key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.shell.context import PageContext
from desktop_app.shell.lock import IDLE_MINUTES, USUAL_MINUTES
from desktop_app.shell.page import Page
from desktop_app.staff import keys
from desktop_app.staff.pins import take_pin_away
from desktop_app.staff.screens.one_time_dialog import OneTimeDialog
from desktop_app.storage.changes import Changes
from desktop_app.storage.recovery_key import KEPT, SHOWN, STANDING, USED
from desktop_app.widgets.buttons import Button, button, link_button
from desktop_app.widgets.card import Card, ScrollColumn, side_by_side
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.question import ask

_MINUTES = (1, 3, 5, 10, 20, 30, 60)
_RECOVERY_WORDS = {
    "": "还没有做。大家都忘了口令时，只有它能打开。",
    KEPT: "已经做过一把。请确认它封存在乡镇；找不到了，就另做一把。",
    SHOWN: "做过一把，没有打印，也没有存下来，等于没有。请另做一把。",
    USED: "原来那一把拆开用过了。请另做一把，重新封存。",
}
_CHANGED = Changes.of("settings")


@dataclass(frozen=True)
class _Facts:
    people: list[keys.KeyPerson]
    recovery: str
    """How it stands with the recovery key; '' where there is none."""
    minutes: int


class KeysPage(Page):
    """Four cards."""

    title = "使用这台电脑的人"
    topics = frozenset({"settings"})
    help_text = (
        "每个人用自己的口令打开，做的事就记在他名下。换人用按 Ctrl+Shift+L，离开一会儿按 Ctrl+L。"
        "忘了口令，由管人员的同事给一个一次性口令。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.people = QVBoxLayout()
        self.own = paragraph("")
        self.pin_button: Button = button("设数字密码", lambda: context.navigate.open("settings_pin"))
        self.no_pin_button: Button = link_button("不用数字密码了", self._take_pin_away)
        self.minutes = FilterChips([Chip(str(one), f"{one} 分钟") for one in _MINUTES])
        self.recovery = paragraph("")
        self.recovery_button: Button = button("做一把恢复钥匙", lambda: context.navigate.open("settings_recovery"))
        self.minutes.chosen.connect(self._set_minutes)
        self._build()

    def load(self) -> None:
        workspace = self.context.workspace

        def read(_: TaskContext) -> _Facts:
            kept = workspace.state(IDLE_MINUTES) or ""
            recovery = (workspace.state(STANDING) or KEPT) if keys.has_recovery_key(workspace) else ""
            minutes = int(kept) if kept.isdigit() else USUAL_MINUTES
            return _Facts(keys.list_key_people(workspace), recovery, minutes)

        self.context.tasks.run(read, lane=Lane.DB, owner=self, on_done=self._show)

    def ask_to_reset(self, one: keys.KeyPerson) -> None:
        """The old passphrase opens nothing any more."""
        ask(
            self,
            f"给{one.person.name}一个一次性口令？",
            detail="原来的口令从此打不开。一次性口令只显示这一次，请当面交给本人；本人第一次打开时要换成自己的。",
            safe="先不给",
            act="给一次性口令",
            on_act=lambda: self._run(
                lambda workspace: keys.make_one_time_passphrase(workspace, one.person.id),
                lambda words: self._show_one_time(one.person.name, words),
            ),
        )

    def ask_to_remove(self, one: keys.KeyPerson) -> None:
        """Only from this laptop: the name stays on what was done."""
        ask(
            self,
            f"不让{one.person.name}再打开这台电脑？",
            detail="他的口令从此打不开这里的资料。他做过的事都还在，名字也还在。以后可以再加。",
            safe="先留着",
            act="不让他再打开",
            on_act=lambda: self._run(lambda workspace: keys.remove_person(workspace, one.person.id)),
        )

    def _run(self, deed: Callable[[Any], Any], done: Callable[[Any], None] | None = None) -> None:
        workspace = self.context.workspace

        def after(outcome: Any) -> None:
            self.context.changes.announce(_CHANGED)
            if done is not None:
                done(outcome)

        self.context.tasks.run(
            lambda _: deed(workspace), lane=Lane.IO, owner=self, on_done=after, on_error=self.context.messages.fail
        )

    def _show_one_time(self, name: str, words: str) -> None:
        self.dialog = OneTimeDialog(name, words, self.window())
        self.dialog.open()

    def _take_pin_away(self) -> None:
        self._run(take_pin_away)

    def _set_minutes(self, minutes: str) -> None:
        self._run(lambda workspace: workspace.set_state(IDLE_MINUTES, minutes))

    def _show(self, facts: _Facts) -> None:
        while (old := self.people.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for one in facts.people:
            self.people.addWidget(self._line(one))
        me = next((one for one in facts.people if one.person.id == self.context.workspace.actor.person_id), None)
        has_pin = me is not None and me.has_pin
        self.own.setText(
            "设了数字密码：锁上以后、换人的时候用它就行。"
            if has_pin
            else "可以设一个数字密码，锁上以后不用填整句口令。"
        )
        self.pin_button.setText("换一个数字密码" if has_pin else "设数字密码")
        self.no_pin_button.setVisible(has_pin)
        self.minutes.choose(str(facts.minutes))
        self.recovery.setText(_RECOVERY_WORDS.get(facts.recovery, _RECOVERY_WORDS[KEPT]))
        self.recovery_button.setText("另做一把（旧的作废）" if facts.recovery else "做一把恢复钥匙")

    def _line(self, one: keys.KeyPerson) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(12))
        me = one.person.id == self.context.workspace.actor.person_id
        state = "" if one.slot else "　没有口令，不用这台电脑"
        row.addWidget(paragraph(f"{one.words}{state}{'　（现在是您）' if me else ''}", line), 1)
        for words, deed in self._deeds(one, me=me):
            row.addWidget(link_button(words, deed), 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _deeds(self, one: keys.KeyPerson, *, me: bool) -> list[tuple[str, Callable[[], None]]]:
        to = self.context.navigate.open
        if me:
            return [("换口令", lambda: to("settings_passphrase"))]
        reset = ("给一次性口令", lambda: self.ask_to_reset(one))
        if one.slot:
            return [reset, ("不让再打开", lambda: self.ask_to_remove(one))]
        typed = ("请本人来填口令", lambda: to("settings_key_person", person_id=one.person.id, name=one.person.name))
        return [typed, reset]

    def _build(self) -> None:
        page = ScrollColumn()
        left, right = QVBoxLayout(), QVBoxLayout()
        people = Card("谁能打开这台电脑")
        self.people.setSpacing(px(8))
        people.body.addLayout(self.people)
        people.body.addWidget(hint("名单在“设置 → 人员”里。记成离任的、没有岗位的，有口令也打不开。"))
        own = Card("我自己")
        own.body.addWidget(self.own)
        for made in (self.pin_button, self.no_pin_button):
            own.body.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
        idle = Card("没人碰就锁上")
        idle.body.addWidget(paragraph("锁上以后，填了一半的都在；同步、打印、备份照常。"))
        idle.body.addWidget(self.minutes)
        recovery = Card("恢复钥匙")
        recovery.body.addWidget(self.recovery)
        recovery.body.addWidget(self.recovery_button, 0, Qt.AlignmentFlag.AlignLeft)
        recovery.body.addWidget(hint("印在一张 A5 纸上，封好交乡镇保管。电脑里不留底。"))
        left.addWidget(people)
        left.addWidget(recovery)
        right.addWidget(own)
        right.addWidget(idle)
        page.body.addLayout(side_by_side(left, right, shares=(3, 2)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(page)
