"""Saving, moving and closing households and persons. Typed values go through the same readers as sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from desktop_app.households.queries import HouseholdMissingError
from desktop_app.households.vocabulary import load_vocabulary
from desktop_app.storage.changes import Changes
from desktop_app.storage.unit_of_work import UnitOfWork
from village_core.domain.errors import Finding, RefusedError, RuleRefusedError
from village_core.domain.households.checks import check_household, check_person
from village_core.domain.households.fields import HEAD, FieldValue
from village_core.domain.households.id_numbers import RESIDENT_CARD, identity_key
from village_core.domain.ids import new_id
from village_core.domain.staff.rights import Right
from village_core.records.households import Household, Person

CHANGED = Changes.of("households")
_IDENTITY = ("id_number", "id_kind", "birth_date", "sex")
_SAFE = "资料没有改动。"

LEAVING_REASONS = ("去世", "婚嫁迁出", "户口迁出", "分户", "登记错了", "其他")
CLOSING_REASONS = ("整户迁出", "户内没有人了", "并到别户", "登记错了", "其他")


@dataclass(frozen=True)
class Saved:
    """What was written, and its id."""

    id: UUID
    changes: Changes = CHANGED


def save_household(uow: UnitOfWork, household_id: UUID | None, values: Mapping[str, FieldValue]) -> Saved:
    """Write the given fields; None makes a new household. Raises RuleRefusedError with a finding a wrong field."""
    uow.require(Right.EDIT_HOUSEHOLDS, about=household_id)
    checked = check_household(values, vocabulary=load_vocabulary())
    mistakes = dict(checked.mistakes)
    _check_household_is_alone(uow, household_id, checked.values, mistakes)
    _refuse_mistakes(mistakes)
    household = _household(uow, household_id) if household_id is not None else None
    if household is None:
        household = Household(village=uow.village, id=new_id())
        uow.session.add(household)
    else:
        _refuse_closed(household)
    for name, value in checked.values.items():
        if name != "head_name" or household_id is None:
            setattr(household, name, value)
    return Saved(household.id)


def save_person(uow: UnitOfWork, person_id: UUID | None, household_id: UUID, values: Mapping[str, FieldValue]) -> Saved:
    """Write the given fields of a person; None adds a member. The first member of a household may be its head.

    Number, kind of paper, birth and sex are judged together; those that are not given as they stand.
    """
    uow.require(Right.EDIT_HOUSEHOLDS, about=person_id or household_id)
    household = _household(uow, household_id)
    _refuse_closed(household)
    person = _person(uow, person_id) if person_id is not None else None
    if person is not None and any(name in values for name in _IDENTITY):
        values = {name: getattr(person, name) for name in _IDENTITY} | dict(values)
    checked = check_person(values, vocabulary=load_vocabulary(), today=uow.today)
    mistakes = dict(checked.mistakes)
    if person is None and not checked.values.get("name"):
        mistakes.setdefault("name", "请填姓名。")
    _check_person_is_alone(uow, person, checked.values, mistakes)
    _check_relation(uow, person, household, checked.values, mistakes)
    _check_namesake(uow, person, household, checked.values, mistakes)
    _refuse_mistakes(mistakes)
    count_before = _count_members(uow, household.id)
    if person is None:
        person = Person(village=uow.village, id=new_id(), household_id=household.id, name=str(checked.values["name"]))
        uow.session.add(person)
    for name, value in checked.values.items():
        setattr(person, name, value)
    if person.relation == HEAD:
        household.head_name = person.name
    uow.session.flush()
    _follow_size(uow, household, count_before)
    return Saved(person.id)


def change_head(uow: UnitOfWork, household_id: UUID, *, head: UUID, relations: Mapping[UUID, str]) -> Changes:
    """Make a member the head. `relations` tells what the others now are to the new head; the old head's is a must."""
    uow.require(Right.EDIT_HOUSEHOLDS, about=household_id)
    household = _household(uow, household_id)
    _refuse_closed(household)
    members = _open_members(uow, household_id)
    new_head = next((member for member in members if member.id == head), None)
    if new_head is None:
        raise RefusedError("这个人不在这一户里。", safe=_SAFE, next_step="请重新打开这一户再选。")
    old_head = next((member for member in members if member.relation == HEAD), None)
    if old_head is not None and old_head.id != head and relations.get(old_head.id, HEAD).strip() in ("", HEAD):
        raise RuleRefusedError(
            (Finding("HEAD", hard=True, message=f"请填{old_head.name}是新户主的什么人。", field=old_head.id.hex),)
        )
    for member in members:
        relation = relations.get(member.id, "").strip()
        if member.id != head and relation and relation != HEAD:
            member.relation = relation
    new_head.relation = HEAD
    household.head_name = new_head.name
    return CHANGED


