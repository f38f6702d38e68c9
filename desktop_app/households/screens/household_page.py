"""One household as the paper 户卡: facts, people, income, what it received, what happened, photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.households.editing import reopen_household
from desktop_app.households.history import HistoryLine, list_household_history
from desktop_app.households.photos import PhotoRow, add_photos, list_photos
from desktop_app.households.queries import FullNumbers, HouseholdDetail, MemberRow, get_full_numbers, get_household
from desktop_app.households.screens.cards import FactsCard, HistoryCard, IncomeCard, PhotosCard, read_thumbnail
from desktop_app.households.screens.member_columns import member_columns
from desktop_app.households.screens.side_cards import HouseholdAction, MarkReader, SideCard, SideCardMaker
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.revealing import reveal
from desktop_app.storage.attachments import AttachmentMissingError
from desktop_app.storage.changes import Changes
from desktop_app.storage.contents import ShownPicture, open_picture, read_for_list
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.buttons import Button, button, link_button, primary_button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.pictures import read_upright
from desktop_app.widgets.record_table import RecordTable
from village_core.domain.staff.rights import Right

_TWO_COLUMNS = 1080
"""Pages at least as wide as this (given for 标准 type) show income and photos beside the people."""


@dataclass(frozen=True)
class _Shown:
    """Everything that one fetch brings."""

    detail: HouseholdDetail
    history: list[HistoryLine]
    mark: str
    photos: list[PhotoRow]
    full: FullNumbers | None
    """The full numbers that stood there, if they are still true."""


class HouseholdPage(Page):
    """`open(household_id=…)`."""

    title = "户卡"
    topics = frozenset({"households", "relief", "notices"})
    help_text = (
        "这一页和纸上的户卡一样。证件号、电话和账号平时遮住中间几位，点“显示号码”才看得全，看过会记下来。"
        "在家庭成员上按 Enter 改这个人。"
    )

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        mark: MarkReader = lambda _reader, _household: "",
        side_cards: Sequence[SideCardMaker] = (),
        actions: Sequence[HouseholdAction] = (),
    ) -> None:
        super().__init__(context, parent)
        self._household_id: UUID | None = None
        self._detail: HouseholdDetail | None = None
        self._full: FullNumbers | None = None
        self._actions = actions
        self._mark = mark
        self.side_cards: list[SideCard] = [make(context) for make in side_cards]
        self.facts = FactsCard()
        self.income = IncomeCard()
        self.history = HistoryCard()
        self.photos = PhotosCard(self.add_photos, self.show_photo)
        self.members: RecordTable[MemberRow] = RecordTable(
            member_columns(lambda: self._full),
            empty_text="这户还没有家庭成员。点“加一位家人”。",
            keys_text="Enter 改这个人",
        )
        self.former = paragraph("", tone="second")
        self.closed_note = paragraph("", tone="soon")
        self.reveal_button: Button = link_button("显示号码", self.reveal)
        self._edit_button: Button = button("改户情", self.edit)
        self.reopen_button: Button = link_button("恢复这户", self.reopen)
        self._build()
        for made in (self._edit_button, self.reopen_button, *self._deed_buttons):
            self.guard(made, Right.EDIT_HOUSEHOLDS)
        self.guard(self.reveal_button, Right.REVEAL_NUMBERS)
        self.members.opened.connect(self._on_member_opened)
        context.changes.changed.connect(self._on_changed)

    # Page

    def open(self, **arguments: object) -> None:
        household_id = arguments.get("household_id")
        if isinstance(household_id, UUID):
            if household_id != self._household_id:
                self._full = None
            self._household_id = household_id
        self.load()

    def load(self) -> None:
        household_id, full = self._household_id, self._full
        if household_id is None:
            return

        def query(reader: Reader) -> _Shown:
            detail = get_household(reader, household_id)
            history, photos = list_household_history(reader, detail.id), list_photos(reader, detail.id)
            may = reader.duties is None or reader.duties.may(Right.REVEAL_NUMBERS)
            stands = full is not None and may and get_full_numbers(reader, detail.id) == full
            return _Shown(detail, history, self._mark(reader, detail.id), photos, full if stands else None)

        self.fetch(query, self._show, on_error=self._on_missing)

    def _on_changed(self, changes: Changes) -> None:
        """After an exchange only the mark is another, unless something came: then the page is loaded anyway."""
        household_id = self._household_id
        if household_id is not None and self.isVisible() and "sync" in changes.topics:
            self.fetch(lambda reader: self._mark(reader, household_id), self.history.show_mark, slot="mark")

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever leaves the page, or locks the window, leaves no number behind."""
        super().hideEvent(event)
        if self._full is not None:
            self._full = None
            self._show_numbers()

    def header_buttons(self) -> list[QWidget]:
        made: list[QWidget] = [self._edit_button]
        for action in self._actions:
            make = primary_button if action.primary else button
            deed = make(action.words, partial(self._open, action.page))
            made.append(deed if action.needs is None else self.guard(deed, action.needs))
        return made

    def add_new(self) -> None:
        self.add_member()

    def take_cursor(self) -> None:
        self.members.setFocus()

    # Deeds

    def edit(self) -> None:
        """The household's own fields."""
        self._open("household_edit")

    def add_member(self) -> None:
        """A new person of this household."""
        self._open("person_edit")

    def change_head(self) -> None:
        """Another head, and what the others are to him."""
        self._open("household_head")

    def close_household(self) -> None:
        """销户."""
        self._open("household_close")

    def reopen(self) -> None:
        """Take back 销户."""
        household_id = self._household_id
        assert household_id is not None
        self.perform(
            lambda uow: reopen_household(uow, household_id),
            reason="恢复销户",
            on_done=lambda _: self.context.messages.tell("已恢复这户。"),
        )

    def reveal(self) -> None:
        """Show the full numbers, once that is noted; pressed again, hide them."""
        household_id, detail = self._household_id, self._detail
        if household_id is None or detail is None:
            return
        if self._full is not None:
            self._full = None
            self._show_numbers()
            return
        reveal(
            self,
            household_id,
            whose=self._whose(),
            what="证件号码、电话、银行账号",
            on_noted=lambda: self.fetch(
                lambda reader: get_full_numbers(reader, household_id),
                partial(self._on_revealed, household_id),
                slot="numbers",
            ),
        )

    def add_photos(self, paths: list[Path]) -> None:
        """Keep photos of this household."""
        workspace, household_id = self.context.workspace, self._household_id
        assert household_id is not None

        def done(changes: Changes) -> None:
            self.context.changes.announce(changes)
            self.context.messages.tell(f"已放 {len(paths)} 张照片。")

        self.context.tasks.run(
            lambda _: add_photos(workspace, household_id, paths), lane=Lane.DB, owner=self.context.changes, on_done=done
        )

    def show_photo(self, photo: PhotoRow) -> None:
        """One photo, large: it may be of a 户口簿 or a card, so that the journal knows who looked."""
        workspace, household_id, tasks = self.context.workspace, self._household_id, self.context.tasks
        whose = self._whose()

        def read() -> None:
            tasks.run(
                lambda _: open_picture(workspace, photo),
                lane=Lane.IO,
                owner=self,
                on_done=lambda shown: self._show_large(shown),
            )

        tasks.run(
            lambda _: workspace.log_access("view", whose, photo.title, about=household_id),
            lane=Lane.DB,
            owner=self,
            on_done=lambda _: read(),
        )

    def _whose(self) -> str:
        detail = self._detail
        return f"{detail.group_name or ''} {detail.title}家".strip() if detail is not None else "一户"

    # Showing

    def _show(self, shown: _Shown) -> None:
        self._detail = detail = shown.detail
        self._household_id = detail.id
        people = f"{len(detail.members)} 人"
        self.set_heading(f"{detail.title}家", "　".join(part for part in (detail.group_name, people) if part))
        self.income.show_household(detail)
        self.history.show_lines(shown.history)
        self.history.show_mark(shown.mark)
        self.closed_note.setText(_closed_words(detail))
        self.closed_note.setVisible(detail.closed_on is not None)
        self.reopen_button.setVisible(detail.closed_on is not None)
        for made in self._deed_buttons:
            made.setVisible(detail.closed_on is None)
        self._edit_button.setVisible(detail.closed_on is None)
        self.former.setText(_former_words(detail))
        self.former.setVisible(bool(detail.former_members))
        changed = self._full is not None and self._full is not shown.full
        if changed:
            self._full = None
        self._show_numbers()
        if changed:
            self.context.messages.warn("这户的号码刚才有了变化，又遮住了。要看新的，请再点“显示号码”。")
        self._show_photos(shown.photos)
        for card in self.side_cards:
            card.show_household(detail.id)

    def _show_numbers(self) -> None:
        detail = self._detail
        if detail is None:
            return
        self.reveal_button.setText("遮住号码" if self._full else "显示号码")
        self.facts.show_household(detail, self._full)
        self.members.set_rows(detail.members, footer="")
        self.members.setFixedHeight(px(38) * (max(len(detail.members), 2) + 1) + px(44))

    def _on_revealed(self, household_id: UUID, full: FullNumbers) -> None:
        if household_id != self._household_id or not self.isVisible():
            return  # another household is open, or the window was locked, while they were read
        self._full = full
        self._show_numbers()

    def _show_photos(self, photos: list[PhotoRow]) -> None:
        attachments = self.context.workspace.attachments

        def work(_: TaskContext) -> list[tuple[PhotoRow, QImage]]:
            made = []
            for photo in photos:
                try:
                    made.append((photo, read_thumbnail(read_for_list(attachments, photo))))
                except AttachmentMissingError:
                    made.append((photo, QImage()))
            return made

        if not photos:
            self.photos.show_photos([])
            return
        self.context.tasks.run(work, lane=Lane.IO, owner=self, on_done=self.photos.show_photos)

    def _show_large(self, shown: ShownPicture) -> None:
        dialog = QDialog(self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("田埂")
        picture = QLabel(dialog)
        room = self.window().size() * 0.9
        pixmap = QPixmap.fromImage(read_upright(shown.content))
        picture.setPixmap(
            pixmap.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        )
        layout = QVBoxLayout(dialog)
        if shown.words:
            layout.addWidget(paragraph(shown.words, tone="soon"))
        layout.addWidget(picture)
        layout.addWidget(button("看完了", dialog.accept), 0, Qt.AlignmentFlag.AlignRight)
        dialog.open()

    def _on_missing(self, error: Exception) -> None:
        self.context.messages.fail(error)
        self.context.navigate.back()

    def _on_member_opened(self, member: MemberRow) -> None:
        if self._detail is not None and self._detail.closed_on is None:
            self.context.navigate.open("person_edit", household_id=self._household_id, person_id=member.id)

    def _open(self, page: str) -> None:
        if self._household_id is not None:
            self.context.navigate.open(page, household_id=self._household_id)

    # Building

    def _build(self) -> None:
        people = Card()
        top = QHBoxLayout()
        words = paragraph("家庭成员")
        words.setProperty("role", "heading")
        top.addWidget(words, 1)
        self._deed_buttons = [
            link_button("加一位家人", self.add_member),
            link_button("换户主", self.change_head),
            link_button("销户", self.close_household),
        ]
        for made in (self.reveal_button, *self._deed_buttons, self.reopen_button):
            top.addWidget(made)
        people.body.addLayout(top)
        people.body.addWidget(self.members)
        people.body.addWidget(self.former)
        scroll = ScrollColumn()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(px(14))
        self._columns.addLayout(_column(self.closed_note, self.facts, people, self.history), 7)
        self._columns.addLayout(_column(self.income, *self.side_cards, self.photos), 3)
        scroll.body.addLayout(self._columns)
        scroll.body.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Large type or a small window leaves no room for a second column."""
        super().resizeEvent(event)
        narrow = self.width() < px(_TWO_COLUMNS)
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._columns.direction() != direction:
            self._columns.setDirection(direction)


def _column(*cards: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(px(14))
    for card in cards:
        column.addWidget(card)
    column.addStretch(1)
    return column


def _closed_words(detail: HouseholdDetail) -> str:
    day = detail.closed_on
    if day is None:
        return ""
    return f"这户已于 {day.year}年{day.month}月{day.day}日销户（{detail.closed_reason or '没写原因'}），资料都留着。"


def _former_words(detail: HouseholdDetail) -> str:
    told = []
    for member in detail.former_members:
        day = member.closed_on
        when = f"{day.year}年{day.month}月" if day else ""
        told.append(f"{member.name}（{when}{member.closed_reason or ''}）")
    return "不在户里了：" + "、".join(told) if told else ""
