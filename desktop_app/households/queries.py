"""What screens, the export and other features read of households. Frozen rows, never records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from desktop_app.households.excel import ExportTable, cell_text_of
from desktop_app.storage.access_log import EVERYBODY
from desktop_app.storage.unit_of_work import Reader
from village_core.domain.errors import RefusedError
from village_core.domain.households.fields import HEAD, HOUSEHOLD_FIELDS, PERSON_FIELDS, FieldValue
from village_core.domain.households.vocabulary import HOUSEHOLD, PERSON
from village_core.domain.masking import is_masked_field, mask_account, mask_field, mask_id_number, mask_phone, mask_text
from village_core.domain.staff.rights import Right
from village_core.records.households import ExtraField, Household, Person

_HOUSEHOLD_NAMES = tuple(each.name for each in HOUSEHOLD_FIELDS)
_PERSON_NAMES = tuple(each.name for each in PERSON_FIELDS)


class HouseholdMissingError(RefusedError):
    """Nothing here has this id."""

    def __init__(self) -> None:
        super().__init__("找不到这一户，可能已经和别的户并成一户。", next_step="请回到农户列表重新找。")


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """One line of the list."""

    id: UUID
    number: str | None
    head_name: str | None
    group_name: str | None
    size: int
    kind: str | None
    risk: str | None
    per_capita_fen: int | None
    helper_name: str | None
    subsistence_allowance: bool
    closed_on: date | None

    @property
    def title(self) -> str:
        """How the household is called: by its head."""
        return self.head_name or "（还没有户主）"


@dataclass(frozen=True)
class HouseholdFilter:
    """What a list shows. `kind` and `group` None mean all; `text` is part of a name, number or phone."""

    kind: str | None = None
    group: str | None = None
    allowance: bool = False
    closed: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person of a household. The numbers are masked: the full ones come from `get_full_numbers`."""

    id: UUID
    name: str
    relation: str | None
    sex: str | None
    birth_date: date | None
    age: int | None
    id_kind: str | None
    masked_id_number: str
    masked_phone: str
    ethnicity: str | None
    health: str | None
    labour_capacity: str | None
    work: str
    closed_on: date | None
    closed_reason: str | None
    values: Mapping[str, FieldValue] = field(repr=False)
    """Everything, for the form; the page shows the masked columns only."""

    @property
    def is_head(self) -> bool:
        return self.relation == HEAD and self.closed_on is None


@dataclass(frozen=True)
class HouseholdDetail:
    """One household with its people. `values` are by field name; numbers in it are complete."""

    id: UUID
    values: Mapping[str, FieldValue] = field(repr=False)
    members: tuple[MemberRow, ...]
    former_members: tuple[MemberRow, ...]
    extras: tuple[tuple[str, str], ...]
    closed_on: date | None
    closed_reason: str | None
    masked_account: str
    masked_phone: str

    @property
    def title(self) -> str:
        head_name = self.values.get("head_name")
        return str(head_name) if head_name else "（还没有户主）"

    @property
    def group_name(self) -> str:
        return str(self.values.get("group_name") or "")

    @property
    def head(self) -> MemberRow | None:
        return next((member for member in self.members if member.is_head), None)


@dataclass(frozen=True)
class FullNumbers:
    """The complete numbers of a household, by person; reading them is noted in the access log by who asks."""

    bank_account: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    id_numbers: Mapping[UUID, str | None] = field(repr=False)
    phones: Mapping[UUID, str | None] = field(repr=False)


@dataclass(frozen=True)
class KindCounts:
    """How many open households there are in all, by 户类型, with 低保, and closed ones."""

    total: int
    by_kind: Mapping[str, int]
    allowance: int
    closed: int


def list_households(reader: Reader, wanted: HouseholdFilter | None = None) -> list[HouseholdRow]:
    """The households of a filter by group and head."""
    reader.require(Right.READ_HOUSEHOLDS)
    wanted = wanted or HouseholdFilter()
    household, person = Household.__table__.c, Person.__table__.c
    sizes = (
        select(person.household_id, func.count().label("size"))
        .where(person.village == reader.village, person.closed_on.is_(None), person.merged_into.is_(None))
        .group_by(person.household_id)
        .subquery()
    )
    statement = (
        select(
            household.id,
            household.number,
            household.head_name,
            household.group_name,
            func.coalesce(sizes.c.size, 0),
            household.kind,
            household.risk_1,
            household.per_capita_fen,
            household.helper_name,
            household.subsistence_allowance,
            household.closed_on,
        )
        .join(sizes, sizes.c.household_id == household.id, isouter=True)
        .where(*_conditions(reader, wanted))
        .order_by(household.group_name, household.head_name, household.number)
    )
    return [HouseholdRow(*row[:9], bool(row[9]), row[10]) for row in reader.session.execute(statement)]


