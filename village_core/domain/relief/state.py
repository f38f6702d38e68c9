"""Where a case stands: a replay of its records. The same records give the same state in whatever order they came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from village_core.domain.relief.payloads import (
    Application,
    FirstReview,
    Meeting,
    NoticePosted,
    ObjectionConcluded,
    ObjectionOutcome,
    Payment,
    TownshipReview,
)
from village_core.domain.relief.steps import BESIDE, REPEATABLE, STEP_STATIONS, Station, StepKind, StepRecord

_ORDER = {kind: number for number, kind in enumerate(StepKind)}


class CaseStatus(StrEnum):
    OPEN = "open"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    PAID = "paid"
    ARCHIVED = "archived"


STATUS_TITLES = {
    CaseStatus.OPEN: "在办",
    CaseStatus.REFUSED: "不予救助",
    CaseStatus.WITHDRAWN: "已撤回",
    CaseStatus.PAID: "已发放",
    CaseStatus.ARCHIVED: "已归档",
}


@dataclass(frozen=True)
class CaseState:
    """The effective records in the order of the procedure, and what follows from them.

    `superseded` were corrected; `conflicting` are second records of a step that can be done only once (made on
    two laptops): the first entered stands, the others wait for a person.
    """

    records: tuple[StepRecord, ...] = ()
    superseded: tuple[StepRecord, ...] = ()
    conflicting: tuple[StepRecord, ...] = ()
    ended_by: StepRecord | None = None

    def last(self, kind: StepKind) -> StepRecord | None:
        """The record of a step; of a repeatable one the latest."""
        return next((record for record in reversed(self.records) if record.kind is kind), None)

    def all_of(self, kind: StepKind) -> tuple[StepRecord, ...]:
        return tuple(record for record in self.records if record.kind is kind)

    def has(self, kind: StepKind) -> bool:
        return self.last(kind) is not None

    def done_on(self, kind: StepKind) -> date | None:
        record = self.last(kind)
        return record.done_on if record else None

    @property
    def status(self) -> CaseStatus:
        """Money that left the collective stays paid, whatever else arrives from another laptop afterwards."""
        if self.ended_by is not None and not self.has(StepKind.PAYMENT):
            withdrawn = self.ended_by.kind is StepKind.WITHDRAWAL
            return CaseStatus.WITHDRAWN if withdrawn else CaseStatus.REFUSED
        if self.has(StepKind.ARCHIVE):
            return CaseStatus.ARCHIVED
        return CaseStatus.PAID if self.has(StepKind.PAYMENT) else CaseStatus.OPEN

    @property
    def is_running(self) -> bool:
        """Not ended, not archived: something is still to be done."""
        return self.status in (CaseStatus.OPEN, CaseStatus.PAID)

    @property
    def applied_on(self) -> date | None:
        return self.done_on(StepKind.APPLICATION)

    @property
    def resolved_on(self) -> date | None:
        return self.done_on(StepKind.VILLAGERS_RESOLUTION)

    @property
    def resolved_fen(self) -> int | None:
        """What 四议 resolved to give, in 分."""
        record = self.last(StepKind.VILLAGERS_RESOLUTION)
        if record is None or not isinstance(record.payload, Meeting) or not record.payload.passed:
            return None
        return record.payload.amount_fen

    @property
    def paid_on(self) -> date | None:
        return self.done_on(StepKind.PAYMENT)

    @property
    def paid_fen(self) -> int | None:
        record = self.last(StepKind.PAYMENT)
        return record.payload.amount_fen if record and isinstance(record.payload, Payment) else None

    @property
    def application(self) -> Application | None:
        record = self.last(StepKind.APPLICATION)
        return record.payload if record and isinstance(record.payload, Application) else None

    @property
    def notice(self) -> NoticePosted | None:
        record = self.last(StepKind.NOTICE_POSTED)
        return record.payload if record and isinstance(record.payload, NoticePosted) else None

    @property
    def open_objections(self) -> tuple[StepRecord, ...]:
        """Objections whose investigation has not ended."""
        concluded = {
            record.payload.objection_id
            for record in self.all_of(StepKind.OBJECTION_CONCLUDED)
            if isinstance(record.payload, ObjectionConcluded)
        }
        return tuple(one for one in self.all_of(StepKind.OBJECTION_RECEIVED) if one.id not in concluded)

    @property
    def station(self) -> Station:
        """The first station that is not completed; the last one when all are."""
        return next((station for station in Station if not self.is_completed(station)), Station.ARCHIVE)

    def is_completed(self, station: Station) -> bool:
        match station:
            case Station.FOUR_MEETINGS:
                published = self.has(StepKind.RESOLUTION_PUBLISHED) or self.has(StepKind.TOWNSHIP_REVIEW)
                return self.has(StepKind.VILLAGERS_RESOLUTION) and published
            case Station.NOTICE:
                return self.has(StepKind.NOTICE_TAKEN_DOWN) and not self.open_objections
            case Station.PAYMENT:
                return self.has(StepKind.PAYMENT) and self.has(StepKind.RESULT_PUBLISHED)
            case _:
                return any(STEP_STATIONS.get(record.kind) is station for record in self.records)

    def without(self, record_id: UUID) -> CaseState:
        """The state as if this record had not been made: the ground on which its correction is judged."""
        return _state_of([one for one in self.records if one.id != record_id])

    def is_followed(self, record: StepRecord) -> bool:
        """Whether a later step was done, so that this one can be corrected no more."""
        if record.kind is StepKind.OBJECTION_RECEIVED:
            return any(
                isinstance(one.payload, ObjectionConcluded) and one.payload.objection_id == record.id
                for one in self.records
            )
        if record.kind in BESIDE:
            return False
        return any(
            _ORDER[one.kind] > _ORDER[record.kind]
            for one in self.records
            if one.kind not in BESIDE and not _stands_beside(one, record)
        )


def _stands_beside(one: StepRecord, record: StepRecord) -> bool:
    """Visits and publications after a payment do not build on each other."""
    after_payment = {StepKind.RESULT_PUBLISHED, StepKind.FOLLOW_UP}
    return one.kind in after_payment and record.kind in after_payment


def replay(records: Iterable[StepRecord]) -> CaseState:
    """The state of one case from all its records, corrections and second entries included."""
    entered = sorted(records, key=lambda record: (record.recorded_at, record.id))
    known = {record.id: record for record in entered}
    replaced: set[UUID] = set()
    conflicting: list[StepRecord] = []
    for record in entered:
        target = record.supersedes
        if target is None:
            continue
        if target in replaced or (target in known and known[target].kind is not record.kind):
            conflicting.append(record)
        else:
            replaced.add(target)
    void = {record.id for record in conflicting}
    standing: list[StepRecord] = []
    taken: set[StepKind] = set()
    for record in entered:
        if record.id in replaced or record.id in void:
            continue
        if record.kind not in REPEATABLE and record.kind in taken:
            conflicting.append(record)
            continue
        taken.add(record.kind)
        standing.append(record)
    superseded = tuple(record for record in entered if record.id in replaced)
    return _state_of(standing, superseded=superseded, conflicting=tuple(conflicting))


def _state_of(
    standing: list[StepRecord],
    *,
    superseded: tuple[StepRecord, ...] = (),
    conflicting: tuple[StepRecord, ...] = (),
) -> CaseState:
    ordered = tuple(sorted(standing, key=_procedure_order))
    ended_by = next((record for record in ordered if ends_case(record)), None)
    return CaseState(ordered, superseded, conflicting, ended_by)


def _procedure_order(record: StepRecord) -> tuple[int, date, str, UUID]:
    return (_ORDER[record.kind], record.done_on, record.recorded_at, record.id)


def ends_case(record: StepRecord) -> bool:
    """Whether a step did not pass, so that the case ends without a grant (CRELIEF-7), or was the withdrawal."""
    match record.payload:
        case FirstReview(passed=passed) | Meeting(passed=passed):
            return not passed
        case TownshipReview(object_approved=object_approved, amount_approved=amount_approved):
            return not (object_approved and amount_approved)
        case ObjectionConcluded(outcome=outcome):
            return outcome is ObjectionOutcome.DISQUALIFIED
        case _:
            return record.kind is StepKind.WITHDRAWAL
