"""Two fields for a passphrase of her own, with what is wrong with it; before the window and on the lock cover."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop_app.storage.passphrase_rules import PASSPHRASE_RULE, passphrase_hint, passphrase_problem
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.form import FormSheet


class NewPassphraseSheet(FormSheet):
    """`add_passphrase()` after what else is asked for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, columns=1)

    def add_passphrase(self) -> None:
        """新口令, and once more."""
        self.add("new", TextEdit(most=200, secret=True), label="新口令", required=True, hint=PASSPHRASE_RULE)
        self.add("again", TextEdit(most=200, secret=True), label="再填一遍新口令", required=True)
        self.editor("new").changed.connect(
            lambda: self.fields["new"].set_hint(passphrase_hint(self.editor("new").typed()))
        )

    def problems(self) -> dict[str, str]:
        """Also too short, and not the same twice."""
        if found := super().problems():
            return found
        values = self.values()
        if problem := passphrase_problem(values["new"], values["new"]):
            return {"new": problem}
        problem = passphrase_problem(values["new"], values["again"])
        return {"again": problem} if problem else {}
