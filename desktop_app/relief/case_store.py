"""Cases and steps between the tables and the domain."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select

from village_core.domain.errors import RefusedError
from village_core.domain.relief.facts import grant_of
from village_core.domain.relief.grants import Grant
from village_core.domain.relief.payload_codec import read_payload, write_payload
from village_core.domain.relief.payloads import Meeting, Payment
from village_core.domain.relief.state import CaseState, replay
from village_core.domain.relief.steps import StepKind, StepRecord
from village_core.records.households import Household
from village_core.records.relief import ReliefCase, ReliefStep

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


_DECIDING = frozenset(
    {
        StepKind.VILLAGERS_RESOLUTION,
        StepKind.TOWNSHIP_REVIEW,
        StepKind.OBJECTION_CONCLUDED,
        StepKind.WITHDRAWAL,
        StepKind.PAYMENT,
    }
)
"""Steps that grant money, or end a case in which it was granted."""


@dataclass(frozen=True)
class StoredCase:
    """A case with all its records and where they lead. `vouchers` names the voucher of a payment step."""

    id: UUID
    number: str
    household_id: UUID
    records: tuple[StepRecord, ...]
    state: CaseState
    vouchers: dict[UUID, UUID]

    @property
    def pack_version(self) -> str:
        """The pack that the case was opened under; empty before its first step."""
        return min(self.records, key=lambda one: (one.recorded_at, one.id)).pack_version if self.records else ""


def get_case(reader: Reader, case_id: UUID) -> StoredCase:
    """One case, or a refusal that says it is not there."""
    found = list_stored_cases(reader, [ReliefCase.id == case_id])
    if not found:
        raise RefusedError("找不到这一件救助。", safe="资料没有改动。", next_step="请回到“救助”，从列表里再打开。")
    return found[0]


def list_stored_cases(reader: Reader, conditions: Sequence[ColumnElement[bool]] = ()) -> list[StoredCase]:
    """Cases in the order in which they were opened."""
    cases = reader.session.execute(
        select(ReliefCase.id, ReliefCase.number, ReliefCase.household_id)
        .where(ReliefCase.village == reader.village, *conditions)
        .order_by(ReliefCase.opened_on, ReliefCase.number, ReliefCase.id)
    ).all()
    wanted = select(ReliefCase.id).where(ReliefCase.village == reader.village, *conditions)
    steps = _steps_of(reader, wanted)
    return [_stored(case_id, number, household_id, steps[case_id]) for case_id, number, household_id in cases]


def list_household_cases(reader: Reader, household_ids: Iterable[UUID]) -> list[StoredCase]:
    """All cases of a household, under any of its ids."""
    return list_stored_cases(reader, [ReliefCase.household_id.in_(list(household_ids))])


def list_village_grants(reader: Reader, *, except_case: UUID | None = None) -> tuple[Grant, ...]:
    """Money resolved or paid in the village's cases; only the steps that decide about it are read.

    A household that was joined to another counts as that one.
    """
    granted = exists().where(
        ReliefStep.village == ReliefCase.village,
        ReliefStep.case_id == ReliefCase.id,
        ReliefStep.amount_fen.is_not(None),
    )
    conditions = [ReliefCase.village == reader.village, granted, ReliefCase.id != (except_case or UUID(int=0))]
    joined = joined_households(reader)
    steps = _steps_of(reader, select(ReliefCase.id).where(*conditions), kinds=_DECIDING)
    grants = []
    for case_id, household_id in reader.session.execute(
        select(ReliefCase.id, ReliefCase.household_id).where(*conditions)
    ):
        state = replay(record for record, _ in steps[case_id])
        grant = grant_of(case_id, joined.get(household_id, household_id), state)
        if grant is not None:
            grants.append(grant)
    return tuple(grants)


def list_running_cases(reader: Reader) -> list[StoredCase]:
    """Cases in which something is still to be done."""
    archived = exists().where(
        ReliefStep.village == ReliefCase.village,
        ReliefStep.case_id == ReliefCase.id,
        ReliefStep.kind == StepKind.ARCHIVE.value,
    )
    return [case for case in list_stored_cases(reader, [~archived]) if case.state.is_running]


def joined_households(reader: Reader) -> dict[UUID, UUID]:
    """Household that was entered twice → the one that stands for it, chains followed."""
    rows = reader.session.execute(
        select(Household.id, Household.merged_into).where(
            Household.village == reader.village, Household.merged_into.is_not(None)
        )
    )
    pairs = {row.id: row.merged_into for row in rows}
    return {joined: _end_of_chain(joined, pairs) for joined in pairs}


def household_family(household_id: UUID, joined: dict[UUID, UUID]) -> frozenset[UUID]:
    """All ids under which a household was entered."""
    standing = joined.get(household_id, household_id)
    return frozenset({standing, household_id, *(one for one, into in joined.items() if into == standing)})


def _end_of_chain(start: UUID, pairs: dict[UUID, UUID | None]) -> UUID:
    seen, here = {start}, start
    while (following := pairs.get(here)) is not None and following not in seen:
        seen.add(following)
        here = following
    return here


def step_row(village: str, record: StepRecord, *, voucher_id: UUID | None) -> ReliefStep:
    """The row of a record."""
    return ReliefStep(
        village=village,
        id=record.id,
        case_id=record.case_id,
        kind=record.kind.value,
        done_on=record.done_on,
        payload=write_payload(record.payload),
        reasons=json.dumps(dict(record.reasons), ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        supersedes=record.supersedes,
        amount_fen=_amount(record),
        pack_version=record.pack_version,
        made_at=record.recorded_at,
        made_by=record.actor_id,
        made_by_name=record.actor_name,
        voucher_id=voucher_id,
    )


def _amount(record: StepRecord) -> int | None:
    """What the county adds up without reading payloads."""
    if isinstance(record.payload, Payment):
        return record.payload.amount_fen
    if record.kind is StepKind.VILLAGERS_RESOLUTION and isinstance(record.payload, Meeting) and record.payload.passed:
        return record.payload.amount_fen
    return None


def _steps_of(
    reader: Reader, cases: Select[UUID], *, kinds: frozenset[StepKind] | None = None
) -> dict[UUID, list[tuple[StepRecord, UUID | None]]]:
    columns = (
        ReliefStep.id,
        ReliefStep.case_id,
        ReliefStep.kind,
        ReliefStep.done_on,
        ReliefStep.payload,
        ReliefStep.reasons,
        ReliefStep.supersedes,
        ReliefStep.pack_version,
        ReliefStep.made_at,
        ReliefStep.made_by,
        ReliefStep.made_by_name,
        ReliefStep.voucher_id,
    )
    statement = select(*columns).where(ReliefStep.village == reader.village, ReliefStep.case_id.in_(cases))
    if kinds is not None:
        statement = statement.where(ReliefStep.kind.in_(sorted(kind.value for kind in kinds)))
    rows = reader.session.execute(statement)
    steps: dict[UUID, list[tuple[StepRecord, UUID | None]]] = defaultdict(list)
    for row in rows:
        kind = StepKind(row.kind)
        record = StepRecord(
            id=row.id,
            case_id=row.case_id,
            kind=kind,
            done_on=row.done_on,
            recorded_at=row.made_at,
            actor_id=row.made_by,
            actor_name=row.made_by_name,
            payload=read_payload(kind, row.payload),
            pack_version=row.pack_version,
            supersedes=row.supersedes,
            reasons=json.loads(row.reasons),
        )
        steps[row.case_id].append((record, row.voucher_id))
    return steps


def _stored(case_id: UUID, number: str, household_id: UUID, steps: list[tuple[StepRecord, UUID | None]]) -> StoredCase:
    records = tuple(record for record, _ in steps)
    vouchers = {record.id: voucher for record, voucher in steps if voucher is not None}
    return StoredCase(case_id, number, household_id, records, replay(records), vouchers)
