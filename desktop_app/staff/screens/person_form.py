"""A person and the roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from desktop_app.shell.form_page import FormPage
from desktop_app.staff import queries, service
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.editor import CheckEdit, LongTextEdit, TextEdit
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.question import ask
from village_core.domain.errors import Finding
from village_core.domain.ids import new_id
from village_core.domain.staff.rights import Right
from village_core.exchange.staff_roles import role_list


class PersonForm(FormPage):
    """`open(person_id=…)`; without it a new person."""

    title = "人员"
    save_text = "保存这个人"
    reason = "登记人员和岗位"
    help_text = "这里记谁在村里做什么。名字会出现在初审、入户和审批的记录上。一个人可以有几个岗位。"
    _person_id: UUID | None = None
    _kept: tuple[str, ...] = ()
    _combined = False

    def _build(self) -> None:
        self.sheet.add("name", TextEdit(most=30), label="姓名", required=True, wide=True)
        self.name_note = paragraph("", tone="soon")
        self.name_note.hide()
        self.sheet.add_widget(self.name_note)
        self.county_note = paragraph("岗位和兼任由县里定，这里只看。近亲属可以自己写。", tone="soon")
        self.county_note.hide()
        self.sheet.add_widget(self.county_note)
        self.sheet.add_heading("岗位")
        for role in role_list().roles.values():
            self.sheet.add(f"role_{role.name}", CheckEdit(role.name), label="", hint=role.duty)
        self.sheet.add_heading("兼任")
        self.sheet.add(
            "may_combine_duties",
            CheckEdit("兼任，已在村里说明"),
            label="",
            hint="制单、审核一般是两个人，确实只有一个人时勾上，会记录在案。出纳不能兼会计，法律不许。",
            wide=True,
        )
        self.sheet.add(
            "note",
            TextEdit(most=150, placeholder="例如：只有一人，2026年1月村两委定"),
            label="兼任说明",
            hint="为什么、从哪天起、谁同意的",
            wide=True,
        )
        self.sheet.add_heading("回避")
        self.sheet.add(
            "relatives",
            LongTextEdit(lines=3, placeholder="王建国 兄弟"),
            label="近亲属",
            hint="一行一个：姓名、关系。办他们家的救助时，会提醒回避。只是同名的，关系写“同名”；"
            "改过名字的，以前的名字写“原名”，改名时会自动记上。"
            "自己只能添；去掉、改关系、写同名，要由另一位管人员的人来写。",
            wide=True,
        )

    def header_buttons(self) -> list[QWidget]:
        self.leave_button: Button = button("这个人已离任", self._on_leave_clicked)
        return [self.leave_button]

    def open(self, **arguments: object) -> None:
        person_id = arguments.get("person_id")
        self._person_id = person_id if isinstance(person_id, UUID) else None
        super().open()

    def draft_key(self) -> str:
        return f"staff:{self._person_id or ''}"

    def load(self) -> None:
        def query(reader: Reader) -> tuple[queries.Person | None, bool, str]:
            person = queries.find_person(reader, self._person_id) if self._person_id else None
            return person, queries.has_county(reader), service.why_not_rename(reader, self._person_id)

        self.fetch(query, self._show_person)

    def standing(self, reader: Reader) -> Mapping[str, Any]:
        person = queries.find_person(reader, self._person_id) if self._person_id else None
        return _fields(person) if person is not None else {}

    def _show_person(self, answer: tuple[queries.Person | None, bool, str]) -> None:
        person, county, why_not_rename = answer
        self.sheet.editor("name").setEnabled(not why_not_rename)
        self.name_note.setText(why_not_rename)
        self.name_note.setVisible(bool(why_not_rename))
        self._kept = person.roles if person else ()
        self._combined = person is not None and person.may_combine_duties
        mine = self.context.workspace.actor.person_id == self._person_id
        working = person is not None and person.left_on is None
        self.leave_button.setVisible(working and not mine and not county)
        for name in ("may_combine_duties", "note", *(f"role_{role}" for role in service.ROLES)):
            self.sheet.editor(name).setEnabled(not county)
        self.county_note.setVisible(county)
        self._show(_fields(person))

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        roles = self._roles(values)
        if not roles:
            return {f"role_{service.ROLES[0]}": "请至少选一个岗位。"}
        conflicts = role_list().conflicts(roles, combines=values["may_combine_duties"])
        if conflicts:
            field = "may_combine_duties" if conflicts[0].field == "may_combine_duties" else f"role_{roles[0]}"
            return {field: conflicts[0].message}
        if values["may_combine_duties"] and not values["note"].strip() and not self._combined:
            return {"note": "请写明为什么、从哪天起、谁同意的。"}
        return {}

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        person_id = self._person_id or new_id()
        changes = service.CHANGED
        if self._person_id is not None:
            # Before a new name is written: the one from before is added to these lines.
            changes = service.declare_relatives(uow, person_id, lines=values["relatives"])
        if uow.duties is None or uow.duties.may(Right.MANAGE_PEOPLE):
            changes = service.save_person(
                uow,
                person_id,
                name=values["name"],
                roles=self._roles(values),
                may_combine_duties=values["may_combine_duties"],
                note=values["note"],
            )
        if self._person_id is None:
            changes = service.declare_relatives(uow, person_id, lines=values["relatives"])
        return changes

    def _roles(self, values: Mapping[str, Any]) -> list[str]:
        """The roles in the order they had, then the new ones: the first stands beside the name."""
        chosen = [role for role in service.ROLES if values[f"role_{role}"]]
        return [role for role in self._kept if role in chosen] + [role for role in chosen if role not in self._kept]

    def _place_of(self, finding: Finding) -> str:
        if finding.field != "roles":
            return super()._place_of(finding)
        added = [role for role in self._roles(self.read()) if role not in self._kept]
        return f"role_{added[0]}" if added else "may_combine_duties"

    def _on_saved(self, outcome: Any) -> None:
        super()._on_saved(outcome)
        self.context.messages.tell("已保存这个人。")

    def _on_leave_clicked(self) -> None:
        ask(
            self,
            "把这个人记成已离任？",
            detail="以前办过的事上名字还在，以后选人时不再列出。",
            safe="先不动",
            act="记成已离任",
            on_act=self._leave,
        )

    def _leave(self) -> None:
        person_id, messages, perform = self._person_id, self.context.messages, self.perform
        assert person_id is not None

        def take_back() -> None:
            perform(lambda uow: service.mark_left(uow, person_id, left_on=None))

        def left(_: object) -> None:
            self.context.navigate.back()
            messages.tell("已记成离任。", undo=take_back)

        self.perform(lambda uow: service.mark_left(uow, person_id, left_on=uow.today), reason="人员离任", on_done=left)


def _fields(person: queries.Person | None) -> dict[str, Any]:
    return {
        "name": person.name if person else "",
        "may_combine_duties": person is not None and person.may_combine_duties,
        "note": person.note if person else "",
        "relatives": person.relatives if person else "",
        **{f"role_{role}": person is not None and role in person.roles for role in service.ROLES},
    }