def count_kinds(reader: Reader) -> KindCounts:
    """Figures for the filter chips."""
    reader.require(Right.READ_HOUSEHOLDS)
    household = Household.__table__.c
    rows = reader.session.execute(
        select(household.kind, household.subsistence_allowance, household.closed_on.is_not(None), func.count())
        .where(household.village == reader.village, household.merged_into.is_(None))
        .group_by(household.kind, household.subsistence_allowance, household.closed_on.is_not(None))
    ).all()
    by_kind: dict[str, int] = {}
    for kind, _, closed, count in rows:
        if not closed:
            by_kind[kind or ""] = by_kind.get(kind or "", 0) + count
    allowance = sum(count for _, has, closed, count in rows if has and not closed)
    return KindCounts(sum(by_kind.values()), by_kind, allowance, sum(count for *_, closed, count in rows if closed))


def list_groups(reader: Reader) -> list[str]:
    """The village's groups, as its households name them."""
    household = Household.__table__.c
    names = reader.session.scalars(
        select(household.group_name)
        .where(household.village == reader.village, household.group_name.is_not(None))
        .distinct()
        .order_by(household.group_name)
    )
    return [name for name in names if name]


def get_household(reader: Reader, household_id: UUID) -> HouseholdDetail:
    """One household; a merged one answers as the one that stands for it."""
    reader.require(Right.READ_HOUSEHOLDS, about=household_id)
    household = _find_standing(reader, household_id)
    if household is None:
        raise HouseholdMissingError
    people = reader.session.scalars(
        select(Person)
        .where(Person.village == reader.village, Person.household_id == household.id, Person.merged_into.is_(None))
        .order_by(Person.number, Person.id)
    )
    members = [_member(person, reader.today) for person in people]
    members.sort(key=lambda member: (not member.is_head, member.relation is None))
    extras = reader.session.execute(
        select(ExtraField.field, ExtraField.value)
        .where(
            ExtraField.village == reader.village,
            ExtraField.owner_kind == HOUSEHOLD,
            ExtraField.owner_id == household.id,
        )
        .order_by(ExtraField.field)
    )
    values = {name: getattr(household, name) for name in _HOUSEHOLD_NAMES}
    return HouseholdDetail(
        id=household.id,
        values=values,
        members=tuple(member for member in members if member.closed_on is None),
        former_members=tuple(member for member in members if member.closed_on is not None),
        extras=tuple((name, value) for name, value in extras),
        closed_on=household.closed_on,
        closed_reason=household.closed_reason,
        masked_account=mask_account(household.bank_account),
        masked_phone=mask_phone(household.phone),
    )


def get_full_numbers(reader: Reader, household_id: UUID) -> FullNumbers:
    """Unmasked numbers. Call `workspace.log_access("reveal", …)` first."""
    reader.require(Right.REVEAL_NUMBERS, about=household_id)
    household = _find_standing(reader, household_id)
    if household is None:
        raise HouseholdMissingError
    people = reader.session.execute(
        select(Person.id, Person.id_number, Person.phone).where(
            Person.village == reader.village, Person.household_id == household.id
        )
    ).all()
    return FullNumbers(
        household.bank_account,
        household.phone,
        {row.id: row.id_number for row in people},
        {row.id: row.phone for row in people},
    )


def find_household_of(reader: Reader, person_id: UUID) -> UUID | None:
    """The household of a person."""
    return reader.session.scalar(
        select(Person.household_id).where(Person.village == reader.village, Person.id == person_id)
    )


