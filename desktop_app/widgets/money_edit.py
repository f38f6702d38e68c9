"""元 with two decimals on the screen, whole 分 as value, 大写 under it while one types."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from desktop_app.widgets.editor import LineEditor
from village_core.domain.errors import UserError
from village_core.domain.money import capital_yuan, format_yuan, parse_yuan


class MoneyEdit(LineEditor):
    """An amount. Empty is None, never 0."""

    def __init__(self, parent: QWidget | None = None, *, capital: bool = True, negative: bool = False) -> None:
        super().__init__(parent, placeholder="0.00")
        self._negative = negative
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.capital = QLabel(self)
        self.capital.setProperty("role", "capital")
        self.capital.setVisible(capital)
        self.capital.setWordWrap(True)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self.capital)
        self.line.textChanged.connect(lambda _: self._show_capital())
        self.line.editingFinished.connect(self._tidy)

    def value(self) -> int | None:
        if self.is_empty():
            return None
        try:
            fen = parse_yuan(self.line.text())
        except UserError:
            return None
        return None if fen < 0 and not self._negative else fen

    def set_value(self, value: int | None) -> None:
        self.line.setText("" if value is None else format_yuan(value))

    def problem(self) -> str:
        if self.is_empty():
            return ""
        try:
            fen = parse_yuan(self.line.text())
        except UserError as error:
            return f"{error.what}{error.next_step}"
        return "" if fen >= 0 or self._negative else "这里的金额不能是负数。"

    def _show_capital(self) -> None:
        value = self.value()
        self.capital.setText("" if value is None else capital_yuan(value))

    def _tidy(self) -> None:
        value = self.value()
        if value is not None:
            self.line.setText(format_yuan(value))
