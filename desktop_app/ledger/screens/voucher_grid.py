"""The lines of a voucher, written with the keyboard alone: Enter goes on, = fills what is missing to balance."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_app.ledger.entries import typed_lines
from desktop_app.ledger.screens.account_edit import AccountEdit
from desktop_app.widgets.buttons import Button, link_button
from desktop_app.widgets.editor import Editor, LineEditor, TextEdit
from desktop_app.widgets.labels import hint, phrase
from desktop_app.widgets.look import px, set_tone
from desktop_app.widgets.money_edit import MoneyEdit
from village_core.domain.ledger.accounts import Chart
from village_core.domain.ledger.voucher import Posting
from village_core.domain.money import format_yuan

_LEAST_ROWS = 4
_TITLES = ("摘要", "科目（编码或名称）", "借方金额", "贷方金额")
_WIDTHS = (5, 6, 3, 3)


class GridRow:
    """The editors of one line."""

    def __init__(self, parent: QWidget) -> None:
        self.summary = TextEdit(parent, most=200)
        self.account = AccountEdit(parent)
        self.debit = MoneyEdit(parent, capital=False)
        self.credit = MoneyEdit(parent, capital=False)
        self.mistake = hint("", parent)
        self.mistake.setProperty("role", "mistake")
        self.mistake.hide()

    @property
    def editors(self) -> tuple[LineEditor, ...]:
        return (self.summary, self.account, self.debit, self.credit)

    def is_empty(self) -> bool:
        """Nothing but perhaps a summary that was copied down."""
        return all(editor.is_empty() for editor in self.editors[1:])

    def posting(self) -> Posting:
        return Posting(self.account.value(), self.summary.value(), self.debit.value() or 0, self.credit.value() or 0)

    def problem(self) -> str:
        """What is wrong with the line as typed."""
        if self.is_empty():
            return ""
        problems = [editor.problem() for editor in self.editors]
        if self.account.is_empty():
            problems.append("这一行还没有科目。")
        if self.debit.is_empty() and self.credit.is_empty():
            problems.append("这一行还没有金额。")
        return next((problem for problem in problems if problem), "")

    def show_mistake(self, message: str) -> None:
        self.mistake.setText(f"✕ {message}" if message else "")
        self.mistake.setVisible(bool(message))
        for editor in self.editors:
            editor.set_mistake(bool(message) and (bool(editor.problem()) or editor is self.account))


class VoucherGrid(Editor):
    """An editor whose value are the postings. Rows that are empty do not count."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[GridRow] = []
        self._chart: Chart | None = None
        self.totals = phrase("", self)
        self.add_button: Button = link_button("＋ 加一行", self._on_add)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(8))
        self._grid.setVerticalSpacing(px(6))
        for column, (title, width) in enumerate(zip(_TITLES, _WIDTHS, strict=True)):
            label = QLabel(title, self)
            if column >= 2:
                label.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(label, 0, column)
            self._grid.setColumnStretch(column, width)
        foot = QHBoxLayout()
        foot.addWidget(self.add_button)
        foot.addStretch(1)
        foot.addWidget(self.totals)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(8))
        layout.addLayout(self._grid)
        layout.addLayout(foot)
        self.set_value(())

    def set_chart(self, chart: Chart) -> None:
        """The accounts that can be typed."""
        self._chart = chart
        for row in self.rows:
            row.account.set_chart(chart)

    def value(self) -> tuple[Posting, ...]:
        return tuple(row.posting() for row in self.rows if not row.is_empty())

    def set_value(self, value: Any) -> None:
        self._fill_rows(
            [
                (
                    posting.summary,
                    posting.account,
                    format_yuan(posting.debit_fen) if posting.debit_fen else "",
                    format_yuan(posting.credit_fen) if posting.credit_fen else "",
                )
                for posting in value or ()
            ]
        )

    def typed(self) -> str:
        rows = [[editor.typed() for editor in row.editors] for row in self.rows if not row.is_empty()]
        return json.dumps(rows, ensure_ascii=False) if rows else ""

    def set_typed(self, text: str) -> None:
        self._fill_rows(typed_lines(text))

    def problem(self) -> str:
        for row in self.rows:
            row.show_mistake(row.problem())
        return "请先改好上面标红的行。" if any(row.problem() for row in self.rows) else ""

    def input_widget(self) -> QWidget:
        return self.rows[0].summary.input_widget()

    def set_mistake(self, wrong: bool) -> None:
        """The lines bear their own marks."""

    def mark_line(self, number: int, message: str) -> None:
        """Show what is wrong with the n-th line that counts, from 1."""
        counted = [row for row in self.rows if not row.is_empty()]
        if 1 <= number <= len(counted):
            counted[number - 1].show_mistake(message)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and isinstance(watched, QLineEdit):
            place = self._place_of(watched)
            if place is not None and self._takes_key(event, *place):
                return True
        return super().eventFilter(watched, event)

    def _takes_key(self, event: QKeyEvent, line: int, column: int) -> bool:
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.text() in ("=", "＝") and column >= 2:
            self._balance_here(line, column)
        elif key == Qt.Key.Key_Delete and control:
            self._remove(line)
        elif key == Qt.Key.Key_Down and line + 1 < len(self.rows) and column != 1:
            self._go(line + 1, column)
        elif key == Qt.Key.Key_Up and line > 0 and column != 1:
            self._go(line - 1, column)
        else:
            return False
        return True

    def _balance_here(self, line: int, column: int) -> None:
        """= in an amount: what this side lacks so that the voucher balances."""
        row = self.rows[line]
        debit = sum(other.debit.value() or 0 for other in self.rows if other is not row)
        credit = sum(other.credit.value() or 0 for other in self.rows if other is not row)
        lacking = credit - debit if column == 2 else debit - credit
        if lacking > 0:
            (row.credit if column == 2 else row.debit).set_value(None)
            (row.debit if column == 2 else row.credit).set_value(lacking)
            self._on_edited()

    def _on_entered(self, row: GridRow, editor: LineEditor) -> None:
        line = self.rows.index(row)
        column = row.editors.index(editor)
        if column == 1:
            row.show_mistake(row.account.problem())
        if column == 0 and line > 0 and row.is_empty() and self._balanced():
            self.entered.emit()
        elif column == 3 or (column == 2 and not row.debit.is_empty()):
            self._next_line(line)
        else:
            self._go(line, column + 1)

    def _next_line(self, line: int) -> None:
        if line + 1 == len(self.rows):
            self._add_row()
        following = self.rows[line + 1]
        if following.summary.is_empty():
            following.summary.set_value(self.rows[line].summary.value())
        self._go(line + 1, 0)

    def _balanced(self) -> bool:
        postings = self.value()
        debit = sum(posting.debit_fen for posting in postings)
        return debit > 0 and debit == sum(posting.credit_fen for posting in postings)

    def _go(self, line: int, column: int) -> None:
        editor = self.rows[line].editors[column]
        editor.line.setFocus(Qt.FocusReason.TabFocusReason)
        editor.line.selectAll()

    def _on_add(self) -> None:
        self._add_row()
        self._go(len(self.rows) - 1, 0)

    def _on_edited(self) -> None:
        self._show_totals()
        self.changed.emit()

    def _show_totals(self) -> None:
        postings = self.value()
        debit = sum(posting.debit_fen for posting in postings)
        credit = sum(posting.credit_fen for posting in postings)
        words = f"借方合计 {format_yuan(debit)}　贷方合计 {format_yuan(credit)}　"
        if debit == credit:
            words += "✓ 借贷相等" if debit else ""
        else:
            more, less = ("借方", "贷方") if debit > credit else ("贷方", "借方")
            words += f"{more}比{less}多 {format_yuan(abs(debit - credit))}"
        self.totals.setText(words.strip())
        set_tone(self.totals, "good" if debit == credit and debit else "second" if debit == credit else "soon")

    def _fill_rows(self, texts: Sequence[tuple[str, ...]]) -> None:
        while len(self.rows) > max(len(texts), _LEAST_ROWS):
            self._drop_row(self.rows[-1])
        while len(self.rows) < max(len(texts) + 1, _LEAST_ROWS):
            self._add_row()
        for number, row in enumerate(self.rows):
            row.show_mistake("")
            cells = texts[number] if number < len(texts) else ("", "", "", "")
            for editor, text in zip(row.editors, cells, strict=True):
                editor.set_typed(text)
            if row.account.value():
                row.account.set_value(row.account.value())
        self.setFocusProxy(self.rows[0].summary.line)
        self._show_totals()

    def _add_row(self) -> None:
        row = GridRow(self)
        if self._chart is not None:
            row.account.set_chart(self._chart)
        place = 2 * len(self.rows) + 1
        for column, editor in enumerate(row.editors):
            self._grid.addWidget(editor, place, column)
            editor.line.installEventFilter(self)
            editor.changed.connect(self._edited_in(row))
            editor.entered.connect(self._entered_in(row, editor))
        self._grid.addWidget(row.mistake, place + 1, 0, 1, 4)
        self.rows.append(row)

    def _edited_in(self, row: GridRow) -> Callable[[], None]:
        def edited() -> None:
            row.show_mistake("")
            self._on_edited()

        return edited

    def _entered_in(self, row: GridRow, editor: LineEditor) -> Callable[[], None]:
        return lambda: self._on_entered(row, editor)

    def _remove(self, line: int) -> None:
        """Ctrl+Delete: the lines below move up."""
        texts = [tuple(editor.typed() for editor in row.editors) for row in self.rows if row is not self.rows[line]]
        while texts and not any(texts[-1][1:]):
            texts.pop()
        self._fill_rows(texts)
        self._go(min(line, len(self.rows) - 1), 0)
        self.changed.emit()

    def _drop_row(self, row: GridRow) -> None:
        self.rows.remove(row)
        for widget in (*row.editors, row.mistake):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()

    def _place_of(self, widget: QLineEdit) -> tuple[int, int] | None:
        for line, row in enumerate(self.rows):
            for column, editor in enumerate(row.editors):
                if editor.line is widget:
                    return line, column
        return None
