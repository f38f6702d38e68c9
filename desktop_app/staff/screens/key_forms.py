"""Forms for secrets: nothing of them is ever kept as a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.shell.form_page import FormPage
from desktop_app.staff.keys import add_person
from desktop_app.staff.pins import pin_problem, set_pin
from desktop_app.storage.changes import Changes
from desktop_app.storage.passphrase_rules import PASSPHRASE_RULE, passphrase_hint, passphrase_problem
from desktop_app.widgets.editor import CheckEdit, TextEdit
from desktop_app.widgets.labels import paragraph

CHANGED = Changes.of("settings")


class SecretForm(FormPage):
    """The same secret twice; `deed` is given what was typed, off the main thread."""

    def load(self) -> None:
        self._show(dict.fromkeys(self.sheet.fields, "") | {"shown": False})
        self._show_text()

    def may_leave(self) -> bool:
        self.load()
        return True

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        if problem := self.problem(values["new"]):
            return {"new": problem}
        return {} if values["new"] == values["again"] else {"again": "两次填的不一样，请再填一遍。"}

    def problem(self, secret: str) -> str:
        """What is wrong with it; empty when nothing is."""
        raise NotImplementedError

    def deed(self, values: Mapping[str, Any]) -> Callable[[], None]:
        """What is done with it, off the main thread."""
        raise NotImplementedError

    def _start_save(self, values: dict[str, Any]) -> None:
        deed = self.deed(values)

        def work(_: TaskContext) -> Changes:
            deed()
            return CHANGED

        self.context.tasks.run(work, lane=Lane.IO, owner=self, on_done=self._after_save, on_error=self._after_failure)

    def _on_saved(self, outcome: Any) -> None:
        self.context.changes.announce(outcome)
        super()._on_saved(outcome)

    def _add_fields(self, label: str, rule: str) -> None:
        self.sheet.add("new", TextEdit(most=200, secret=True), label=label, required=True, wide=True)
        self.sheet.add("again", TextEdit(most=200, secret=True), label="再填一遍", required=True, wide=True)
        self.sheet.add("shown", CheckEdit("让我看见填的是什么"), label="", wide=True)
        self.sheet.fields["new"].set_hint(rule)
        self.sheet.editor("shown").changed.connect(self._show_text)

    def _show_text(self) -> None:
        for name in ("new", "again"):
            editor = self.sheet.editor(name)
            assert isinstance(editor, TextEdit)
            editor.show_secret(bool(self.sheet.values()["shown"]))


class NewPassphraseForm(SecretForm):
    """`open(person_id=…, name=…)`: the person types a passphrase while nobody looks."""

    title = "让一个人来填口令"
    save_text = "这是我的口令"
    help_text = "请本人坐到电脑前填，别人不要看。这句话以后就是他打开村里资料的口令，也说明是他在用。"
    _person_id: UUID | None = None
    _name = ""

    def open(self, **arguments: object) -> None:
        person_id = arguments["person_id"]
        assert isinstance(person_id, UUID)
        self._person_id, self._name = person_id, str(arguments["name"])
        self.set_heading(f"请{self._name}填自己的口令")
        super().open()

    def problem(self, secret: str) -> str:
        return passphrase_problem(secret, secret)

    def deed(self, values: Mapping[str, Any]) -> Callable[[], None]:
        workspace, person_id, own = self.context.workspace, self._person_id, str(values["new"])
        assert person_id is not None
        return lambda: add_person(workspace, person_id, passphrase=own)

    def _on_saved(self, outcome: Any) -> None:
        super()._on_saved(outcome)
        self.context.messages.tell(f"{self._name}可以用自己的口令打开这台电脑了。换人用：Ctrl+Shift+L。")

    def _build(self) -> None:
        self.sheet.add_widget(paragraph("请本人来填，别人先让开。", tone="soon"))
        self._add_fields("口令", PASSPHRASE_RULE)
        self.sheet.editor("new").changed.connect(self._show_strength)

    def _show_strength(self) -> None:
        self.sheet.fields["new"].set_hint(passphrase_hint(self.sheet.editor("new").typed()))


class PinForm(SecretForm):
    """A PIN of her own."""

    title = "数字密码"
    save_text = "用这个数字密码"
    help_text = "数字密码只在田埂开着的时候管用：锁上以后接着做、换人。关了田埂再打开，还是要填口令。"

    def problem(self, secret: str) -> str:
        return pin_problem(secret)

    def deed(self, values: Mapping[str, Any]) -> Callable[[], None]:
        workspace, pin, passphrase = self.context.workspace, str(values["new"]), str(values["passphrase"])
        return lambda: set_pin(workspace, pin, passphrase=passphrase)

    def _on_saved(self, outcome: Any) -> None:
        super()._on_saved(outcome)
        self.context.messages.tell("数字密码设好了。锁上以后可以用它打开。")

    def _build(self) -> None:
        self.sheet.add("passphrase", TextEdit(most=200, secret=True), label="您的口令", required=True, wide=True)
        self.sheet.fields["passphrase"].set_hint("平时打开田埂用的那句：这个数字密码以后代表您。")
        self._add_fields("数字密码", "6 位以上的数字，不要用生日和电话的后几位。错 5 次就要填完整的口令。")
