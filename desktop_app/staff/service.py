"""Writes people, their roles and their near relatives. Where there is a county, roles come from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from desktop_app.staff.in_charge import BY_ANOTHER, is_anybody_in_charge, why_left_to_another
from desktop_app.storage.changes import Changes
from desktop_app.storage.duties import roles_from_county
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from village_core.domain.errors import Finding, RefusedError, RuleRefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.kin import loosened
from village_core.domain.staff.names import with_earlier_name, write_relatives
from village_core.domain.staff.rights import Duties, Right
from village_core.exchange.staff_roles import role_list, split_relatives
from village_core.records.staff import StaffMember

ROLES = tuple(role_list().roles)
CHANGED = Changes.of("settings")
_SAFE = "资料没有改动。"
_MOST_RELATIVES = 40
_OWN_NAME = "自己的名字不能自己改，要由另一个人核实。"


def save_person(
    uow: UnitOfWork,
    person_id: UUID | None = None,
    *,
    name: str,
    roles: Sequence[str],
    may_combine_duties: bool = False,
    note: str | None = None,
) -> Changes:
    """Add a person, or change one; the first role stands beside the name. 兼任 goes on record with a `note`: why,
    since when, who agreed (None leaves what is there).

    A name from before stays among the near relatives, where 回避 finds it. Who else may change people changes it.

    Raises RuleRefusedError for roles that are kept apart: by the law always, else unless 兼任 is on record.
    """
    uow.require(Right.MANAGE_PEOPLE)
    if not name.strip():
        raise RefusedError("姓名还没有填。", safe=_SAFE, next_step="请填写姓名。")
    if not roles or any(role not in ROLES for role in roles):
        raise RefusedError("还没有选岗位。", safe=_SAFE, next_step="请至少选一个岗位。")
    conflicts = role_list().conflicts(roles, combines=may_combine_duties)
    if conflicts:
        step = "请改岗位。" if conflicts[0].field == "roles" else "请改岗位；确实只有一个人时，请先把兼任记在案。"
        raise RuleRefusedError(conflicts, next_step=step)
    row = uow.session.get(StaffMember, (uow.village, person_id)) if person_id is not None else None
    given = ",".join(dict.fromkeys(roles))
    if row is None or (row.roles, row.may_combine_duties) != (given, may_combine_duties):
        _refuse_with_county(uow)
    noted = (row.note if row is not None else None) if note is None else note.strip() or None
    if may_combine_duties and not noted and (row is None or not row.may_combine_duties):
        raise RefusedError(
            "兼任还没有写说明。",
            safe=_SAFE,
            next_step="请写明为什么、从哪天起、谁同意的。",
        )
    if row is not None:
        _refuse_raising_oneself(uow, row, roles=roles, combines=may_combine_duties)
    if row is None:
        row = StaffMember(village=uow.village, id=person_id or new_id(), name=name.strip(), roles="")
        uow.session.add(row)
    if row.name.strip() != name.strip():
        _refuse_own_name(uow, row)
        kept = with_earlier_name(split_relatives(row.relatives), row.name.strip(), now=name)
        row.relatives = write_relatives(kept) or None
        row.name = name.strip()
    row.roles = given
    row.may_combine_duties = may_combine_duties
    row.note = noted
    _refuse_nobody_in_charge(uow)
    return CHANGED


def declare_relatives(uow: UnitOfWork, person_id: UUID, *, lines: str) -> Changes:
    """Write down who this person's near relatives are, a line each: 王建国 兄弟. Everybody adds to his own.

    What frees him again, a line that goes or a 同名, another person writes who manages people.
    """
    own = person_id == uow.actor.person_id
    if not own:
        uow.require(Right.MANAGE_PEOPLE)
    relatives = split_relatives(lines)
    if len(relatives) > _MOST_RELATIVES:
        raise RefusedError(f"近亲属最多写 {_MOST_RELATIVES} 人。", safe=_SAFE, next_step="请只写本村的近亲属。")
    row = uow.session.get_one(StaffMember, (uow.village, person_id))
    freed = loosened(split_relatives(row.relatives), relatives) if own else ()
    if freed:
        message = f"自己写过的近亲属不能自己去掉、改关系或写成同名：{'、'.join(freed)}。要由另一个人核实。"
        who = "、".join(role_list().who(Right.MANAGE_PEOPLE))
        finding = Finding("RECUSAL-1", True, message, field="relatives")
        raise RuleRefusedError((finding,), next_step=f"请另一位管人员的人（{who}）登录，在“人员”里改。")
    row.relatives = write_relatives(relatives) or None
    return CHANGED


def mark_left(uow: UnitOfWork, person_id: UUID, *, left_on: date | None) -> Changes:
    """The person no longer works here; the name stays on what was done. None takes it back."""
    uow.require(Right.MANAGE_PEOPLE)
    if person_id == uow.actor.person_id and left_on is not None:
        raise RefusedError("不能把正在用的人记成离任。", safe=_SAFE, next_step="请由接手的人来记。")
    _refuse_with_county(uow)
    row = uow.session.get_one(StaffMember, (uow.village, person_id))
    row.left_on = left_on.isoformat() if left_on else None
    return CHANGED


def _refuse_with_county(uow: UnitOfWork) -> None:
    if roles_from_county(uow.session):
        raise RefusedError(
            "人员和岗位由县里登记，这台电脑上不能改。",
            safe=_SAFE,
            next_step="请把要改的告诉县里的管理人员，他们改好以后，这里同步一次就有了。",
        )


def why_not_rename(reader: Reader, person_id: UUID | None) -> str:
    """Why whoever is at the keyboard does not change this person's name, in words; '' when he may.

    Nobody changes his own while there is another who may: 回避 and 审核 go by who it is. Who is all alone may mend what
    he mistyped; the name from before counts all the same.
    """
    if reader.duties is None:
        return ""
    if person_id is None or person_id != reader.duties.person:
        return reader.duties.why_not_words(Right.MANAGE_PEOPLE)
    step = BY_ANOTHER if roles_from_county(reader.session) else why_left_to_another(reader, person_id)
    return _OWN_NAME + step if step else ""


def _refuse_own_name(uow: UnitOfWork, row: StaffMember) -> None:
    words = why_not_rename(uow, row.id)
    if words:
        finding = Finding("RECUSAL-1", True, _OWN_NAME, field="name")
        raise RuleRefusedError((finding,), next_step=words.removeprefix(_OWN_NAME))


def _refuse_raising_oneself(uow: UnitOfWork, row: StaffMember, *, roles: Sequence[str], combines: bool) -> None:
    """Nobody gives himself what he may not do yet, nor 兼任, while there is another who may change people."""
    if uow.duties is None or row.id != uow.duties.person:
        return
    after = Duties(row.name, tuple(roles), combines=combines, of=role_list())
    more = after.rights - uow.duties.rights
    step = why_left_to_another(uow, row.id) if more or (combines and not row.may_combine_duties) else ""
    if not step:
        return
    what = "、".join(role_list().titles[right] for right in Right if right in more) or "兼任"
    finding = Finding("DUTY-8", True, f"自己不能给自己加岗位和兼任（多出：{what}），要由另一个人来定。", field="roles")
    raise RuleRefusedError((finding,), next_step=step)


def _refuse_nobody_in_charge(uow: UnitOfWork) -> None:
    """Somebody must be left who may change people, or nobody ever could again."""
    if roles_from_county(uow.session):
        return
    uow.session.flush()
    if is_anybody_in_charge(uow):
        return
    raise RefusedError(
        "这样改了，就没有人能管人员了。",
        safe=_SAFE,
        next_step=f"请先让另一个人担任{'、'.join(role_list().who(Right.MANAGE_PEOPLE))}。",
    )
