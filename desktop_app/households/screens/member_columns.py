"""What the table of a household's people shows of each, with full numbers while they were asked for."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.households.queries import FullNumbers, MemberRow
from desktop_app.widgets.record_table import Column


def member_columns(full: Callable[[], FullNumbers | None]) -> list[Column[MemberRow]]:
    """`full`: the numbers in full, None while they are masked."""

    def id_number(member: MemberRow) -> str:
        shown = full()
        return (shown.id_numbers.get(member.id) or "") if shown else member.masked_id_number

    def phone(member: MemberRow) -> str:
        shown = full()
        return (shown.phones.get(member.id) or "") if shown else member.masked_phone

    return [
        Column("姓名", lambda member: member.name, 92),
        Column("关系", lambda member: member.relation or "没填", 80, tone=_relation_tone),
        Column("性别年龄", _sex_and_age, 92, sort_key=lambda member: member.age or 0),
        Column("证件号码", id_number, 190),
        Column("电话", phone, 118),
        Column("健康", lambda member: member.health or "", 100, tone=_health_tone),
        Column("务工", lambda member: member.work, 70),
        Column("民族", lambda member: member.ethnicity or "", 72, hidden=True),
    ]


def _sex_and_age(member: MemberRow) -> str:
    age = "" if member.age is None else f"{member.age} 岁"
    return "，".join(part for part in (member.sex, age) if part)


def _relation_tone(member: MemberRow) -> str:
    return "" if member.relation else "soon"


def _health_tone(member: MemberRow) -> str:
    return "" if member.health in (None, "健康") else "soon"
