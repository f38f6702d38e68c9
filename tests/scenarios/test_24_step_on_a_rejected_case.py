"""Scenario 24: a case is carried on offline on one laptop while it was refused on the other one."""

from __future__ import annotations

from uuid import UUID

from desktop_app.relief.queries import get_case_detail
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.relief.village import add_household, furnish, start_case, usual_step
from village_core.domain.relief.state import CaseStatus
from village_core.domain.relief.steps import StepKind
from village_core.records.held import HeldChange
from village_core.records.relief import ReliefStep


def test_the_later_step_is_kept_the_case_stays_refused_and_the_clerk_sees_why(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second, case = carry_on_a_refused_case(county, make_laptop)

    question = only(second.all(HeldChange))
    assert question.reason_kind == "stale_step"
    assert len(first.all(ReliefStep)) == 5
    assert len(second.all(ReliefStep)) == 3
    for laptop in (first, second):
        with laptop.workspace.reader() as reader:
            assert get_case_detail(reader, case).state.status is CaseStatus.REFUSED


def carry_on_a_refused_case(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop, UUID]:
    """The second laptop's meeting refused it, the first one, offline, went on with two steps; then they met."""
    first, second = make_laptop(county), make_laptop(county)
    furnish(first.workspace)
    case = start_case(first.workspace, add_household(first.workspace))
    usual_step(first.workspace, case, StepKind.FIRST_REVIEW)
    sync_until_quiet(first, second)
    usual_step(second.workspace, case, StepKind.PARTY_PROPOSAL, passed=False, votes_for=1, votes_against=3)
    usual_step(first.workspace, case, StepKind.PARTY_PROPOSAL)
    usual_step(first.workspace, case, StepKind.COMMITTEES_CONSULTATION)
    second.sync()
    sync_until_quiet(first, second)
    return first, second, case
