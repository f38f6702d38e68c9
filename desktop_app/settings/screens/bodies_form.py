"""How many should come to each meeting, and who: what quorums and votes are counted against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop_app.settings import queries, service
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.changes import Changes
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.editor import LongTextEdit, NumberEdit
from village_core.domain.meetings.rules import BODY_TITLES, MeetingBody
from village_core.domain.staff.rights import Right

_NAMED = {
    MeetingBody.PARTY_COMMITTEE: "支部委员或党总支委员",
    MeetingBody.TWO_COMMITTEES: "支委和村委会成员，交叉任职的算一人",
    MeetingBody.PARTY_MEMBERS: "有表决权的正式党员，预备党员不算",
    MeetingBody.DELEGATES: "照代表名册",
}
_COUNTED = {
    MeetingBody.VILLAGERS: "年满十八周岁的村民",
    MeetingBody.HOUSEHOLD_HEADS: "全村户数",
}


class BodiesForm(FormPage):
    """Empty numbers stay unknown; a meeting then asks for them."""

    needs = Right.MANAGE_SETTINGS
    title = "各种会议的应到人数"
    save_text = "保存人数"
    reason = "修改应到人数"
    help_text = "开会时按这里的应到人数算到会够不够、票数够不够。名单可以不填；填了就印在签到表上。"

    def _build(self) -> None:
        for body, words in _NAMED.items():
            self.sheet.add_heading(BODY_TITLES[body])
            self.sheet.add(f"{body}_size", NumberEdit(least=1, most=9999), label="应到", unit="人", hint=words)
            self.sheet.add(
                f"{body}_names",
                LongTextEdit(lines=3),
                label=f"{BODY_TITLES[body]}名单",
                hint="一行一个人，可以不填",
            )
        self.sheet.add_heading("村民会议")
        for body, words in _COUNTED.items():
            self.sheet.add(
                f"{body}_size", NumberEdit(least=1, most=99999), label=words, unit=_unit(body), hint="可以不填"
            )

    def draft_key(self) -> str:
        return "settings:bodies"

    def load(self) -> None:
        self.fetch(queries.list_bodies, self._show_bodies)

    def standing(self, reader: Reader) -> Mapping[str, Any]:
        return _fields(queries.list_bodies(reader))

    def _show_bodies(self, bodies: list[queries.Body]) -> None:
        self._show(_fields(bodies))

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        mistakes = {}
        for body in _NAMED:
            size, names = values[f"{body}_size"], values[f"{body}_names"].split()
            if names and size is None:
                mistakes[f"{body}_size"] = f"名单有 {len(names)} 人，应到人数还没有填。"
            elif size is not None and len(names) > size:
                mistakes[f"{body}_names"] = f"名单有 {len(names)} 人，比应到 {size} 人多，请改人数或名单。"
        return mistakes

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        changes = Changes.of()
        for body in (*_NAMED, *_COUNTED):
            if (size := values[f"{body}_size"]) is not None:
                names = values.get(f"{body}_names") or ""
                changes |= service.update_body(uow, body, size=size, names=names.split())
        return changes

    def _on_saved(self, outcome: Any) -> None:
        super()._on_saved(outcome)
        self.context.messages.tell("已保存应到人数。")


def _fields(bodies: list[queries.Body]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for body in bodies:
        values[f"{body.kind}_size"] = body.size
        values[f"{body.kind}_names"] = "\n".join(body.names)
    return values


def _unit(body: MeetingBody) -> str:
    return "户" if body is MeetingBody.HOUSEHOLD_HEADS else "人"
