"""A new passphrase for the same key: nothing is encrypted anew, no draft is ever kept of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.shell.context import PageContext
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.changes import Changes
from desktop_app.storage.passphrase_rules import PASSPHRASE_RULE, passphrase_hint, passphrase_problem
from desktop_app.widgets.editor import CheckEdit, TextEdit
from desktop_app.widgets.labels import paragraph

if TYPE_CHECKING:
    from desktop_app.storage.workspace import Workspace


ChangeDeed = Callable[["Workspace", str, str], None]
"""(workspace, old, new); given by the window, because 设置 lies below the people."""


class PassphraseForm(FormPage):
    """The old one, and the new one twice."""

    title = "换口令"
    save_text = "换成新口令"
    help_text = "换了口令，以后用新的打开。以前做的备份还是用做备份时的口令打开，所以换过之后最好再备份一次。"

    def __init__(self, context: PageContext, parent: QWidget | None = None, *, change: ChangeDeed) -> None:
        self._change = change
        super().__init__(context, parent)

    def _build(self) -> None:
        for name, label in (("old", "现在的口令"), ("new", "新口令"), ("again", "再填一遍新口令")):
            self.sheet.add(name, TextEdit(most=200, secret=True), label=label, required=True, wide=True)
        self.sheet.add("shown", CheckEdit("让我看见口令"), label="", wide=True)
        self.sheet.add_widget(
            paragraph(
                "请把新口令记牢。忘了口令，只有管人员的同事或封存的恢复钥匙能帮您重设；都没有，就谁也打不开了。",
                tone="soon",
            )
        )
        self.sheet.fields["new"].set_hint(PASSPHRASE_RULE)
        self.sheet.editor("new").changed.connect(self._show_strength)
        self.sheet.editor("shown").changed.connect(self._show_text)

    def load(self) -> None:
        self._show({"old": "", "new": "", "again": "", "shown": False})
        self._show_text()

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        if problem := passphrase_problem(values["new"], values["new"]):
            return {"new": problem}
        problem = passphrase_problem(values["new"], values["again"])
        return {"again": problem} if problem else {}

    def may_leave(self) -> bool:
        return True

    def _start_save(self, values: dict[str, Any]) -> None:
        workspace = self.context.workspace
        old, new = values["old"], values["new"]

        change = self._change

        def work(_: TaskContext) -> Changes:
            change(workspace, old, new)
            return Changes.of()

        self.context.tasks.run(work, lane=Lane.IO, owner=self, on_done=self._after_save, on_error=self._after_failure)

    def _on_saved(self, outcome: Any) -> None:
        super()._on_saved(outcome)
        self.context.messages.tell("口令已经换了。最好再备份一次。")

    def _show_strength(self) -> None:
        self.sheet.fields["new"].set_hint(passphrase_hint(self.sheet.editor("new").typed()))

    def _show_text(self) -> None:
        for name in ("old", "new", "again"):
            editor = self.sheet.editor(name)
            assert isinstance(editor, TextEdit)
            editor.show_secret(bool(self.sheet.values()["shown"]))
