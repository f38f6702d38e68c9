"""Before a full number is shown: why. Asked once a session for each household and person at the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID
from weakref import WeakKeyDictionary

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop_app.background.tasks import Lane
from desktop_app.storage.access_log import EVERYBODY
from desktop_app.widgets.buttons import button, primary_button
from desktop_app.widgets.dialog import SentenceDialog
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.labels import heading, paragraph
from desktop_app.widgets.look import px
from village_core.domain.staff.rights import Right

if TYPE_CHECKING:
    from desktop_app.shell.page import Page
    from desktop_app.storage.workspace import Workspace

REASONS = ("核对证件或存折", "打电话联系本人", "发放救助金", "填表上报", "改正错误")

_given: WeakKeyDictionary[Workspace, dict[tuple[UUID, UUID | str], str]] = WeakKeyDictionary()


class ReasonDialog(SentenceDialog):
    """A short list and a line for other words. Esc shows nothing."""

    def __init__(
        self, parent: QWidget, *, what: str, detail: str, act: str = "显示", on_given: Callable[[str], None]
    ) -> None:
        super().__init__("田埂", parent, width=520)
        self._on_given = on_given
        self.chips = FilterChips([Chip(reason, reason) for reason in REASONS], self)
        self.other = QLineEdit(self)
        self.other.setPlaceholderText("别的原因，写几个字")
        self.other.setMaxLength(60)
        self.act_button = primary_button(act, self._give, parent=self)
        self.body.addWidget(heading(what, self))
        self.body.addWidget(paragraph(detail, self))
        self.body.addWidget(self.chips)
        self.body.addWidget(self.other)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(10))
        buttons.addStretch(1)
        buttons.addWidget(button("不看了", self.reject, parent=self))
        buttons.addWidget(self.act_button)
        self.body.addLayout(buttons)
        self.chips.chosen.connect(lambda _: self.other.clear())
        self.other.returnPressed.connect(self._give)

    @property
    def reason(self) -> str:
        """What was written, else what was chosen."""
        return self.other.text().strip() or self.chips.current or REASONS[0]

    def _give(self) -> None:
        reason = self.reason
        self.accept()
        self._on_given(reason)


def ask_reason(page: Page, about: UUID | str, *, whose: str, on_given: Callable[[str], None]) -> ReasonDialog | None:
    """Call `on_given(reason)`: at once where one was given before in this session, else after asking."""
    workspace = page.context.workspace
    place = (workspace.actor.person_id, about)
    known = _given.setdefault(workspace, {})
    if place in known:
        on_given(known[place])
        return None

    def given(reason: str) -> None:
        known[place] = reason
        on_given(reason)

    dialog = ReasonDialog(
        page.window(),
        what=f"看{whose}的完整号码，是为了什么？",
        detail="谁、什么时候、为什么看的，会记在操作日志里。离开这一页就又遮住。",
        on_given=given,
    )
    dialog.open()
    return dialog


def reveal(
    page: Page, about: UUID | str, *more: UUID, whose: str, what: str, on_noted: Callable[[], None]
) -> ReasonDialog | None:
    """Ask for the reason, put it on record, then show. Who has not the right is refused, and that is on record.

    `about` is the household, person or case, with those in `more` where it is about several; of what may be anybody's,
    a sheet, its name.
    """
    row_id = about if isinstance(about, UUID) else EVERYBODY
    workspace = page.context.workspace

    def noted(reason: str) -> None:
        def work(_: object) -> None:
            workspace.require(Right.REVEAL_NUMBERS, about=row_id)
            for one in (row_id, *more):
                workspace.log_access("reveal", whose, what, about=one, reason=reason)

        page.context.tasks.run(work, lane=Lane.DB, owner=page, on_done=lambda _: on_noted())

    return ask_reason(page, about, whose=whose, on_given=noted)
