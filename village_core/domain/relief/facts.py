"""What a decision must know beside the case: the household's other cases, the pool, the village, the calendar."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from village_core.domain.calendar import WorkCalendar, chinese_date
from village_core.domain.households.names import name_key
from village_core.domain.meetings.rules import MeetingBody
from village_core.domain.relief.grants import Grant
from village_core.domain.relief.state import CaseState, CaseStatus


@dataclass(frozen=True)
class OtherCase:
    """Another case of the same household, also one under an id that was merged into it."""

    case_id: UUID
    number: str
    status: CaseStatus
    applied_on: date
    resolved_on: date | None = None
    paid_on: date | None = None

    @property
    def is_committed(self) -> bool:
        """Resolved or paid: money was given or promised."""
        if self.paid_on is not None:
            return True
        return self.resolved_on is not None and self.status is CaseStatus.OPEN


@dataclass(frozen=True)
class StoredPaper:
    """A scan or photo in the file of this case, by the step it belongs to and its kind (minutes, bank_receipt …)."""

    step_id: UUID
    kind: str


@dataclass(frozen=True)
class Kin:
    """Somebody of the staff who is of the applying household or near to it. `relation` in words: 王建国的兄弟.

    `certain` is false where only the names are alike and others in the village bear it too. From `left_on` on the
    person does not work here. `earlier` are names that he had before: papers and records may still name him so.
    """

    name: str
    relation: str
    certain: bool = True
    left_on: date | None = None
    earlier: tuple[str, ...] = ()
    person: UUID | None = None

    def is_among(self, names: Collection[str]) -> bool:
        """Whether one of these names is his."""
        own = {name_key(one) for one in (self.name, *self.earlier)}
        return not own.isdisjoint(name_key(one) for one in names)

    def works_on(self, day: date) -> bool:
        return self.left_on is None or day < self.left_on


@dataclass(frozen=True)
class TwoDays:
    """The laptop's clock is known to be wrong: the day it has, and the day that the county's has."""

    here: date
    county: date

    def in_doubt(self, day: date) -> bool:
        """Whether a day may come from the wrong clock and not from a paper."""
        return day == self.here or day > self.county

    @property
    def words(self) -> str:
        return (
            f"这台电脑今天是{chinese_date(self.here)}，照县里的时间今天是{chinese_date(self.county)}。"
            "请照纸上的实际日期填；电脑的时间刚改过的，先同步一次。"
        )


@dataclass(frozen=True)
class CaseFacts:
    """Facts for one decision. Empty collections mean: there are none, not: unknown.

    `village_grants` are those of all other cases. `net_income_fen` maps a year to the collective's net income of
    that year; a missing year is not known. `roster` holds how many belong to each body, as 村情 says.
    `payment_reversed`: the voucher of the payment was taken back. `held`: what the county put aside of this case.
    `two_days` is None where the laptop and the county agree about the day.
    """

    calendar: WorkCalendar
    household_types: tuple[str, ...] = ()
    risk_cleared: bool = False
    member_names: tuple[str, ...] = ()
    other_cases: tuple[OtherCase, ...] = ()
    village_grants: tuple[Grant, ...] = ()
    net_income_fen: Mapping[int, int] = field(default_factory=dict)
    roster: Mapping[MeetingBody, int] = field(default_factory=dict)
    papers: tuple[StoredPaper, ...] = ()
    payment_reversed: bool = False
    held: tuple[str, ...] = ()
    kin: tuple[Kin, ...] = ()
    two_days: TwoDays | None = None


def other_case_of(case_id: UUID, number: str, state: CaseState) -> OtherCase | None:
    """The view of a case that another case of the household needs; None without an application."""
    if state.applied_on is None:
        return None
    resolved = state.resolved_on if state.resolved_fen is not None else None
    return OtherCase(case_id, number, state.status, state.applied_on, resolved, state.paid_on)


def grant_of(case_id: UUID, household_id: UUID, state: CaseState) -> Grant | None:
    """The money that a case gives or promises: from its resolution on, unless it ended without a grant."""
    amount = state.paid_fen if state.paid_fen is not None else state.resolved_fen
    resolved_on = state.resolved_on or state.paid_on
    if amount is None or resolved_on is None or state.status in (CaseStatus.REFUSED, CaseStatus.WITHDRAWN):
        return None
    return Grant(case_id, household_id, amount, resolved_on, state.paid_on)
