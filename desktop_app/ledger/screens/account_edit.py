"""An account typed by code or by name: `10201`, `基本`, `发包`. The value is its code."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QWidget

from desktop_app.widgets.editor import LineEditor
from village_core.domain.errors import RefusedError
from village_core.domain.ledger.accounts import Account, Chart, display_code, parse_account_code


def account_words(chart: Chart, account: Account) -> str:
    """`102-01 银行存款—基本户`."""
    return f"{display_code(account.code)} {chart.full_name(account.code)}"


class AccountEdit(LineEditor):
    """One line with a list of what fits. Only accounts that take postings can be chosen."""

    def __init__(self, parent: QWidget | None = None, *, placeholder: str = "编码或名称") -> None:
        super().__init__(parent, placeholder=placeholder)
        self._chart: Chart | None = None
        self._codes: dict[str, str] = {}
        self._list = QStringListModel(self)
        completer = QCompleter(self._list, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(10)
        completer.activated.connect(lambda _: self.changed.emit())
        self.line.setCompleter(completer)
        self.line.editingFinished.connect(self._tidy)

    def set_chart(self, chart: Chart, accounts: Sequence[Account] | None = None) -> None:
        """The accounts to choose from: these, or all that take postings."""
        kept = self.value()
        self._chart = chart
        shown = accounts if accounts is not None else chart.leaves()
        self._codes = {account_words(chart, account): account.code for account in shown}
        self._list.setStringList(list(self._codes))
        if kept:
            self.set_value(kept)

    def value(self) -> str:
        return self._find(self.line.text().strip())

    def set_value(self, value: str | None) -> None:
        words = next((words for words, code in self._codes.items() if code == value), value or "")
        self.line.setText(words)
        self.line.setToolTip(words)
        self.line.setCursorPosition(0)

    def problem(self) -> str:
        text = self.line.text().strip()
        if not text or self._find(text):
            return ""
        code = self._code(text)
        if code and self._chart is not None and self._chart.find(code) and not self._chart.is_leaf(code):
            return f"{display_code(code)} 有明细，要记到它的明细上。"
        fitting = [words for words in self._codes if text in words]
        if len(fitting) > 1:
            return f"“{text}”对得上 {len(fitting)} 个科目，请多打几个字或从列表里选。"
        return f"没有叫“{text}”的科目，请从列表里选。"

    def _find(self, text: str) -> str:
        """The code of the one account that the text means, else ''."""
        if not text:
            return ""
        if text in self._codes:
            return self._codes[text]
        code = self._code(text)
        if code in self._codes.values():
            return code
        own = [code for words, code in self._codes.items() if text in (words.split(" ", 1)[1], words.split("—")[-1])]
        if len(own) == 1:
            return own[0]
        fitting = [code for words, code in self._codes.items() if text in words]
        return fitting[0] if len(fitting) == 1 else ""

    def _code(self, text: str) -> str:
        try:
            return parse_account_code(text)
        except RefusedError:
            return ""

    def _tidy(self) -> None:
        code = self.value()
        if code:
            self.set_value(code)
