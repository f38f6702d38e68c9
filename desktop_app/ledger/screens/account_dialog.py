"""Opens a sub-account: below which account, and its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.ledger.chart import offered_accounts
from desktop_app.widgets.buttons import button, primary_button
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.labels import heading, hint
from desktop_app.widgets.look import px
from village_core.domain.errors import RefusedError
from village_core.domain.ledger.accounts import CODE_LENGTHS, Account, Chart, display_code


class AccountDialog(QDialog):
    """Asks for parent and name; `on_add(parent, name)` is called with what the chart accepts."""

    def __init__(
        self,
        parent: QWidget,
        *,
        chart: Chart,
        parents: Sequence[Account] | None = None,
        on_add: Callable[[str, str], None],
    ) -> None:
        super().__init__(parent.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("田埂")
        self.setMinimumWidth(px(480))
        self._chart = chart
        self._on_add = on_add
        shown = parents if parents is not None else [one for one in chart if len(one.code) < CODE_LENGTHS[-1]]
        choices = [(account.code, f"{display_code(account.code)} {chart.full_name(account.code)}") for account in shown]
        self.sheet = FormSheet(self, columns=1)
        self.parent_field = self.sheet.add(
            "parent",
            ChoiceEdit(choices, empty=None if len(choices) == 1 else "请选择"),
            label="在哪个科目下面",
            required=True,
        )
        self.name_field = self.sheet.add("name", TextEdit(most=80), label="明细的名称", required=True)
        self.safe_button = button("先不开", self.reject, parent=self)
        self.add_button = primary_button("新开明细", self._on_add_clicked, parent=self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(24), px(20), px(24), px(18))
        layout.setSpacing(px(12))
        layout.addWidget(heading("新开明细科目", self))
        layout.addWidget(
            hint("一级科目的编码和名称是制度定死的；村里可以在下面分明细，一个银行账户、一户往来各分一个。", self)
        )
        layout.addWidget(self.sheet)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.safe_button)
        foot.addWidget(self.add_button)
        layout.addLayout(foot)
        self.sheet.finished.connect(self._on_add_clicked)
        self.parent_field.editor.changed.connect(self._show_hint)
        self._show_hint()
        self.sheet.focus_first()

    def choose_parent(self, code: str) -> None:
        """Begin with this account, the cursor on the name."""
        self.parent_field.editor.set_value(code)
        self._show_hint()
        if self.parent_field.editor.value() == code:
            self.name_field.editor.setFocus()

    def _show_hint(self) -> None:
        code = self.parent_field.editor.value()
        if not isinstance(code, str):
            return
        offered = [
            one.name for one in offered_accounts() if one.code[:-2] == code and self._chart.find(one.code) is None
        ]
        self.name_field.set_hint(f"常用的有：{'、'.join(offered)}" if offered else "")
        try:
            self.parent_field.set_hint(f"编码会是 {display_code(self._chart.next_child_code(code))}")
        except RefusedError as refusal:
            self.parent_field.set_hint(refusal.what)

    def _on_add_clicked(self) -> None:
        mistakes = self.sheet.problems()
        values = self.sheet.values()
        if not mistakes:
            try:
                self._chart.with_sub_account(self._chart.next_child_code(values["parent"]), values["name"])
            except RefusedError as refusal:
                mistakes = {"name": refusal.what}
        self.sheet.mark(mistakes)
        if not mistakes:
            self.accept()
            self._on_add(values["parent"], values["name"])
