"""What happens to members: another head, leaving the household, moving to another one; 销户."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from desktop_app.households.editing import (
    CLOSING_REASONS,
    LEAVING_REASONS,
    change_head,
    close_household,
    close_person,
    move_person,
    reopen_household,
    reopen_person,
)
from desktop_app.households.queries import HouseholdDetail, HouseholdRow, get_household, list_households
from desktop_app.households.vocabulary import load_relations
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.date_edit import DateEdit
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.labels import paragraph
from village_core.domain.clock import today
from village_core.domain.households.fields import HEAD
from village_core.domain.staff.rights import Right


class _MemberForm(FormPage):
    """What these forms share: a household, perhaps a person of it, and the day in China."""

    needs = Right.EDIT_HOUSEHOLDS
    topics = frozenset({"households"})
    _household_id: UUID | None = None
    _person_id: UUID | None = None
    _detail: HouseholdDetail | None = None

    def open(self, **arguments: object) -> None:
        household_id, person_id = arguments.get("household_id"), arguments.get("person_id")
        self._household_id = household_id if isinstance(household_id, UUID) else None
        self._person_id = person_id if isinstance(person_id, UUID) else None
        self.load()

    def load(self) -> None:
        household_id = self._household_id
        if household_id is not None:
            self.fetch(lambda reader: get_household(reader, household_id), self._show_household)

    def _show_household(self, detail: HouseholdDetail) -> None:
        raise NotImplementedError

    def _person_name(self) -> str:
        members = self._detail.members if self._detail is not None else ()
        return next((member.name for member in members if member.id == self._person_id), "")

    def _today(self) -> date:
        return today(self.context.workspace.clock)


class HeadForm(_MemberForm):
    """`open(household_id=…)`: who heads the household now, and what each of the others is to him."""

    title = "换户主"
    save_text = "换户主"
    reason = "换户主"
    help_text = "选新户主，再写明其他人是新户主的什么人。原户主的一定要写。"

    def _build(self) -> None:
        self._choice = ChoiceEdit()
        self.sheet.add("head", self._choice, label="新户主", required=True, wide=True)
        self.sheet.add_heading("其他人和新户主的关系")
        self._members: dict[str, UUID] = {}
        self._choice.changed.connect(self._hide_new_head)

    def _show_household(self, detail: HouseholdDetail) -> None:
        self._detail = detail
        others = [member for member in detail.members if not member.is_head]
        self._choice.set_choices((member.id, f"{member.name}（{member.relation or '没填关系'}）") for member in others)
        for member in detail.members:
            if member.id.hex not in self._members:
                words = [(word, word) for word in load_relations() if word != HEAD]
                self.sheet.add(member.id.hex, ChoiceEdit(words, empty="不改"), label=member.name)
                self._members[member.id.hex] = member.id
        present = {member.id.hex for member in detail.members}
        for key in self._members:
            self.sheet.fields[key].setVisible(key in present)
        self.set_heading("换户主", f"{detail.title}家，现在的户主是{detail.head.name if detail.head else '没有'}")
        self._show(dict.fromkeys(self.sheet.fields))
        self._hide_new_head()

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        old = self._detail.head if self._detail is not None else None
        if old is not None and values.get("head") != old.id and not values.get(old.id.hex):
            return {old.id.hex: f"请选{old.name}是新户主的什么人。"}
        return {}

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        assert self._household_id is not None
        relations = {
            person_id: values[key]
            for key, person_id in self._members.items()
            if values.get(key) and not self.sheet.fields[key].isHidden()
        }
        return change_head(uow, self._household_id, head=values["head"], relations=relations)

    def _on_saved(self, outcome: Any) -> None:
        super()._on_saved(outcome)
        self.context.messages.tell("已换户主。")

    def _hide_new_head(self) -> None:
        if self._detail is None:
            return
        for member in self._detail.members:
            self.sheet.fields[member.id.hex].setVisible(member.id != self._choice.value())


class LeavingForm(_MemberForm):
    """`open(household_id=…, person_id=…)`: the person is no longer of the household."""

    title = "不在户里了"
    save_text = "记下来"
    reason = "家人离开"
    help_text = "去世、出嫁、迁走的，从户里记出去。资料都留着，记错了可以撤销。"

    def _build(self) -> None:
        self.sheet.add("reason", ChoiceEdit((word, word) for word in LEAVING_REASONS), label="为什么", required=True)
        self.sheet.add("on", DateEdit(today=self._today), label="哪一天", required=True)
        self.sheet.add("words", TextEdit(most=100), label="补充说明", wide=True, hint="选“其他”的请写明")

    def _show_household(self, detail: HouseholdDetail) -> None:
        self._detail = detail
        self.set_heading(f"{self._person_name()}不在户里了", f"{detail.title}家")
        self._show({"on": self._today(), "reason": None, "words": ""})

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        return _check_reason(values)

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        assert self._person_id is not None
        return close_person(uow, self._person_id, on=values["on"], reason=_reason(values))

    def _on_saved(self, outcome: Any) -> None:
        name, person_id, perform = self._person_name(), self._person_id, self.perform
        assert person_id is not None
        super()._on_saved(outcome)

        def take_back() -> None:
            perform(lambda uow: reopen_person(uow, person_id), reason="撤销")

        self.context.messages.tell(f"已把{name}从户里记出去。", undo=take_back)


class MovingForm(_MemberForm):
    """`open(household_id=…, person_id=…)`: the person now belongs to another household."""

    title = "移到别户"
    save_text = "移过去"
    reason = "移到别户"
    help_text = "分户、投靠、并户时，把人移到另一户。"

    def _build(self) -> None:
        self._households = ChoiceEdit()
        self.sheet.add("to", self._households, label="移到哪一户", required=True, wide=True)
        self.sheet.add(
            "relation", ChoiceEdit((word, word) for word in load_relations()), label="和那一户户主的关系", required=True
        )

    def load(self) -> None:
        household_id = self._household_id
        if household_id is None:
            return

        def query(reader: Reader) -> tuple[HouseholdDetail, list[HouseholdRow]]:
            return get_household(reader, household_id), list_households(reader)

        self.fetch(query, self._show_choices)

    def _show_choices(self, answer: tuple[HouseholdDetail, list[HouseholdRow]]) -> None:
        self._detail, rows = answer
        self._households.set_choices(
            (row.id, f"{row.group_name or '没有写组'}　{row.title}（{row.size} 人）")
            for row in rows
            if row.id != self._household_id
        )
        self.set_heading(f"{self._person_name()}移到别户", f"现在在{self._detail.title}家")
        self._show({"to": None, "relation": None})

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        assert self._person_id is not None
        return move_person(uow, self._person_id, to_household=values["to"], relation=values["relation"])

    def _on_saved(self, outcome: Any) -> None:
        name = self._person_name()
        target = self._households.value()
        del outcome
        if isinstance(target, UUID):
            self.context.navigate.replace("household", household_id=target)
        self.context.messages.tell(f"已把{name}移过来。")


class ClosingForm(_MemberForm):
    """`open(household_id=…)`: 销户."""

    title = "销户"
    save_text = "把这户销掉"
    reason = "销户"
    help_text = "整户迁走、没有人了，就销户。资料都留着，在农户列表的“已销户”里看得到，也能恢复。"

    def _build(self) -> None:
        self._people = paragraph("")
        self.sheet.add_widget(self._people)
        self.sheet.add("reason", ChoiceEdit((word, word) for word in CLOSING_REASONS), label="为什么", required=True)
        self.sheet.add("on", DateEdit(today=self._today), label="哪一天", required=True)
        self.sheet.add("words", TextEdit(most=100), label="补充说明", wide=True, hint="选“其他”的请写明")

    def header_buttons(self) -> list[QWidget]:
        return []

    def _show_household(self, detail: HouseholdDetail) -> None:
        self._detail = detail
        self.set_heading("销户", "　".join(part for part in (f"{detail.title}家", detail.group_name) if part))
        names = "、".join(member.name for member in detail.members)
        self._people.setText(f"户里还有 {names}，会一起记成不在户里了。" if names else "户里已经没有人了。")
        self._show({"on": self._today(), "reason": None, "words": ""})

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        return _check_reason(values)

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        assert self._household_id is not None
        return close_household(uow, self._household_id, on=values["on"], reason=_reason(values))

    def _on_saved(self, outcome: Any) -> None:
        household_id, perform = self._household_id, self.perform
        assert household_id is not None
        title = self._detail.title if self._detail is not None else ""
        super()._on_saved(outcome)

        def take_back() -> None:
            perform(lambda uow: reopen_household(uow, household_id), reason="撤销")

        self.context.messages.tell(f"已把{title}家销掉。", undo=take_back)


def _reason(values: Mapping[str, Any]) -> str:
    words = str(values.get("words") or "").strip()
    reason = str(values["reason"])
    if reason == "其他":
        return words
    return f"{reason}，{words}" if words else reason


def _check_reason(values: Mapping[str, Any]) -> dict[str, str]:
    if values.get("reason") == "其他" and not str(values.get("words") or "").strip():
        return {"words": "请写明是什么原因。"}
    return {}
