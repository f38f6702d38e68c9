"""The journal: both logs read together, newest first, under the filters of a person who looks for something."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from desktop_app.journal.sentences import access_sentence, counted_sentence, deed_sentence
from desktop_app.journal.subjects import Subjects
from desktop_app.storage.access_log import EVERYBODY
from desktop_app.storage.change_log import ChangeEntry
from desktop_app.storage.unit_of_work import Reader
from village_core.domain.clock import CHINA, stamp_of
from village_core.domain.masking import mask_text
from village_core.domain.staff.rights import Right
from village_core.exchange.change_log import COUNTY_ORIGIN, access_log, change_log
from village_core.records.attachments import Attachment
from village_core.records.households import ExtraField, Household, Person
from village_core.records.ledger import Voucher
from village_core.records.notices import PrintedDocument
from village_core.records.relief import ReliefCase, ReliefStep
from village_core.records.staff import StaffMember

_WINDOW = 4_000
_READ_WHOLE = 60
"""Deeds over more rows are counted, not told row by row."""
_LIMIT = 300
NOBODY = UUID(int=0)

CHANGES, ACCESS = "changes", "access"


@dataclass(frozen=True)
class JournalFilter:
    """What is asked for. `kind` is '' for both logs; days are China's, both inclusive."""

    household: UUID | None = None
    person: UUID | None = None
    actor: UUID | None = None
    start: date | None = None
    end: date | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One deed. `at` is China's time; `number` names its entries in the logs."""

    at: datetime
    who: str
    sentence: str
    reason: str
    number: str
    changed: bool


@dataclass(frozen=True)
class Journal:
    """`more`: there are older ones."""

    lines: tuple[JournalLine, ...]
    more: bool


def list_journal(reader: Reader, wanted: JournalFilter, *, limit: int = _LIMIT) -> Journal:
    """The newest `limit` deeds."""
    reader.require(Right.READ_JOURNAL, about=wanted.person or wanted.household)
    rows = _rows_about(reader, wanted)
    staff = dict(list_actors(reader))
    lines: list[JournalLine] = []
    if wanted.kind != ACCESS:
        lines += _changes(reader, wanted, rows, staff, limit=limit + 1)
    if wanted.kind != CHANGES:
        lines += _accesses(reader, wanted, rows and rows | _shown_with(reader, wanted), limit=limit + 1)
    lines.sort(key=lambda line: line.at, reverse=True)
    return Journal(tuple(lines[:limit]), more=len(lines) > limit)


def list_actors(reader: Reader) -> list[tuple[UUID, str]]:
    """Everybody who may have done something."""
    query = select(StaffMember.id, StaffMember.name).where(StaffMember.village == reader.village)
    return [(key, name) for key, name in reader.session.execute(query.order_by(StaffMember.name))]


def find_subjects(reader: Reader, text: str, *, limit: int = 6) -> list[tuple[UUID, UUID | None, str]]:
    """Households and people whose name begins so: (household, person or None for a head, words)."""
    reader.require(Right.READ_JOURNAL)
    query = (
        select(Person.household_id, Person.id, Person.name, Household.group_name, Household.head_name)
        .join(Household, (Household.village == Person.village) & (Household.id == Person.household_id))
        .where(Person.village == reader.village, Person.name.startswith(text.strip(), autoescape=True))
        .order_by(Person.name, Household.group_name)
        .limit(limit)
    )
    found: list[tuple[UUID, UUID | None, str]] = []
    for household, person, name, group, head in reader.session.execute(query):
        if name == head:
            found.append((household, None, _household_words(group, head)))
        else:
            found.append((household, person, f"{group or ''} {head or ''}家 {name}".strip()))
    return found


def get_household_words(reader: Reader, household: UUID) -> str:
    """Group and head: 太平组 罗铉家."""
    reader.require(Right.READ_JOURNAL, about=household)
    row = reader.session.get(Household, (reader.village, household))
    return "这一户" if row is None else _household_words(row.group_name, row.head_name)