def close_person(uow: UnitOfWork, person_id: UUID, *, on: date, reason: str) -> Changes:
    """The person is no longer of the household. A head leaves after another one was named, or last of all."""
    uow.require(Right.EDIT_HOUSEHOLDS, about=person_id)
    person = _person(uow, person_id)
    household = _household(uow, person.household_id)
    _check_closing(on, reason, today=uow.today, born=person.birth_date)
    members = _open_members(uow, person.household_id)
    if person.relation == HEAD and len(members) > 1:
        raise RefusedError(
            f"{person.name}是户主，户里还有 {len(members) - 1} 人。", safe=_SAFE, next_step="请先换户主，再办这一步。"
        )
    person.closed_on, person.closed_reason = on, reason.strip()
    uow.session.flush()
    _follow_size(uow, household, len(members))
    return CHANGED


def reopen_person(uow: UnitOfWork, person_id: UUID) -> Changes:
    """Take back that somebody left."""
    uow.require(Right.EDIT_HOUSEHOLDS, about=person_id)
    person = _person(uow, person_id)
    household = _household(uow, person.household_id)
    members = _open_members(uow, person.household_id)
    if person.relation == HEAD and any(member.relation == HEAD for member in members if member.id != person.id):
        person.relation = None
    person.closed_on = person.closed_reason = None
    uow.session.flush()
    _follow_size(uow, household, len(members))
    return CHANGED


def move_person(uow: UnitOfWork, person_id: UUID, *, to_household: UUID, relation: str) -> Changes:
    """The person goes to live with another household (分户, 投靠)."""
    uow.require(Right.EDIT_HOUSEHOLDS, about=person_id)
    person = _person(uow, person_id)
    source, target = _household(uow, person.household_id), _household(uow, to_household)
    _refuse_closed(target)
    stay, there = _open_members(uow, source.id), _open_members(uow, target.id)
    if source.id == target.id:
        raise RefusedError(f"{person.name}本来就在这一户。", safe=_SAFE, next_step="请选另外一户。")
    if person.relation == HEAD and len(stay) > 1:
        raise RefusedError(
            f"{person.name}是户主，户里还有 {len(stay) - 1} 人。", safe=_SAFE, next_step="请先换户主，再移到别户。"
        )
    relation = relation.strip()
    if relation == HEAD and any(member.relation == HEAD for member in there):
        raise _field_refusal("relation", f"那一户已有户主{target.head_name or ''}，请选别的关系。")
    person.household_id, person.relation = target.id, relation or None
    if relation == HEAD:
        target.head_name = person.name
    uow.session.flush()
    _follow_size(uow, source, len(stay))
    _follow_size(uow, target, len(there))
    return CHANGED


def close_household(uow: UnitOfWork, household_id: UUID, *, on: date, reason: str) -> Changes:
    """销户: the household and all who are still in it are closed on that day. Nothing is deleted."""
    uow.require(Right.EDIT_HOUSEHOLDS, about=household_id)
    household = _household(uow, household_id)
    _refuse_closed(household)
    _check_closing(on, reason, today=uow.today, born=None)
    for member in _open_members(uow, household_id):
        member.closed_on, member.closed_reason = on, reason.strip()
    household.closed_on, household.closed_reason = on, reason.strip()
    return CHANGED


def reopen_household(uow: UnitOfWork, household_id: UUID) -> Changes:
    """Take back 销户: those who left on that day for that reason are back with the household."""
    uow.require(Right.EDIT_HOUSEHOLDS, about=household_id)
    household = _household(uow, household_id)
    on, reason = household.closed_on, household.closed_reason
    if on is None:
        return Changes(frozenset())
    statement = select(Person).where(
        Person.village == uow.village,
        Person.household_id == household_id,
        Person.closed_on == on,
        Person.closed_reason == reason,
        Person.merged_into.is_(None),
    )
    for member in uow.session.scalars(statement):
        member.closed_on = member.closed_reason = None
    household.closed_on = household.closed_reason = None
    return CHANGED


def _household(uow: UnitOfWork, household_id: UUID) -> Household:
    household = uow.session.get(Household, (uow.village, household_id))
    if household is None or household.merged_into is not None:
        raise HouseholdMissingError
    return household


def _person(uow: UnitOfWork, person_id: UUID) -> Person:
    person = uow.session.get(Person, (uow.village, person_id))
    if person is None or person.merged_into is not None:
        raise RefusedError("找不到这个人，可能已经和别人并成一个。", safe=_SAFE, next_step="请重新打开这一户。")
    return person


def _open_members(uow: UnitOfWork, household_id: UUID) -> list[Person]:
    statement = select(Person).where(
        Person.village == uow.village,
        Person.household_id == household_id,
        Person.closed_on.is_(None),
        Person.merged_into.is_(None),
    )
    return list(uow.session.scalars(statement))


def _count_members(uow: UnitOfWork, household_id: UUID) -> int:
    return len(_open_members(uow, household_id))


