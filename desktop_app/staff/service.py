"""Writes people and their roles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from desktop_app.storage.changes import Changes
from desktop_app.storage.unit_of_work import UnitOfWork
from village_core.domain.errors import RefusedError
from village_core.domain.ids import new_id
from village_core.records.staff import StaffMember

ROLES = (
    "支书",
    "文书",
    "报账员",
    "出纳",
    "会计",
    "村监委会",
    "第一书记",
    "乡镇审核",
    "管理员",
    "只读",
)
CHANGED = Changes.of("settings")


def save_person(
    uow: UnitOfWork,
    person_id: UUID | None = None,
    *,
    name: str,
    roles: Sequence[str],
    may_combine_duties: bool = False,
) -> Changes:
    """Add a person, or change one; the first role stands beside the name. 出纳 and 会计 in one hand go on record."""
    if not name.strip():
        raise RefusedError("姓名还没有填。", safe="资料没有改动。", next_step="请填写姓名。")
    unknown = [role for role in roles if role not in ROLES]
    if unknown or not roles:
        raise RefusedError("还没有选岗位。", safe="资料没有改动。", next_step="请至少选一个岗位。")
    if {"出纳", "会计"} <= set(roles) and not may_combine_duties:
        raise RefusedError(
            "出纳和会计由一个人担任，要先记明兼任。",
            safe="资料没有改动。",
            next_step="确实只有一个人时，请勾选“兼任，已在村里说明”。",
        )
    row = uow.session.get(StaffMember, (uow.village, person_id)) if person_id is not None else None
    if row is None:
        row = StaffMember(village=uow.village, id=person_id or new_id(), name=name.strip(), roles="")
        uow.session.add(row)
    row.name = name.strip()
    row.roles = ",".join(dict.fromkeys(roles))
    row.may_combine_duties = may_combine_duties
    return CHANGED


def mark_left(uow: UnitOfWork, person_id: UUID, *, left_on: date | None) -> Changes:
    """The person no longer works here; the name stays on what was done. None takes it back."""
    if person_id == uow.actor.person_id and left_on is not None:
        raise RefusedError("不能把正在用的人记成离任。", safe="资料没有改动。", next_step="请由接手的人来记。")
    row = uow.session.get_one(StaffMember, (uow.village, person_id))
    row.left_on = left_on.isoformat() if left_on else None
    return CHANGED
