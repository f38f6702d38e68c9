"""Shows what went wrong in three parts: what happened, what is safe, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.shell.crash_report import crash_text
from desktop_app.widgets.buttons import button, primary_button
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.dialog import SentenceDialog
from desktop_app.widgets.icons import pixmap
from desktop_app.widgets.labels import heading, paragraph
from desktop_app.widgets.look import px
from village_core.domain.errors import RuleRefusedError, UserError


@dataclass(frozen=True)
class Trouble:
    """The words of the dialog. `report` is the text of a crash report, empty when the user can mend it."""

    what: str
    safe: str
    next_step: str
    report: str = ""
    clause: str = ""
    source: str = ""


def describe(error: BaseException, report_file: Path | None = None) -> Trouble:
    """Words for any exception."""
    if isinstance(error, RuleRefusedError):
        first = error.findings[0]
        return Trouble(
            what="\n".join(finding.message for finding in error.findings),
            safe=error.safe,
            next_step=error.next_step,
            clause=first.clause,
            source=first.source,
        )
    if isinstance(error, UserError):
        return Trouble(what=error.what, safe=error.safe, next_step=error.next_step)
    where = f"报告在：{report_file}" if report_file is not None else "请点“复制报告”，贴给技术人员。"
    return Trouble(
        what="程序自己出了毛病，刚才这一步没有做成。",
        safe="数据是安全的：没做完的这一步已经退回，以前存下的都在。",
        next_step=f"可以接着用，或关掉再打开。请把问题报告发给乡镇的技术人员，报告里没有农户资料。{where}",
        report=crash_text(error),
    )


class ErrorDialog(SentenceDialog):
    """One problem. Enter or Esc closes it."""

    def __init__(self, trouble: Trouble, parent: QWidget | None = None) -> None:
        super().__init__("田埂", parent, width=540)
        self.trouble = trouble
        sign = QLabel(self)
        sign.setPixmap(pixmap("stop" if trouble.report else "notice", tone="bad", size=28))
        words = QVBoxLayout()
        words.setSpacing(px(10))
        words.addWidget(heading(trouble.what, self))
        clause = ClauseBox(self)
        clause.set_clause(trouble.clause, trouble.source)
        words.addWidget(clause)
        for text, tone in ((trouble.safe, "good"), (trouble.next_step, "plain")):
            if text:
                words.addWidget(paragraph(text, self, tone=tone))
        top = QHBoxLayout()
        top.setSpacing(px(14))
        top.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        if trouble.report:
            buttons.addWidget(button("复制报告", self._copy))
        self.close_button = primary_button("知道了", self.accept)
        buttons.addWidget(self.close_button)
        self.body.addLayout(top)
        self.body.addSpacing(px(6))
        self.body.addLayout(buttons)
        self.close_button.setFocus()

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.trouble.report)
