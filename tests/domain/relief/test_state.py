"""A case is what its records say, in whatever order they came."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.relief.builder import ROAD, conclusion, records_before, step
from village_core.domain.relief.payloads import ObjectionOutcome
from village_core.domain.relief.state import CaseStatus, replay
from village_core.domain.relief.steps import CORRECTION_REASON, Station, StepKind

OBJECTION = step(StepKind.OBJECTION_RECEIVED)
FIRST = step(StepKind.APPLICATION)
MANY = [
    *records_before(StepKind.ARCHIVE),
    OBJECTION,
    conclusion(OBJECTION, ObjectionOutcome.UNFOUNDED),
    step(StepKind.FOLLOW_UP, number=1),
    step(StepKind.INSPECTION),
    step(StepKind.APPLICATION, number=1, supersedes=FIRST.id, reasons={CORRECTION_REASON: "错字"}),
    step(StepKind.TOWNSHIP_REVIEW, number=1),
]


@given(st.permutations(MANY))
def test_the_order_of_arrival_does_not_matter(records: list) -> None:  # type: ignore[type-arg]
    assert replay(records) == replay(MANY)


def test_an_empty_case_is_open_and_waits_for_its_application() -> None:
    state = replay([])
    assert (state.status, state.station, state.records) == (CaseStatus.OPEN, Station.APPLICATION, ())


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    fixed = step(StepKind.APPLICATION, number=1, supersedes=FIRST.id, reason="改过的理由")
    state = replay([FIRST, fixed])
    assert state.records == (fixed,)
    assert state.superseded == (FIRST,)


def test_of_two_corrections_of_one_step_the_first_stands() -> None:
    one = step(StepKind.APPLICATION, number=1, supersedes=FIRST.id)
    two = step(StepKind.APPLICATION, number=2, supersedes=FIRST.id)
    state = replay([two, one, FIRST])
    assert state.records == (one,)
    assert state.conflicting == (two,)


def test_a_step_made_on_two_laptops_stands_once_and_is_shown() -> None:
    second = step(StepKind.FIRST_REVIEW, number=1, passed=False)
    state = replay([FIRST, second, step(StepKind.FIRST_REVIEW)])
    assert state.status is CaseStatus.OPEN
    assert state.conflicting == (second,)


def test_a_correction_of_a_step_that_has_not_arrived_yet_stands_for_it() -> None:
    fixed = step(StepKind.APPLICATION, number=1, supersedes=UUID(int=4242))
    assert replay([fixed]).records == (fixed,)


def test_money_that_left_stays_paid_whatever_arrives_later() -> None:
    state = replay([*records_before(StepKind.RESULT_PUBLISHED), step(StepKind.WITHDRAWAL)])
    assert state.status is CaseStatus.PAID


def test_the_station_moves_along_the_road() -> None:
    reached = [replay([step(kind) for kind in ROAD[:done]]).station for done in range(len(ROAD) + 1)]
    assert reached == sorted(reached)
    assert set(reached) == set(Station)


def test_the_notice_station_is_complete_only_without_open_objections() -> None:
    records = [*records_before(StepKind.PAYMENT), OBJECTION]
    assert not replay(records).is_completed(Station.NOTICE)
    ended = conclusion(OBJECTION, ObjectionOutcome.UNFOUNDED)
    assert replay([*records, ended]).is_completed(Station.NOTICE)


def test_a_state_without_a_record_forgets_only_that_record() -> None:
    state = replay(records_before(StepKind.PAYMENT))
    down = state.last(StepKind.NOTICE_TAKEN_DOWN)
    assert down is not None
    assert state.without(down.id) == replace(replay(records_before(StepKind.NOTICE_TAKEN_DOWN)))
