"""人员与职务: who works here in which roles, what each role may do, and what is kept apart by law."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.staff import queries
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.buttons import Button, primary_button
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.record_table import Column, RecordTable
from village_core.domain.calendar import chinese_date
from village_core.domain.staff.rights import Right, Role, RoleList
from village_core.exchange.staff_roles import role_list

_WHO, _WHAT = "who", "what"
_HAS = "●"
_SHORT = {"村监委会": "监委会", "第一书记": "第一书记", "乡镇审核": "乡镇"}


@dataclass(frozen=True)
class RightRow:
    """One line of 谁能办什么."""

    title: str
    roles: frozenset[str]


class StaffPage(Page):
    """Two tables: the people, and the rights by role."""

    title = "人员与职务"
    topics = frozenset({"settings"})
    help_text = (
        "上面是谁在做什么，下面是每个岗位能办什么。一个人可以有几个岗位；法律不让一个人兼的，兼任在案也不行。"
        "有县里以后，岗位由县里定，这里只看。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.people: RecordTable[queries.Person] = RecordTable(
            _PEOPLE, empty_text="还没有人。", keys_text="Enter 打开这个人"
        )
        self.rights: RecordTable[RightRow] = RecordTable(_right_columns(role_list()), empty_text="", keys_text="")
        self.chips = FilterChips([Chip(_WHO, "谁在做什么"), Chip(_WHAT, "每个岗位能办什么")])
        self.words = paragraph("", tone="second")
        self._source = ""
        self.add_button: Button = self.guard(primary_button("增加一个人", self.add_new), Right.MANAGE_PEOPLE)
        self.people.opened.connect(self._on_opened)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(8))
        layout.addWidget(self.chips)
        layout.addWidget(self.words)
        layout.addWidget(self.people, 1)
        layout.addWidget(self.rights, 1)
        self.chips.chosen.connect(self._show_part)
        self.rights.set_rows(_right_rows(role_list()))
        self.chips.choose(_WHO)
        self._show_part(_WHO)

    def header_buttons(self) -> list[QWidget]:
        return [self.add_button]

    def load(self) -> None:
        def query(reader: Reader) -> tuple[list[queries.Person], bool]:
            return queries.list_staff(reader, left=True), queries.has_county(reader)

        self.fetch(query, self._show)

    def add_new(self) -> None:
        self.context.navigate.open("settings_person")

    def _show(self, answer: tuple[list[queries.Person], bool]) -> None:
        people, county = answer
        self._source = (
            "人员和岗位由县里定，同步一次就是最新的。要改，请告诉县里的管理人员。"
            if county
            else "还没有登记到县里，岗位在这台电脑上定，谁在什么时候改的都有记录。"
        )
        self._show_part(self.chips.current)
        self.people.set_rows(sorted(people, key=lambda one: one.left_on is not None))

    def _show_part(self, part: str) -> None:
        self.people.setVisible(part == _WHO)
        self.rights.setVisible(part == _WHAT)
        self.words.setText(self._source if part == _WHO else _ban_words(role_list()))

    def _on_opened(self, person: queries.Person) -> None:
        self.context.navigate.open("settings_person", person_id=person.id)


def _state_words(person: queries.Person) -> str:
    return f"{chinese_date(person.left_on)}离任" if person.left_on else "在岗"


_PEOPLE: tuple[Column[queries.Person], ...] = (
    Column[queries.Person]("姓名", lambda one: one.name, width=120),
    Column[queries.Person]("岗位", lambda one: "、".join(one.roles) or "还没有岗位", width=240),
    Column[queries.Person]("兼任", lambda one: "在案" if one.may_combine_duties else "", width=70),
    Column[queries.Person]("说明", lambda one: one.note, stretch=True),
    Column[queries.Person]("近亲属", lambda one: one.relatives.replace("\n", "；"), width=200),
    Column[queries.Person]("情况", _state_words, width=150, tone=lambda one: "text_second" if one.left_on else ""),
)


def _right_rows(roles: RoleList) -> list[RightRow]:
    return [RightRow(title, frozenset(roles.who(right))) for right, title in roles.titles.items()]


def _right_columns(roles: RoleList) -> tuple[Column[RightRow], ...]:
    first = Column[RightRow](f"谁能办什么（{roles.year} 年）", lambda row: row.title, stretch=True)
    return (first, *(_role_column(role) for role in roles.roles.values()))


def _role_column(role: Role) -> Column[RightRow]:
    shown: Callable[[RightRow], str] = lambda row: _HAS if role.name in row.roles else ""  # noqa: E731
    return Column[RightRow](_SHORT.get(role.name, role.name), shown, width=84 if role.name == "第一书记" else 68)


def _ban_words(roles: RoleList) -> str:
    legal = [ban for ban in roles.bans if ban.legal]
    shown = "；".join(f"{ban.title}（{ban.source}）" for ban in legal)
    return f"兼任在案也不能改的：{shown}。"
