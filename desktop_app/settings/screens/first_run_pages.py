"""The pages of the first run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.settings.checks import village_code_problem
from desktop_app.storage.passphrase_rules import PASSPHRASE_RULE, passphrase_hint, passphrase_problem
from desktop_app.widgets.editor import CheckEdit, TextEdit
from desktop_app.widgets.file_drop import FileDrop
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import px


class Step(QWidget):
    """One page: a sheet of fields and what is wrong in them."""

    title = ""
    lead = ""
    step_words = ""

    def __init__(self) -> None:
        super().__init__()
        self.sheet = FormSheet(columns=1)
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(px(12))
        self.rows.addWidget(self.sheet)

    def mistakes(self) -> dict[str, str]:
        """Field name → what is wrong."""
        return self.sheet.problems()


class VillageStep(Step):
    """The code and the name."""

    title = "哪个村？"
    lead = "资料只存在这台电脑上，全部加密。没有网也能用。"
    step_words = "第 1 步，共 3 步"

    def __init__(self) -> None:
        super().__init__()
        self.sheet.add(
            "village",
            TextEdit(most=20, placeholder="例如 532327101201"),
            label="村的区划代码",
            hint="统计用区划代码，12 位数字，后三位是村。定下后不能改。",
            required=True,
        )
        self.sheet.add("name", TextEdit(most=50), label="村名", hint="例如 太平村", required=True)
        self.rows.addStretch(1)

    def mistakes(self) -> dict[str, str]:
        mistakes = super().mistakes()
        code = self.sheet.values()["village"]
        if code and (problem := village_code_problem(code)):
            mistakes["village"] = problem
        return mistakes


class PersonStep(Step):
    """Name and passphrase."""

    title = "谁来用？"
    lead = "以后每件事都会记下是谁办的。"
    step_words = "第 2 步，共 3 步"

    def __init__(self) -> None:
        super().__init__()
        self.sheet.add("person", TextEdit(most=30), label="您的姓名", required=True)
        self.passphrase = self.sheet.add(
            "passphrase",
            TextEdit(most=200, secret=True),
            label="口令",
            hint=PASSPHRASE_RULE,
            required=True,
        )
        self.sheet.add("again", TextEdit(most=200, secret=True), label="再填一遍口令", required=True)
        self.sheet.add("shown", CheckEdit("让我看见口令"), label="")
        self.rows.addWidget(
            paragraph(
                "请把口令记牢，最好写下来锁进柜子：忘了口令，谁也打不开这些资料，我们也没有办法。建好以后会请您印一张备用的恢复钥匙。",
                tone="soon",
            )
        )
        self.rows.addStretch(1)
        self.passphrase.editor.changed.connect(self._show_strength)
        self.sheet.editor("shown").changed.connect(self._show_text)

    def mistakes(self) -> dict[str, str]:
        mistakes = super().mistakes()
        values = self.sheet.values()
        passphrase, again = values["passphrase"], values["again"]
        if passphrase and (too_weak := passphrase_problem(passphrase, passphrase)):
            return {**mistakes, "passphrase": too_weak}
        if again and (differs := passphrase_problem(passphrase, again)):
            mistakes["again"] = differs
        return mistakes

    def _show_strength(self) -> None:
        self.passphrase.set_hint(passphrase_hint(self.passphrase.editor.typed()))

    def _show_text(self) -> None:
        for name in ("passphrase", "again"):
            editor = self.sheet.editor(name)
            assert isinstance(editor, TextEdit)
            editor.show_secret(bool(self.sheet.values()["shown"]))


class CountyStep(Step):
    """With a county or without; both can be changed later."""

    title = "和县里相连吗？"
    lead = "没有县里的登记码，就先不连。以后在“同步”里随时可以登记，资料不用重来。"
    step_words = "第 3 步，共 3 步"

    def __init__(self) -> None:
        super().__init__()
        self.sheet.add("with_county", CheckEdit("县里给了网址和登记码，现在登记"), label="")
        self.sheet.add(
            "url", TextEdit(placeholder="例如 https://tiangeng.example.cn"), label="县里的网址", required=True
        )
        self.sheet.add("code", TextEdit(most=60), label="登记码", hint="只能用一次，向县里的管理员要", required=True)
        self.ca_file: Path | None = None
        self.ca_drop = FileDrop(
            "县里另给了证书文件的，放在这里；没有就不管它。",
            endings=(".pem", ".crt", ".cer"),
            kind="证书文件",
            button_text="选择证书文件",
        )
        self.rows.addWidget(self.ca_drop)
        self.rows.addStretch(1)
        self.ca_drop.chosen.connect(self._take_certificate)
        self.sheet.editor("with_county").changed.connect(self._show_county)
        self._show_county()

    @property
    def with_county(self) -> bool:
        """Whether the box is ticked."""
        return bool(self.sheet.values()["with_county"])

    def values(self) -> dict[str, Any]:
        """url, code and ca_file; empty without a county."""
        values = self.sheet.values()
        if not self.with_county:
            return {"url": "", "code": "", "ca_file": None}
        return {"url": values["url"], "code": values["code"], "ca_file": self.ca_file}

    def mistakes(self) -> dict[str, str]:
        mistakes = super().mistakes()
        url = self.sheet.values()["url"]
        if self.with_county and url and not url.startswith(("https://", "http://")):
            mistakes["url"] = "网址要以 https:// 开头。"
        return mistakes

    def _take_certificate(self, paths: list[Path]) -> None:
        self.ca_file = paths[0]
        self.ca_drop.words.setText(f"证书文件：{paths[0].name}")

    def _show_county(self) -> None:
        for name in ("url", "code"):
            self.sheet.fields[name].setVisible(self.with_county)
        self.ca_drop.setVisible(self.with_county)


class RestoreStep(Step):
    """A backup and its passphrase."""

    title = "从备份恢复"
    lead = "备份里有整个村的资料。恢复前会从头到尾核对一遍，坏了的备份不会用。"

    def __init__(self) -> None:
        super().__init__()
        self.source: Path | None = None
        self.drop = FileDrop(
            "把备份文件拖到这里，或点下面的按钮选择。",
            endings=(".tgb", ".zip", ".bak"),
            kind="备份文件",
            button_text="选择备份文件",
        )
        self.rows.insertWidget(0, self.drop)
        self.missing = hint("", self)
        self.missing.setProperty("role", "mistake")
        self.missing.hide()
        self.rows.insertWidget(1, self.missing)
        self.sheet.add("passphrase", TextEdit(most=200, secret=True), label="做备份时的口令", required=True)
        self.rows.addStretch(1)
        self.drop.chosen.connect(self._take_backup)

    def mistakes(self) -> dict[str, str]:
        mistakes = super().mistakes()
        self.missing.setVisible(self.source is None)
        if self.source is None:
            self.missing.setText("✕ 还没有选备份文件。")
            mistakes.setdefault("passphrase", "先选备份文件，再填口令。")
        return mistakes

    def _take_backup(self, paths: list[Path]) -> None:
        self.source = paths[0]
        self.missing.hide()
        self.drop.words.setText(f"备份文件：{paths[0].name}")
        self.sheet.focus_first()
