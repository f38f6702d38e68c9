"""A member of a household. The identity number fills birth and sex while it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from desktop_app.households.editing import Saved, save_person
from desktop_app.households.queries import HouseholdDetail, MemberRow, get_household
from desktop_app.households.screens.fields import code_choice, keep_words, yes_no
from desktop_app.households.vocabulary import load_relations, load_vocabulary
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.date_edit import DateEdit
from desktop_app.widgets.editor import LongTextEdit, NumberEdit, TextEdit
from desktop_app.widgets.masked_edit import MaskedEdit
from village_core.domain.clock import today
from village_core.domain.households.checks import check_person
from village_core.domain.households.fields import HEAD
from village_core.domain.households.id_numbers import RESIDENT_CARD, read_id_number
from village_core.domain.masking import mask_id_number, mask_phone
from village_core.domain.staff.rights import Right

_INSURANCES = (
    ("resident_medical_insurance", "城乡居民基本医疗保险"),
    ("serious_illness_insurance", "大病保险"),
    ("resident_pension_insurance", "城乡居民基本养老保险"),
    ("employee_medical_insurance", "城镇职工基本医疗保险"),
    ("employee_pension_insurance", "城镇职工基本养老保险"),
    ("commercial_insurance", "商业补充医疗保险"),
)


class PersonForm(FormPage):
    """`open(household_id=…, person_id=…)`; without `person_id` a new member."""

    needs = Right.EDIT_HOUSEHOLDS
    title = "家人"
    save_text = "保存这个人"
    reason = "改家人"
    topics = frozenset({"households"})
    help_text = "证件号码填对了，出生日期和性别会自己出来。人走了、嫁了、迁了，点上面的“不在户里了”，资料都留着。"
    _household_id: UUID | None = None
    _person_id: UUID | None = None
    _whose: str = ""

    def _build(self) -> None:
        sheet = self.sheet
        sheet.add_heading("这个人")
        sheet.add("name", TextEdit(most=60), label="姓名", required=True)
        self._relation = ChoiceEdit([(word, word) for word in load_relations()])
        sheet.add("relation", self._relation, label="与户主关系", required=True)
        sheet.add("id_number", MaskedEdit(mask_id_number, most=30), label="证件号码", hint="没有就先空着")
        sheet.add("id_kind", code_choice("person.id_kind", empty=RESIDENT_CARD), label="证件类型")
        sheet.add("sex", code_choice("person.sex"), label="性别")
        sheet.add("birth_date", DateEdit(today=self._today), label="出生日期")
        sheet.add("ethnicity", code_choice("person.ethnicity"), label="民族")
        sheet.add("phone", MaskedEdit(mask_phone, most=30), label="联系电话")
        sheet.add_heading("上学、身体、务工")
        sheet.add("education", code_choice("person.education"), label="文化程度")
        sheet.add("school_status", code_choice("person.school_status"), label="在校生状况")
        sheet.add("health", code_choice("person.health"), label="健康状况")
        sheet.add("labour_capacity", code_choice("person.labour_capacity"), label="劳动技能")
        sheet.add("work_area", code_choice("person.work_area", empty="没有务工"), label="务工区域")
        sheet.add("work_months", NumberEdit(most=12), label="去年务工", unit="个月")
        sheet.add("political_status", code_choice("person.political_status"), label="政治面貌")
        sheet.add("number", TextEdit(most=40), label="人编号", hint="全国系统里的编号，没有就空着")
        sheet.add_heading("参保")
        for name, label in _INSURANCES:
            sheet.add(name, yes_no(), label=label)
        sheet.add("note", LongTextEdit(lines=2), label="备注", wide=True)
        self._move_button: Button = button("移到别户", lambda: self._open("person_move"))
        self._leave_button: Button = button("不在户里了", lambda: self._open("person_leave"))
        for made in (self._move_button, self._leave_button):
            self.guard(made, Right.EDIT_HOUSEHOLDS)
        for name in ("id_number", "id_kind"):
            sheet.editor(name).changed.connect(self._on_number)
        sheet.editor("phone").changed.connect(self._look)

    def header_buttons(self) -> list[QWidget]:
        return [self._move_button, self._leave_button]

    def open(self, **arguments: object) -> None:
        household_id, person_id = arguments.get("household_id"), arguments.get("person_id")
        self._household_id = household_id if isinstance(household_id, UUID) else None
        self._person_id = person_id if isinstance(person_id, UUID) else None
        for made in (self._move_button, self._leave_button):
            made.setVisible(self._person_id is not None)
        self.load()

    def draft_key(self) -> str:
        return f"person:{self._person_id or f'new:{self._household_id}'}"

    def load(self) -> None:
        household_id = self._household_id
        if household_id is not None:
            self.fetch(lambda reader: _read(reader, household_id), self._show_person)

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        return dict(check_person(values, vocabulary=load_vocabulary(), today=self._today()).mistakes)

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Saved:
        assert self._household_id is not None
        given = dict(values) if self._person_id is None else self.typed_over(values)
        return save_person(uow, self._person_id, self._household_id, given)

    def _on_saved(self, outcome: Any) -> None:
        name = self.sheet.editor("name").value()
        super()._on_saved(outcome)
        self.context.messages.tell(f"已保存{name}。")

    def _show_person(self, detail: HouseholdDetail) -> None:
        member = _find(detail, self._person_id)
        values: dict[str, Any] = dict(member.values) if member is not None else _empty(self.sheet.fields)
        if member is None and not detail.members:
            values["relation"] = HEAD
        keep_words(self.sheet, values)
        self._show(values)
        whose = "　".join(part for part in (f"{detail.title}家", detail.group_name) if part)
        self._whose = f"{detail.group_name}{detail.title}家 {member.name}" if member is not None else ""
        self.set_heading(member.name if member is not None else "加一位家人", whose)
        self._look()

    def numbers_about(self) -> tuple[UUID, str] | None:
        return (self._person_id, self._whose) if self._person_id is not None else None

    def _on_number(self) -> None:
        """A good number writes kind, birth and sex into their fields."""
        paper = self._paper()
        if paper is not None and not paper.problem and paper.birth is not None:
            self.sheet.editor("birth_date").set_value(paper.birth)
            self.sheet.editor("sex").set_value(paper.sex)
        self._look()

    def _look(self) -> None:
        field, paper = self.sheet.fields["id_number"], self._paper()
        if paper is None:
            field.set_hint("没有就先空着")
        elif paper.problem and len(paper.number) >= 18:
            field.set_mistake(f"{paper.problem}。")
        elif paper.problem:
            field.set_hint(f"{paper.problem}。")
        elif paper.birth is not None:
            age = self._today().year - paper.birth.year
            odd = f"；{paper.warning}" if paper.warning else ""
            field.set_hint(f"号码是对的：{paper.birth.year}年生，{paper.sex}，今年 {age} 岁{odd}")
        else:
            field.set_hint("")
        phone = {"phone": self.sheet.editor("phone").typed()}
        warning = check_person(phone, vocabulary=load_vocabulary(), today=self._today()).hints.get("phone", "")
        self.sheet.fields["phone"].set_hint(f"请留意：{warning}。" if warning else "")

    def _paper(self) -> Any:
        typed = self.sheet.editor("id_number").typed().strip()
        kind = self.sheet.editor("id_kind").value()
        return read_id_number(typed, kind=str(kind or RESIDENT_CARD), today=self._today()) if typed else None

    def _open(self, page: str) -> None:
        self.context.navigate.replace(page, household_id=self._household_id, person_id=self._person_id)

    def _today(self) -> date:
        return today(self.context.workspace.clock)


def _read(reader: Reader, household_id: UUID) -> HouseholdDetail:
    return get_household(reader, household_id)


def _find(detail: HouseholdDetail, person_id: UUID | None) -> MemberRow | None:
    return next((member for member in (*detail.members, *detail.former_members) if member.id == person_id), None)


def _empty(fields: Mapping[str, object]) -> dict[str, Any]:
    return dict.fromkeys(fields)
