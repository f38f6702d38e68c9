"""One line an account with a debit and a credit field: the sheet on which opening balances are copied."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.ledger.entries import typed_balances
from desktop_app.ledger.screens.account_edit import account_words
from desktop_app.widgets.editor import Editor
from desktop_app.widgets.labels import phrase
from desktop_app.widgets.look import px, set_tone
from desktop_app.widgets.money_edit import MoneyEdit
from village_core.domain.ledger.accounts import Chart, Side
from village_core.domain.money import format_yuan

_TITLES = ("科目", "借方余额（元）", "贷方余额（元）")


class BalanceGrid(Editor):
    """The value is account → signed 分, without the accounts that are empty.

    `totals` is a line of words that the page puts where it is always seen.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: dict[str, dict[Side, MoneyEdit]] = {}
        self.totals = phrase("", self)
        self._place = QVBoxLayout(self)
        self._place.setContentsMargins(0, 0, 0, 0)
        self._place.setSpacing(px(8))
        self._sheet = QWidget(self)
        self._place.addWidget(self._sheet)

    def set_accounts(self, chart: Chart) -> None:
        """One line for each account that takes postings; what was typed stays."""
        typed = self.typed()
        sheet = QWidget(self)
        grid = QGridLayout(sheet)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(10))
        grid.setVerticalSpacing(px(4))
        for column, title in enumerate(_TITLES):
            label = QLabel(title, sheet)
            label.setAlignment(Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(label, 0, column)
            grid.setColumnStretch(column, 2 if column else 3)
        self.lines = {}
        for row, account in enumerate(chart.leaves(), start=1):
            grid.addWidget(phrase(account_words(chart, account), sheet), row, 0)
            editors = {side: MoneyEdit(sheet, capital=False) for side in Side}
            for column, side in enumerate(Side, start=1):
                editor = editors[side]
                editor.line.setAccessibleName(f"{account.name} {side.word}方余额")
                editor.changed.connect(self._on_edited)
                editor.entered.connect(lambda code=account.code: self._go_on(code))
                grid.addWidget(editor, row, column)
            self.lines[account.code] = editors
        self._place.replaceWidget(self._sheet, sheet)
        self._sheet.hide()
        self._sheet.deleteLater()
        self._sheet = sheet
        self.setFocusProxy(self.input_widget())
        self.set_typed(typed)

    def value(self) -> dict[str, int]:
        balances = {
            code: (editors[Side.DEBIT].value() or 0) - (editors[Side.CREDIT].value() or 0)
            for code, editors in self.lines.items()
        }
        return {code: fen for code, fen in balances.items() if fen}

    def set_value(self, value: Any) -> None:
        balances: dict[str, int] = value or {}
        for code, editors in self.lines.items():
            fen = balances.get(code, 0)
            editors[Side.DEBIT].set_value(fen if fen > 0 else None)
            editors[Side.CREDIT].set_value(-fen if fen < 0 else None)
        self._show_totals()

    def typed(self) -> str:
        texts = {
            code: [editor.typed() for editor in editors.values()]
            for code, editors in self.lines.items()
            if not all(editor.is_empty() for editor in editors.values())
        }
        return json.dumps(texts, ensure_ascii=False) if texts else ""

    def set_typed(self, text: str) -> None:
        texts = typed_balances(text)
        for code, editors in self.lines.items():
            for editor, one in zip(editors.values(), texts.get(code, ("", "")), strict=True):
                editor.set_typed(one)
        self._show_totals()

    def problem(self) -> str:
        first = ""
        for editors in self.lines.values():
            problem = next((found for editor in editors.values() if (found := editor.problem())), "")
            if not problem and not any(editor.is_empty() for editor in editors.values()):
                problem = "一个科目只能填一边。"
            for editor in editors.values():
                editor.set_mistake(bool(problem))
            first = first or problem
        return first

    def input_widget(self) -> QWidget:
        first = next(iter(self.lines.values()), None)
        return first[Side.DEBIT].input_widget() if first else self._sheet

    def set_mistake(self, wrong: bool) -> None:
        """The lines bear their own marks."""

    def _go_on(self, code: str) -> None:
        """Enter: the same side of the next account."""
        codes = list(self.lines)
        side = Side.CREDIT if self.lines[code][Side.CREDIT].line.hasFocus() else Side.DEBIT
        place = codes.index(code) + 1
        if place < len(codes):
            self.lines[codes[place]][side].line.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.entered.emit()

    def _on_edited(self) -> None:
        self._show_totals()
        self.changed.emit()

    def _show_totals(self) -> None:
        balances = self.value().values()
        debit = sum(fen for fen in balances if fen > 0)
        credit = -sum(fen for fen in balances if fen < 0)
        words = f"借方合计 {format_yuan(debit)}　贷方合计 {format_yuan(credit)}"
        if debit != credit:
            words += f"　还差 {format_yuan(abs(debit - credit))}"
        elif debit:
            words += "　✓ 两边相等"
        self.totals.setText(words)
        set_tone(self.totals, "good" if debit == credit and debit else "second" if debit == credit else "soon")