def list_export_rows(reader: Reader, *, masked: bool = False) -> ExportTable:
    """Every open person with all columns of his household, as the import reads them; `masked` covers numbers."""
    reader.require(Right.EXPORT, about=EVERYBODY)
    household, person = Household.__table__.c, Person.__table__.c
    rows = reader.session.execute(
        select(
            household.id,
            person.id,
            *(household[name] for name in _HOUSEHOLD_NAMES),
            *(person[name] for name in _PERSON_NAMES),
        )
        .join(
            Household.__table__,
            and_(household.village == person.village, household.id == person.household_id),
        )
        .where(
            person.village == reader.village,
            person.closed_on.is_(None),
            person.merged_into.is_(None),
            household.closed_on.is_(None),
        )
        .order_by(household.number, household.id, person.number, person.id)
    ).all()
    extras = _extras_by_owner(reader)
    kept = {scope: sorted({name for fields in owners.values() for name in fields}) for scope, owners in extras.items()}
    headers = (
        *(each.label for each in HOUSEHOLD_FIELDS),
        *(each.label for each in PERSON_FIELDS),
        *kept[HOUSEHOLD],
        *kept[PERSON],
    )
    fields = (*HOUSEHOLD_FIELDS, *PERSON_FIELDS)
    nothing: dict[str, str] = {}
    texts = tuple(
        (
            *(cell_text_of(each, value) for each, value in zip(fields, row[2:], strict=True)),
            *(extras[HOUSEHOLD].get(row[0], nothing).get(name, "") for name in kept[HOUSEHOLD]),
            *(extras[PERSON].get(row[1], nothing).get(name, "") for name in kept[PERSON]),
        )
        for row in rows
    )
    if masked:
        names = [each.name for each in fields]
        texts = tuple(_masked_row(names, row) for row in texts)
    return ExportTable(headers, texts)


def _masked_row(names: Sequence[str], row: Sequence[str]) -> tuple[str, ...]:
    """The columns of numbers by their masks, numbers of other systems as they are, everything else as free text."""
    known = (
        text if name == "number" else mask_field(name, text) if is_masked_field(name) else mask_text(text)
        for name, text in zip(names, row, strict=False)
    )
    return (*known, *(mask_text(text) for text in row[len(names) :]))


def _extras_by_owner(reader: Reader) -> dict[str, dict[UUID, dict[str, str]]]:
    extras: dict[str, dict[UUID, dict[str, str]]] = {HOUSEHOLD: {}, PERSON: {}}
    rows = reader.session.execute(
        select(ExtraField.owner_kind, ExtraField.owner_id, ExtraField.field, ExtraField.value).where(
            ExtraField.village == reader.village
        )
    )
    for kind, owner, name, value in rows:
        if kind in extras:
            extras[kind].setdefault(owner, {})[name] = value
    return extras


def _find_standing(reader: Reader, household_id: UUID) -> Household | None:
    """Follows `merged_into`; a ring of merges cannot be, but would end here all the same."""
    seen: set[UUID] = set()
    key: UUID | None = household_id
    household: Household | None = None
    while key is not None and key not in seen:
        seen.add(key)
        household = reader.session.get(Household, (reader.village, key))
        key = household.merged_into if household is not None else None
    return household


def _member(person: Person, today: date) -> MemberRow:
    values = {name: getattr(person, name) for name in _PERSON_NAMES}
    months = f"{person.work_months} 个月" if person.work_months else ""
    return MemberRow(
        id=person.id,
        name=person.name,
        relation=person.relation,
        sex=person.sex,
        birth_date=person.birth_date,
        age=_age(person.birth_date, today),
        id_kind=person.id_kind,
        masked_id_number=mask_id_number(person.id_number),
        masked_phone=mask_phone(person.phone),
        ethnicity=person.ethnicity,
        health=person.health,
        labour_capacity=person.labour_capacity,
        work="，".join(part for part in (person.work_area, months) if part),
        closed_on=person.closed_on,
        closed_reason=person.closed_reason,
        values=values,
    )


def _age(birth: date | None, today: date) -> int | None:
    if birth is None:
        return None
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _conditions(reader: Reader, wanted: HouseholdFilter) -> list[ColumnElement[bool]]:
    household = Household.__table__.c
    conditions: list[ColumnElement[bool]] = [household.village == reader.village, household.merged_into.is_(None)]
    conditions.append(household.closed_on.is_not(None) if wanted.closed else household.closed_on.is_(None))
    if wanted.kind is not None:
        conditions.append(household.kind == wanted.kind if wanted.kind else household.kind.is_(None))
    if wanted.group is not None:
        conditions.append(household.group_name == wanted.group)
    if wanted.allowance:
        conditions.append(household.subsistence_allowance.is_(True))
    if text := wanted.text.strip():
        conditions.append(_has_text(reader, text))
    return conditions


def _has_text(reader: Reader, text: str) -> ColumnElement[bool]:
    household, person = Household.__table__.c, Person.__table__.c
    members: Select[Any] = select(person.household_id).where(
        person.village == reader.village,
        or_(*(column.contains(text, autoescape=True) for column in (person.name, person.id_number, person.phone))),
    )
    own = (household.head_name, household.group_name, household.number, household.helper_name)
    return or_(household.id.in_(members), *(column.contains(text, autoescape=True) for column in own))