def _household_words(group: str | None, head: str | None) -> str:
    return f"{group or ''} {head or ''}家".strip()


def _changes(
    reader: Reader, wanted: JournalFilter, rows: set[UUID] | None, staff: dict[UUID, str], *, limit: int
) -> Iterator[JournalLine]:
    column = change_log.c
    conditions: list[ColumnElement[bool]] = []
    if rows is not None:
        conditions.append(column.row_id.in_([row.hex for row in rows]))
    if wanted.actor is not None:
        conditions.append(column.actor == wanted.actor.hex)
    if wanted.start is not None:
        conditions.append(column.clock >= _milliseconds(wanted.start) << 16)
    if wanted.end is not None:
        conditions.append(column.clock < _milliseconds(wanted.end + timedelta(days=1)) << 16)
    deeds = list(_deeds(reader, conditions, limit=limit))
    small = [seq for deed in deeds if len(deed.entries) <= _READ_WHOLE for seq, _, _ in deed.entries]
    entries = {entry.seq: entry for entry in _entries(reader, small)}
    subjects = Subjects(reader, entries.values())
    for deed in deeds:
        if len(deed.entries) <= _READ_WHOLE:
            sentence = deed_sentence([entries[seq] for seq, _, _ in reversed(deed.entries)], subjects)
        else:
            sentence = counted_sentence(Counter((table, op) for _, table, op in deed.entries))
        first, last = deed.entries[-1][0], deed.entries[0][0]
        if sentence:
            yield JournalLine(
                at=datetime.fromtimestamp((deed.clock >> 16) / 1000, UTC).astimezone(CHINA),
                who=_who(deed.actor, deed.origin, staff),
                sentence=sentence,
                reason=mask_text(deed.reason),
                number=f"改 {first}" if first == last else f"改 {first}–{last}",
                changed=True,
            )


@dataclass
class _Deed:
    tx: int
    origin: int
    actor: UUID
    reason: str
    clock: int
    entries: list[tuple[int, str, str]]
    """(seq, table, op), newest first."""


def _deeds(reader: Reader, conditions: list[ColumnElement[bool]], *, limit: int) -> Iterator[_Deed]:
    """Deeds newest first, from light rows; what they wrote is read afterwards and only of those that are shown."""
    column = change_log.c
    light = select(
        column.seq, column.tx, column.origin, column.actor, column.reason, column.clock, column.table_name, column.op
    ).order_by(column.seq.desc())
    deed: _Deed | None = None
    given, before = 0, None
    while given < limit:
        place = conditions if before is None else [*conditions, column.seq < before]
        found = reader.session.execute(light.where(*place).limit(_WINDOW)).all()
        for seq, tx, origin, actor, reason, clock, table, op in found:
            if deed is None or (deed.tx, deed.origin, deed.reason) != (tx, origin, reason):
                if deed is not None:
                    yield deed
                    given += 1
                    if given >= limit:
                        return
                deed = _Deed(tx, origin, UUID(actor), reason, clock, [])
            deed.entries.append((seq, table, op))
            before = seq
        if len(found) < _WINDOW:
            break
    if deed is not None:
        yield deed


def _entries(reader: Reader, numbers: list[int]) -> Iterator[ChangeEntry]:
    column = change_log.c
    for start in range(0, len(numbers), 500):
        query = select(change_log).where(column.seq.in_(numbers[start : start + 500]))
        for row in reader.session.execute(query):
            yield ChangeEntry(
                seq=row.seq,
                at=datetime.fromtimestamp((row.clock >> 16) / 1000, UTC),
                actor=UUID(row.actor),
                reason=row.reason,
                table=row.table_name,
                row_id=UUID(row.row_id),
                op=row.op,
                new=json.loads(row.new) if row.new else {},
                old=json.loads(row.old) if row.old else {},
                origin=row.origin,
            )


