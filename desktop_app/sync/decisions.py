"""What a person decides about a question: written here as a fact, carried out by the county for everyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from desktop_app.ledger.service import reverse_voucher
from desktop_app.relief.case_facts import why_stand_aside
from desktop_app.storage.changes import Changes
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.sync.asked_first import case_of_question, rows_about
from desktop_app.sync.late_vouchers import find_late_voucher
from desktop_app.sync.pairs import find_pair
from village_core.domain.clock import stamp
from village_core.domain.errors import Finding, RefusedError, RuleRefusedError
from village_core.domain.ids import new_id
from village_core.domain.staff.rights import Right
from village_core.exchange.objections import Reason
from village_core.exchange.operations import synced_table
from village_core.exchange.questions import (
    CHOICES,
    NEITHER,
    OFFERED,
    REASON_NEEDED,
    STANDING,
    may_decide,
    read_document,
    read_value,
    who_may_decide,
)
from village_core.exchange.staff_roles import role_list, split_roles
from village_core.exchange.values import MalformedValueError, Value
from village_core.exchange.words import field_word, to_json
from village_core.records.held import HeldChange, HeldDecision
from village_core.records.staff import StaffMember

CHANGED = Changes.of("sync", "households", "relief", "ledger")
_SAFE = "两边的内容都在，没有改动。"
LONGEST_REASON, LONGEST_REASON_TO_REVERSE = 300, 150


def decide_question(
    uow: UnitOfWork,
    question_id: UUID,
    choice: str,
    *,
    seen: str | None = None,
    offered: str | None = None,
    value: Any = None,
    reason: str = "",
) -> Changes:
    """Say which side stands. `value` is the right one where neither is, as its column holds it (分, ISO date).

    `seen` and `offered` are those of the `Question` that the person had before him when he chose: what came since has
    not been looked at. Nothing changes here until the county has carried it out; until then a later decision takes
    the place of this one.
    """
    question = uow.session.get(HeldChange, (uow.village, question_id))
    uow.require(Right.DECIDE_QUESTIONS, about=rows_about(uow, question)[0] if question is not None else None)
    if question is None or choice not in CHOICES:
        raise RefusedError("找不到这件事。", safe=_SAFE, next_step="请同步一次，再打开这一页看看。")
    if question.decision_id is not None:
        raise RefusedError(
            "这件事已经有人拿定了主意。", safe=_SAFE, next_step="结果在“已经定了的”里；要再改，请直接去改那一条。"
        )
    if not may_decide(question.subject_table, roles_of(uow, uow.actor.person_id)):
        raise _not_his(
            f"这件事要由{who_may_decide(question.subject_table)}来定。",
            "请换成那位工作人员登录，或者到“设置—工作人员”看看岗位。",
        )
    counts = find_late_voucher(uow, question) is not None  # it counts already: keeping it lets nothing through
    aside = "" if counts else _why_aside(uow, question)
    if aside:
        raise _not_his(aside, "请由别的人来定；村里没有别人有这个岗位的，请县里另给一个人。")
    reason = reason.strip()
    if choice == OFFERED and question.reason_kind in REASON_NEEDED and not reason:
        raise RefusedError("照右边的办，要写明理由。", safe=_SAFE, next_step="请在“理由”里写清为什么可以。")
    _refuse_too_long(reason, LONGEST_REASON)
    uow.session.add(
        HeldDecision(
            village=uow.village,
            id=new_id(),
            held_id=question_id,
            choice=choice,
            value=_chosen_value(uow, question, choice, seen=seen, offered=offered, value=value),
            reason=reason,
            made_at=stamp(uow.clock),
            made_by=uow.actor.person_id,
            made_by_name=uow.actor.name,
        )
    )
    return CHANGED


@dataclass(frozen=True)
class TakenBack:
    """A late voucher was taken back by the one that `reversal` names."""

    voucher_id: UUID
    reversal: str
    changes: Changes = CHANGED


def reverse_late_voucher(uow: UnitOfWork, question_id: UUID, *, reason: str) -> TakenBack:
    """Take a voucher back that came late, and say so as the answer to its question: both in one deed."""
    question = uow.session.get(HeldChange, (uow.village, question_id))
    late = find_late_voucher(uow, question) if question is not None else None
    if question is None or late is None:
        raise RefusedError("找不到要冲销的凭证。", safe=_SAFE, next_step="请同步一次，再打开这一页看看。")
    _refuse_too_long(reason.strip(), LONGEST_REASON_TO_REVERSE)
    decide_question(uow, question_id, STANDING, reason=reason)
    posted = reverse_voucher(uow, late.voucher_id, reason=reason)
    now = find_late_voucher(uow, question)
    return TakenBack(posted.voucher_id, now.reversed_by if now is not None else posted.number_text)


def _refuse_too_long(reason: str, most: int) -> None:
    if len(reason) > most:
        raise RefusedError(f"理由最多写 {most} 个字，现在有 {len(reason)} 个。", safe=_SAFE, next_step="请写短一些。")


def roles_of(reader: Reader, person_id: UUID) -> frozenset[str]:
    """The roles that a person of this village fills, with 兼任 those that may be combined."""
    row = reader.session.execute(
        select(StaffMember.roles, StaffMember.may_combine_duties).where(
            StaffMember.village == reader.village, StaffMember.id == person_id
        )
    ).first()
    return role_list().acting(split_roles(row.roles), combines=row.may_combine_duties) if row else frozenset()


def _not_his(message: str, next_step: str) -> RuleRefusedError:
    """On record like every deed that somebody may not do."""
    return RuleRefusedError((Finding("DUTY-0", hard=True, message=message),), next_step=next_step)


def _chosen_value(
    reader: Reader, question: HeldChange, choice: str, *, seen: str | None, offered: str | None, value: Any
) -> str:
    """JSON of field → value, so that the county knows what the person saw; of two rows that are one for each side,
    {} for any other whole record."""
    name = question.field
    if not name:
        pair = find_pair(reader, question) if question.reason_kind == Reason.TWO_ROWS and choice != NEITHER else None
        return (seen or pair.as_seen()) if pair is not None else "{}"
    if choice == STANDING:
        return seen if seen is not None else question.standing
    if choice == OFFERED:
        document: dict[str, Any] = {name: read_document(offered or question.offered).get(name)}
    else:
        document = read_document(to_json(_checked(question.subject_table, name, value)))
    if seen is not None:
        document[STANDING] = read_document(seen)
    return to_json(document)


def _why_aside(reader: UnitOfWork, question: HeldChange) -> str:
    """回避: about a case of his own or of his near relatives nobody decides, for or against."""
    case_id = case_of_question(reader, question)
    if case_id is None:
        return ""
    return why_stand_aside(reader, case_id, reader.actor.name, person=reader.actor.person_id)


def _checked(table_name: str, name: str, value: Any) -> Mapping[str, Value]:
    table = synced_table(table_name)
    assert table is not None
    if isinstance(value, str):
        value = value.strip() or None
    try:
        return {name: read_value(table, name, value)}
    except MalformedValueError as error:
        raise RefusedError(
            f"“{field_word(table_name, name)}”填的不对。", safe=_SAFE, next_step="请照这一栏的样子再填一次。"
        ) from error
