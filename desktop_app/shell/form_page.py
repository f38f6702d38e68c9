"""The base of every form: `__init__ → _build → _connect → load → _show → read → check → save → _on_saved/_on_failed`.

Typed text is never lost: it is kept as a draft every few seconds and when the page is left, survives a failed save,
and comes back when the same form is opened again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.revealing import reveal
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.labels import hint
from desktop_app.widgets.look import px
from desktop_app.widgets.masked_edit import MaskedEdit
from desktop_app.widgets.message_bar import MessageBar
from village_core.domain.errors import Finding, RuleRefusedError, UserError

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader, UnitOfWork
    from village_core.domain.staff.rights import Right

_DRAFT_MS = 3000
_SEEN = ""
"""In a draft beside the fields: how much of what others did was before her when she typed."""


class FormPage(Page):
    """Subclasses add fields to `self.sheet` in `_build`, and override `load`, `check` and `save`."""

    save_text: str = "保存"
    reason: str = ""
    needs: Right | None = None
    """The right without which this form can be read and not saved."""
    keys_text: str = "Enter 到下一格　Ctrl+S 保存　Esc 返回"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.sheet = FormSheet()
        self.save_button: Button = primary_button(self.save_text, self._on_save_clicked)
        self.draft_bar = MessageBar(self)
        self.refusal = ClauseBox(self)
        self.barred_note = hint("", self)
        self.side = QVBoxLayout()
        self.foot = QHBoxLayout()
        self._dirty = False
        self._shown: dict[str, Any] = {}
        self._shown_texts: dict[str, str] = {}
        self._seen_when_shown: int | None = None
        self._draft_timer = QTimer(self)
        self._draft_timer.setSingleShot(True)
        self._draft_timer.setInterval(_DRAFT_MS)
        self._build()
        self._frame()
        self._connect()

    # What a form says about itself

    def _build(self) -> None:
        """Add the fields to `self.sheet`."""
        raise NotImplementedError

    def draft_key(self) -> str:
        """Names this form and what it edits; empty keeps no draft."""
        return ""

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Ask the domain: field name → what is wrong and how to mend it."""
        del values
        return {}

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        """In the DB lane: call the service; returns `Changes` or something with `.changes`."""
        raise NotImplementedError

    def standing(self, reader: Reader) -> Mapping[str, Any]:
        """For a form whose `save` writes all its fields: what stands in them now, as `_show` takes it. What she did
        not type is written as it stands then, not as it was shown."""
        del reader
        return {}

    def _on_saved(self, outcome: Any) -> None:
        """After the commit, on the main thread; the usual end is `navigate.back()` and a message."""
        del outcome
        self.context.navigate.back()

    # What every form does

    @property
    def is_dirty(self) -> bool:
        """Whether something was typed that is not saved."""
        return self._dirty

    def _connect(self) -> None:
        self.sheet.changed.connect(self._on_typed)
        self.sheet.finished.connect(self.save_button.setFocus)
        for editor in self._numbers():
            editor.asked.connect(self.show_numbers)
        self._draft_timer.timeout.connect(self.keep_draft)

    def numbers_about(self) -> tuple[UUID, str] | None:
        """Whose numbers stand here (household, person or case) and his name, for the record of who looked."""
        return None

    def show_numbers(self) -> None:
        """Uncover the numbers of this form, once the reason is on record."""
        about = self.numbers_about()
        numbers = self._numbers()

        def uncover() -> None:
            for editor in numbers:
                editor.uncover()

        if about is None:  # nothing of anybody's is kept yet: only what was typed here
            uncover()
            return
        fields = [field.label.text() for field in self.sheet.fields.values() if field.editor in numbers]
        what = "、".join(label.strip(" *") for label in fields)

        def on_noted() -> None:
            # It may take its time: meanwhile somebody left the page, locked the window or opened another's form.
            if self.isVisible() and self.numbers_about() == about:
                uncover()

        reveal(self, about[0], whose=about[1], what=what, on_noted=on_noted)

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever leaves the page, or locks the window, leaves no number behind."""
        super().hideEvent(event)
        for editor in self._numbers():
            editor.cover()

    def _numbers(self) -> list[MaskedEdit]:
        return [field.editor for field in self.sheet.fields.values() if isinstance(field.editor, MaskedEdit)]

    def follow_duties(self) -> None:
        super().follow_duties()
        words = self.context.workspace.duties().why_not_words(self.needs) if self.needs is not None else ""
        self.save_button.bar(words)
        self.barred_note.setText(words)
        self.barred_note.setVisible(bool(words))

    def load(self) -> None:
        """Without override: an empty form."""
        self._show({})

    def _show(self, values: Mapping[str, Any]) -> None:
        """Show values (fields that are not named become empty: the page is kept), then the draft over them."""
        self._dirty = False
        self.sheet.set_values(dict.fromkeys(self.sheet.fields) | dict(values))
        self._shown, self._shown_texts = self.read(), self.sheet.typed()
        self._seen_when_shown = self._seen
        self.sheet.mark({})
        self.refusal.set_clause("", "")
        self.draft_bar.clear()
        self._restore_draft()
        self.sheet.focus_first()

    def on_changes(self) -> None:
        if not self._dirty:
            self.load()

    def what_was_seen(self) -> int | None:
        return self._seen_when_shown

    def take_cursor(self) -> None:
        self.sheet.focus_first()

    def read(self) -> dict[str, Any]:
        """What stands in the fields."""
        return self.sheet.values()

    def typed_over(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values that differ from what was shown: what came from elsewhere meanwhile is not written over."""
        return {name: value for name, value in values.items() if value != self._shown.get(name)}

    def save_now(self) -> None:
        if self.save_button.isEnabled():
            self._on_save_clicked()

    def values_to_save(self) -> dict[str, Any] | None:
        """What stands in the fields; None where something is wrong with it, which is then marked in its place."""
        mistakes = self.sheet.problems()
        values = self.read()
        if not mistakes:
            mistakes = self.check(values)
        self.sheet.mark(mistakes)
        return None if mistakes else values

    def _on_save_clicked(self) -> None:
        values = self.values_to_save()
        if values is None:
            return
        self.save_button.setEnabled(False)
        self.refusal.set_clause("", "")
        self._start_save(values)

    def _start_save(self, values: dict[str, Any]) -> None:
        """One unit of work in the DB lane; a form that saves elsewhere overrides this."""
        typed = self.typed_over(values)
        self.perform(
            lambda uow: self.save(uow, {**values, **now, **typed} if (now := self.standing(uow)) else values),
            reason=self.reason,
            on_done=self._after_save,
            on_error=self._after_failure,
        )

    def _after_save(self, outcome: Any) -> None:
        self.save_button.setEnabled(True)
        self._dirty = False
        self.drop_draft()
        self._on_saved(outcome)

    def _after_failure(self, error: Exception) -> None:
        self.save_button.setEnabled(True)
        self._on_failed(error)

    def _on_failed(self, error: Exception) -> None:
        """A refused rule stands in its field and its clause in a box; anything else is shown by the window."""
        if isinstance(error, RuleRefusedError):
            first = error.findings[0]
            places = {self._place_of(one): one.message for one in reversed(error.findings)}
            self.sheet.mark(places)
            message = first.message + error.safe + error.next_step
            self.refusal.set_clause(first.clause, first.source, message=message, tone="bad")
            self._show_first(places)
        elif isinstance(error, UserError):
            words = "".join(part for part in (error.what, error.safe, error.next_step) if part)
            self.refusal.set_clause("", "", message=words, tone="bad")
        else:
            self.context.messages.fail(error)

    def _show_first(self, marked: Mapping[str, str]) -> None:
        """The box that says why has taken room: the first of the marked fields may stand below it now."""
        first = next((name for name in self.sheet.fields if name in marked), "")
        if first:
            self.sheet.bring_into_sight(first)

    def _place_of(self, finding: Finding) -> str:
        """The field of this form under which a refusal stands; '' where none does."""
        return finding.field if finding.field in self.sheet.fields else ""

    # Drafts

    def _on_typed(self) -> None:
        self._dirty = True
        self._draft_timer.start()

    def may_leave(self) -> bool:
        if self._dirty:
            self.keep_draft()
            if self.draft_key():
                self.context.messages.warn("这页还没存。填好的内容先替您留着，回到这页接着填。")
        return True

    def keep_draft(self) -> None:
        """Write down what was typed, and only that: the other fields may change before the draft is put back."""
        key, shown = self.draft_key(), self._shown_texts
        texts = {name: text for name, text in self.sheet.typed().items() if text != shown.get(name)}
        self._draft_timer.stop()
        if key and self._dirty:
            if self._seen_when_shown is not None:
                texts[_SEEN] = str(self._seen_when_shown)
            drafts = self.context.workspace.drafts
            self.context.tasks.run(
                lambda _: drafts.save(key, texts), lane=Lane.DB, owner=self.context.changes, keep=True
            )

    def keep_typing(self) -> None:
        self.keep_draft()

    def drop_draft(self) -> None:
        """Forget what was kept."""
        key = self.draft_key()
        self._draft_timer.stop()
        self.draft_bar.clear()
        if key:
            drafts = self.context.workspace.drafts
            self.context.tasks.run(lambda _: drafts.clear(key), lane=Lane.DB, owner=self.context.changes, keep=True)

    def _restore_draft(self) -> None:
        key = self.draft_key()
        if not key:
            return
        drafts = self.context.workspace.drafts

        def show(texts: dict[str, str] | None) -> None:
            seen = int((texts or {}).pop(_SEEN, "") or -1)
            if texts and key == self.draft_key() and not self._dirty and texts.items() - self.sheet.typed().items():
                self.sheet.set_typed(texts)
                self._dirty = True
                if 0 <= seen < (self._seen_when_shown or 0):
                    self._seen_when_shown = seen
                self.draft_bar.show_message("上次没存完的内容已经放回来了。", tone="soon", undo=self._forget)

        self.context.tasks.run(lambda _: drafts.load(key), lane=Lane.DB, owner=self, on_done=show)

    def _forget(self) -> None:
        self._dirty = False
        self.drop_draft()
        self.load()

    def _frame(self) -> None:
        """The sheet on a card that scrolls, `side` at its right, the save button always in sight."""
        self.draft_bar.undo_button.setText("不要了，恢复原样")
        column = ScrollColumn()
        card = Card()
        card.body.addWidget(self.sheet)
        column.body.addWidget(card)
        column.body.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(px(16))
        middle.addWidget(column, 2)
        if self.side.count():
            middle.addLayout(self.side, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(10))
        layout.addWidget(self.draft_bar)
        layout.addLayout(middle, 1)
        layout.addWidget(self.refusal)
        layout.addWidget(self.barred_note)
        self.barred_note.hide()
        self.foot.addWidget(hint(self.keys_text, self), 1)
        self.foot.addWidget(button("返回", self.context.navigate.back))
        self.foot.addWidget(self.save_button)
        layout.addLayout(self.foot)