def _accesses(reader: Reader, wanted: JournalFilter, rows: set[UUID] | None, *, limit: int) -> Iterator[JournalLine]:
    column = access_log.c
    query = select(access_log).order_by(column.id.desc()).limit(limit)
    if rows is not None:
        query = query.where(column.about.in_([row.hex for row in rows]))
    if wanted.actor is not None:
        query = query.where(column.actor == wanted.actor.hex)
    if wanted.start is not None:
        query = query.where(column.at >= _iso(wanted.start))
    if wanted.end is not None:
        query = query.where(column.at < _iso(wanted.end + timedelta(days=1)))
    for row in reader.session.execute(query):
        yield JournalLine(
            at=datetime.fromisoformat(row.at).astimezone(CHINA),
            who=row.actor_name or "本机",
            sentence=access_sentence(row.kind, row.subject, row.detail),
            reason=mask_text(row.reason or ""),
            number=f"查 {row.id}",
            changed=False,
        )


def _rows_about(reader: Reader, wanted: JournalFilter) -> set[UUID] | None:
    """The rows of a household or of one person with all that hangs on them; None when nobody was named."""
    if wanted.person is not None:
        return {wanted.person, *_keys(reader, ExtraField, ExtraField.owner_id == wanted.person)}
    if wanted.household is None:
        return None
    return _rows_of(reader, _with_joined(reader, [wanted.household]))


def _shown_with(reader: Reader, wanted: JournalFilter) -> set[UUID]:
    """What else an entry of the access log may name: the whole village, and of a person his household and its cases,
    for his numbers stood among theirs. Also those he was of before: who looked then saw him."""
    if wanted.person is None:
        return {EVERYBODY}
    person = reader.session.get(Person, (reader.village, wanted.person))
    homes = {person.household_id} if person is not None else set()
    column = change_log.c
    moved = select(column.old).where(
        column.row_id == wanted.person.hex, column.table_name == "person", column.op == "U"
    )
    before = (json.loads(old).get("household_id") for old in reader.session.scalars(moved) if old)
    homes |= {UUID(home) for home in before if home}
    families = _with_joined(reader, sorted(homes))
    cases = _keys(reader, ReliefCase, ReliefCase.household_id.in_(families))
    return {EVERYBODY, *families, *cases, *_keys(reader, Voucher, Voucher.case_id.in_(cases))}


def _with_joined(reader: Reader, households: list[UUID]) -> list[UUID]:
    """These, and those that were registered twice and became one of them."""
    found = list(households)
    joined = households
    while joined := [key for key in _keys(reader, Household, Household.merged_into.in_(joined)) if key not in found]:
        found += joined
    return found


def _rows_of(reader: Reader, households: list[UUID]) -> set[UUID]:
    people = _keys(reader, Person, Person.household_id.in_(households))
    cases = _keys(reader, ReliefCase, ReliefCase.household_id.in_(households))
    owners = [*households, *people]
    return {
        *owners,
        *cases,
        *_keys(reader, ExtraField, ExtraField.owner_id.in_(owners)),
        *_keys(reader, Attachment, Attachment.owner_id.in_([*owners, *cases])),
        *_keys(reader, ReliefStep, ReliefStep.case_id.in_(cases)),
        *_keys(reader, PrintedDocument, PrintedDocument.case_id.in_(cases)),
        *_keys(reader, Voucher, Voucher.case_id.in_(cases)),
    }


def _keys(reader: Reader, record: Any, condition: ColumnElement[bool]) -> list[UUID]:
    return list(reader.session.scalars(select(record.id).where(record.village == reader.village, condition)))


def _who(actor: UUID, origin: int, staff: dict[UUID, str]) -> str:
    if actor in staff:
        return staff[actor]
    return "县里" if origin == COUNTY_ORIGIN else "另一台电脑" if origin else "本机"


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), CHINA).timestamp() * 1000)


def _iso(day: date) -> str:
    return stamp_of(datetime.combine(day, time(), CHINA))
