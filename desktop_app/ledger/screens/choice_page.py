"""记一笔: what happened? Plain words in four groups; a few letters and Enter find one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.ledger.templates import EntryTemplate, entry_templates
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.flow_layout import FlowLayout
from desktop_app.widgets.labels import hint
from desktop_app.widgets.look import px


class ChoicePage(Page):
    """Opens the form of the chosen entry in its own place."""

    title = "记一笔"
    subtitle = "这一笔是什么事？"
    help_text = "点一件事，填金额就行，借贷会自动带出来。找不到合适的，就点“自己填借贷”。"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.buttons: dict[str, Button] = {}
        self.search = TextEdit(self, placeholder="打几个字来找，例如：租金、报酬、提现")
        self.note = hint("Enter 打开第一个", self)
        self._cards: list[tuple[Card, list[EntryTemplate]]] = []
        self.search.changed.connect(self._filter)
        self.search.entered.connect(self._open_first)
        self._arrange()

    def header_buttons(self) -> list[QWidget]:
        return [button("自己填借贷", lambda: self.context.navigate.replace("voucher_entry"))]

    def load(self) -> None:
        self.search.set_value("")
        self._filter()

    def take_cursor(self) -> None:
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self) -> None:
        column = ScrollColumn(self)
        grid = QGridLayout()
        grid.setSpacing(px(14))
        groups: dict[str, list[EntryTemplate]] = {}
        for template in entry_templates():
            groups.setdefault(template.group, []).append(template)
        for number, (group, templates) in enumerate(groups.items()):
            card = Card(group)
            box = QWidget(card)
            flow = FlowLayout(box, gap=px(10))
            for template in templates:
                made = button(template.title, self._opener(template.key))
                made.setToolTip(template.hint)
                self.buttons[template.key] = made
                flow.addWidget(made)
            card.body.addWidget(box)
            card.body.addStretch(1)
            grid.addWidget(card, number // 2, number % 2)
            self._cards.append((card, templates))
        for half in range(2):
            grid.setColumnStretch(half, 1)
        column.body.addLayout(grid)
        column.body.addStretch(1)
        top = QHBoxLayout()
        top.addWidget(self.search, 1)
        top.addWidget(self.note, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        layout.addLayout(top)
        layout.addWidget(column, 1)

    def _opener(self, key: str) -> Callable[[], None]:
        return lambda: self.context.navigate.replace("voucher_template", template=key)

    def _fitting(self) -> list[EntryTemplate]:
        words = self.search.value()
        return [one for one in entry_templates() if words in f"{one.title}{one.hint}{one.summary}{one.group}"]

    def _filter(self) -> None:
        fitting = {template.key for template in self._fitting()}
        for key, made in self.buttons.items():
            made.setVisible(key in fitting)
        for card, templates in self._cards:
            card.setVisible(any(template.key in fitting for template in templates))
        self.note.setText("Enter 打开第一个" if fitting else "没有这样的事。可以点右上角的“自己填借贷”。")

    def _open_first(self) -> None:
        fitting = self._fitting()
        if fitting and self.search.value():
            self._opener(fitting[0].key)()
