"""Who is near to a household takes part in its case through a tampered program: it is held, and no relative decides."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from county_server.admin.compaction import compact_logs
from county_server.sync.people_here import load_people
from desktop_app.relief import case_facts
from desktop_app.staff.service import declare_relatives
from desktop_app.sync import decisions
from tests.counties import County
from tests.county_server.test_decisions import decide, give_role, open_questions
from tests.county_server.test_duties_of_facts import REASON, asked, at_county, tampered
from tests.county_server.test_facts import grant
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.seats import take_over
from tests.workspaces import VILLAGE
from village_core.domain.clock import FixedClock
from village_core.domain.errors import RefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.payloads import Recusal
from village_core.domain.relief.steps import StepKind
from village_core.exchange.judges import Relief
from village_core.exchange.operations import Kind, Operation
from village_core.exchange.seats import SeatKind
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person
from village_core.records.relief import ReliefStep
from village_core.records.staff import StaffMember

__all__ = ["tampered"]

_FIRST, _SECOND, _THIRD = StepKind.PARTY_PROPOSAL, StepKind.COMMITTEES_CONSULTATION, StepKind.PARTY_MEMBERS_REVIEW


def case_of_a_relative(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop, UUID]:
    """李琼仙 told that 罗铉 is her brother; 罗铉家 applied."""
    first, second = make_laptop(county), make_laptop(county)
    furnish(first.workspace)
    household = add_household(first.workspace)
    person = first.workspace.actor.person_id
    first.do(lambda uow: declare_relatives(uow, person, lines="罗铉 兄弟"))
    sync_until_quiet(first, second)
    give_role(first, "支书,文书")
    give_role(second, "支书,文书")
    sync_until_quiet(first, second)
    return first, second, start_case(second.workspace, household)


def case_of_her_own(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop, UUID, UUID]:
    """李琼仙, whose laptop the first one is, applied for her own household."""
    first, second = make_laptop(county), make_laptop(county)
    furnish(first.workspace)
    household = add_household(first.workspace, "李琼仙")
    return first, second, household, start_case(first.workspace, household, applicant_name="李琼仙")


def test_a_meeting_that_a_relative_led_is_held_with_what_follows_and_no_relative_lets_it_through(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second, case = case_of_a_relative(small_county, make_laptop)
    walk(second.workspace, case, until=_FIRST)
    before = len(second.all(ReliefStep))
    usual_step(second.workspace, case, _FIRST, chair="李琼仙")
    usual_step(second.workspace, case, _SECOND, recorder="张志强")
    usual_step(second.workspace, case, _THIRD)
    report = second.sync()
    assert (report.held, report.equal) == (1, True)
    assert at_county(small_county, ReliefStep) == before
    sync_until_quiet(first, second)
    assert "李琼仙是罗铉的兄弟，要回避" in asked(first).sentence

    decide(first, "offered", reason=REASON)
    sync_until_quiet(first, second)
    assert "请由别的人来定" in asked(second).sentence
    assert at_county(small_county, ReliefStep) == before

    decide(second, "offered", reason=REASON)
    sync_until_quiet(first, second)
    assert at_county(small_county, ReliefStep) == before + 2, "what followed came with it"
    assert "李琼仙是罗铉的兄弟" in asked(first).sentence, "but not the next meeting of which she wrote the record"
    decide(second, "standing")
    sync_until_quiet(first, second)
    assert [len(laptop.all(ReliefStep)) for laptop in (first, second)] == [before + 2, before + 2]


def test_what_a_person_left_out_holds_nothing_back_after_the_log_was_compacted(
    county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second, case = case_of_a_relative(county, make_laptop)
    walk(second.workspace, case, until=_FIRST)
    before = len(second.all(ReliefStep))
    usual_step(second.workspace, case, _FIRST, chair="李琼仙")
    sync_until_quiet(first, second)
    decide(second, "standing")
    sync_until_quiet(first, second)

    compact_logs(county.engine, days=400, clock=FixedClock(county.clock.now() + timedelta(days=401)))
    usual_step(second.workspace, case, _FIRST, chair="王建平", recorder="张志强")
    assert second.sync().held == 0
    assert at_county(county, ReliefStep) == before + 1


def test_a_relative_decides_no_contradiction_about_the_case_either(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second, case = case_of_a_relative(small_county, make_laptop)
    third = make_laptop(small_county)
    sync_until_quiet(first, second, third)
    give_role(third, "支书,文书")
    walk(second.workspace, case, until=_FIRST)
    before = len(second.all(ReliefStep))
    usual_step(second.workspace, case, _FIRST, chair="李琼仙")
    sync_until_quiet(first, second, third)
    decide(second, "standing")
    decide(third, "offered", reason=REASON)
    sync_until_quiet(second, third, first)
    for choice in ("standing", "offered"):
        assert "两个人拿的主意不一样" in asked(first).sentence
        with tampered.context() as patch:
            patch.setattr(decisions, "_why_aside", lambda *_: "")
            decide(first, choice, reason=REASON)
        sync_until_quiet(first, second, third)
        assert "请由别的人来定" in asked(second).sentence
    decide(third, "offered", reason=REASON)
    sync_until_quiet(third, second, first)
    assert open_questions(first) == []
    assert at_county(small_county, ReliefStep) == before + 1


def test_who_leads_a_meeting_under_a_new_name_is_still_the_applicant(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second, _, case = case_of_her_own(small_county, make_laptop)
    sync_until_quiet(first, second)
    walk(second.workspace, case, until=_FIRST)
    first.edit(StaffMember, first.workspace.actor.person_id, name="李琼先")
    sync_until_quiet(first, second)
    usual_step(second.workspace, case, _FIRST, chair="李琼先")
    assert second.sync().held == 1
    sync_until_quiet(second, first)
    assert "李琼先是申请户的人（原名李琼仙），要回避" in asked(second).sentence


def test_whose_household_was_changed_since_she_applied_is_still_the_applicant(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second, household, case = case_of_her_own(small_county, make_laptop)
    first.edit(Household, household, head_name="李某")
    first.edit(Person, only(first.all(Person)).id, name="李某")
    sync_until_quiet(first, second)
    usual_step(second.workspace, case, StepKind.FIRST_REVIEW, secretary="李琼仙")
    assert second.sync().held == 1


def test_a_grant_over_the_pool_is_not_let_through_by_a_relative_here_or_at_the_county(
    small_county: County, make_laptop: LaptopMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    furnish(first.workspace, net_income_fen=2_000_000)
    households = add_household(first.workspace), add_household(first.workspace, group="小河边")
    sync_until_quiet(first, second)
    take_over(second, SeatKind.GRANT)
    second.sync()
    for laptop, household in zip((second, first), households, strict=True):
        grant(laptop, household)
        laptop.sync()
    person = first.workspace.actor.person_id
    first.do(lambda uow: declare_relatives(uow, person, lines="罗铉 兄弟"))
    for laptop in (first, second):
        give_role(laptop, "支书,文书")
    sync_until_quiet(first, second)
    assert only(second.all(HeldChange)).reason_kind == "over_cap"

    for choice in ("offered", "standing"):
        with pytest.raises(RefusedError, match="李琼仙是罗铉的兄弟，要回避"):
            decide(first, choice, reason=REASON)
        with monkeypatch.context() as patch:
            patch.setattr(case_facts, "list_kin", lambda *_: ())
            decide(first, choice, reason=REASON)
        sync_until_quiet(first, second)
        assert "请由别的人来定" in asked(second).sentence
    assert "请由别的人来定" in asked(second).sentence
    decide(second, "offered", reason=REASON)
    sync_until_quiet(first, second)
    assert open_questions(first) == []


def test_whoever_stood_aside_on_record_and_who_only_bears_the_name_hold_nothing(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second, case = case_of_a_relative(small_county, make_laptop)
    walk(second.workspace, case, until=_FIRST)
    usual_step(second.workspace, case, _FIRST, present=5, recused=(Recusal("李琼仙", "兄弟"),))
    assert second.sync().held == 0
    person = first.workspace.actor.person_id
    second.do(lambda uow: declare_relatives(uow, person, lines="罗铉 同名"))
    sync_until_quiet(first, second)
    usual_step(second.workspace, case, _SECOND, chair="李琼仙")
    assert second.sync().held == 0


def test_who_applies_for_herself_and_records_the_review_is_held(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second, _, case = case_of_her_own(small_county, make_laptop)
    usual_step(first.workspace, case, StepKind.FIRST_REVIEW)
    assert first.sync().held == 1
    sync_until_quiet(first, second)
    assert "李琼仙是申请户的人，要回避" in asked(second).sentence


def test_a_namesake_in_the_village_holds_nothing(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    laptop = make_laptop(small_county)
    furnish(laptop.workspace)
    household = add_household(laptop.workspace, "李琼仙")
    add_household(laptop.workspace, "李琼仙", group="别的组")
    laptop.sync()
    case = start_case(laptop.workspace, household, applicant_name="李琼仙")
    usual_step(laptop.workspace, case, StepKind.FIRST_REVIEW)
    assert laptop.sync().held == 0


def test_a_village_that_is_told_of_a_crowd_is_looked_up_in_parts(small_county: County) -> None:
    """More names than a question to a database can bear."""
    case, household, crowd = new_id(), new_id(), 1_700
    place = {"village": VILLAGE, "name": ""}
    staff = {**place, "roles": "", "may_combine_duties": False}
    with small_county.engine.begin() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        limit = raw.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 1_000)
        connection.execute(insert(Household), [{"village": VILLAGE, "id": household, "head_name": "人0"}])
        for record, values in ((Person, {**place, "household_id": household, "relation": "子"}), (StaffMember, staff)):
            rows = [{**values, "id": UUID(int=number), "name": f"人{number}"} for number in range(crowd)]
            connection.execute(insert(record), rows)
        relief = Relief({case: household})
        step = Operation(1, Kind.INSERT, "relief_step", new_id(), {"case_id": case.bytes})
        people = load_people(connection, VILLAGE, [step], relief=relief)
        raw.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, limit)
        connection.rollback()
    near = people.kin_of(case, relief)
    assert len(near) == crowd
    assert all(kin.certain for kin in near)