def _follow_size(uow: UnitOfWork, household: Household, count_before: int) -> None:
    """人数 goes with the members unless it told something else before."""
    if household.declared_size in (None, count_before):
        household.declared_size = _count_members(uow, household.id)


def _refuse_closed(household: Household) -> None:
    if household.closed_on is not None:
        raise RefusedError(
            f"{household.head_name or '这户'}已经销户，不能再改。", safe=_SAFE, next_step="确需再改的，请先恢复这户。"
        )


def _check_household_is_alone(
    uow: UnitOfWork, household_id: UUID | None, values: Mapping[str, FieldValue], mistakes: dict[str, str]
) -> None:
    number = values.get("number")
    if not number:
        return
    other = uow.session.scalar(
        select(Household)
        .where(
            Household.village == uow.village,
            Household.number == number,
            Household.merged_into.is_(None),
            Household.id != (household_id or UUID(int=0)),
        )
        .limit(1)
    )
    if other is not None:
        told = "、".join(part for part in (other.group_name, other.head_name) if part)
        mistakes.setdefault("number", f"这个户编号已经登记给{told or '另一户'}，请核对。")


def _check_person_is_alone(
    uow: UnitOfWork, person: Person | None, values: Mapping[str, FieldValue], mistakes: dict[str, str]
) -> None:
    id_number, number = values.get("id_number"), values.get("number")
    conditions: list[tuple[str, Any]] = []
    if isinstance(id_number, str) and "id_number" not in mistakes:
        key = identity_key(str(values.get("id_kind") or RESIDENT_CARD), id_number)
        same = {id_number, key}
        if len(key) == 18:
            same.add(key[:6] + key[8:17])
            conditions.append(("id_number", Person.id_number.in_(same) | Person.id_number.startswith(key)))
        else:
            conditions.append(("id_number", Person.id_number.in_(same)))
    if number:
        conditions.append(("number", Person.number == number))
    for name, condition in conditions:
        found = uow.session.execute(
            select(Person.name, Person.closed_on, Household.group_name, Household.head_name)
            .join(Household, (Household.village == Person.village) & (Household.id == Person.household_id))
            .where(
                Person.village == uow.village,
                condition,
                Person.merged_into.is_(None),
                Person.id != (person.id if person is not None else UUID(int=0)),
            )
            .limit(1)
        ).first()
        if found is not None:
            where = f"{found.group_name or ''}{found.head_name or ''}家"
            left = "（已不在户里）" if found.closed_on else ""
            mistakes.setdefault(name, f"这个号码已经登记在{where}的{found.name}{left}名下，请核对。")


def _check_relation(
    uow: UnitOfWork,
    person: Person | None,
    household: Household,
    values: Mapping[str, FieldValue],
    mistakes: dict[str, str],
) -> None:
    if "relation" not in values:
        return
    relation = values["relation"]
    others = [member for member in _open_members(uow, household.id) if person is None or member.id != person.id]
    head = next((member for member in others if member.relation == HEAD), None)
    if relation == HEAD and head is not None:
        mistakes.setdefault("relation", f"这户已有户主{head.name}。换户主请点“换户主”。")
    elif relation != HEAD and person is not None and person.relation == HEAD and person.closed_on is None and others:
        mistakes.setdefault("relation", "他是户主。换户主请点“换户主”。")
    elif relation is None:
        mistakes.setdefault("relation", "请选和户主的关系。")


def _check_namesake(
    uow: UnitOfWork,
    person: Person | None,
    household: Household,
    values: Mapping[str, FieldValue],
    mistakes: dict[str, str],
) -> None:
    """Two of one name in one household need papers that tell them apart."""
    name = values.get("name")
    if person is not None or not name or values.get("id_number") or "name" in mistakes:
        return
    count = uow.session.scalar(
        select(func.count()).where(
            Person.village == uow.village,
            Person.household_id == household.id,
            Person.name == name,
            Person.closed_on.is_(None),
            Person.merged_into.is_(None),
        )
    )
    if count:
        mistakes["id_number"] = f"这户已有一个{name}，请填证件号码，好分清是不是同一个人。"


def _check_closing(on: date, reason: str, *, today: date, born: date | None) -> None:
    if not reason.strip():
        raise _field_refusal("reason", "请选或写下原因。")
    if on > today:
        raise _field_refusal("on", "日子还没有到，请填已经过去的日期。")
    if born is not None and on < born:
        raise _field_refusal("on", "这个日子比出生日期还早，请核对。")


def _refuse_mistakes(mistakes: Mapping[str, str]) -> None:
    if mistakes:
        findings = tuple(Finding("FIELD", hard=True, message=told, field=name) for name, told in mistakes.items())
        raise RuleRefusedError(findings, next_step="请改好标出的地方再存。")


def _field_refusal(field: str, message: str) -> RuleRefusedError:
    return RuleRefusedError((Finding("FIELD", hard=True, message=message, field=field),))
