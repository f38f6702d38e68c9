"""Scenario 7: a laptop's clock stands in 2031 (or 2019), 300 edits are made, then the clock is put right."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from county_server.tables import oplog
from desktop_app.relief.case_facts import gather_facts
from desktop_app.relief.case_store import get_case
from desktop_app.relief.queries import get_pool
from tests.counties import County
from tests.domain.relief.builder import AMOUNT, ROAD
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.workspaces import NOW
from village_core.domain.clock import FixedClock, today
from village_core.domain.errors import RuleRefusedError
from village_core.domain.relief.steps import StepKind
from village_core.records.held import HeldChange
from village_core.records.households import Household


def _with_a_case(county: County, make_laptop: LaptopMaker, *, until: StepKind) -> tuple[Laptop, FixedClock, UUID]:
    """A laptop with its clock, still right, and a case that is at this step."""
    clock = FixedClock(NOW)
    county.clock = FixedClock(NOW)
    laptop = make_laptop(county, clock=clock)
    furnish(laptop.workspace)
    case = start_case(laptop.workspace, add_household(laptop.workspace))
    walk(laptop.workspace, case, until=until)
    return laptop, clock, case


@pytest.mark.parametrize("wrong", [datetime(2031, 5, 1, tzinfo=UTC), datetime(2019, 5, 1, tzinfo=UTC)])
def test_all_edits_count_once_none_wins_for_ever_and_the_person_is_warned(
    small_county: County, make_laptop: LaptopMaker, wrong: datetime
) -> None:
    clocks = [FixedClock(NOW), FixedClock(NOW)]
    small_county.clock = FixedClock(NOW)
    astray, right = (make_laptop(small_county, clock=clock) for clock in clocks)
    household = astray.add_household(number="0001", head_name="罗铉", phone="0")
    sync_until_quiet(astray, right)
    clocks[0].moment = wrong
    for number in range(300):
        astray.edit(Household, household, phone=str(number), note=f"第{number}次")
    astray.sync()
    assert abs(int(astray.workspace.state("sync.skew_seconds") or 0)) > 100_000_000

    small_county.clock.moment = clocks[0].moment = clocks[1].moment = NOW + timedelta(hours=1)
    sync_until_quiet(right, astray)
    assert right.get(Household, household).note == "第299次"
    right.edit(Household, household, phone="最后说的")
    sync_until_quiet(right, astray)

    assert astray.get(Household, household).phone == "最后说的"
    assert astray.workspace.state("sync.skew_seconds") == "0"
    assert right.all(HeldChange) == []
    with small_county.engine.connect() as connection:
        edits = select(func.count()).where(oplog.c.kind == "U", oplog.c.table_name == "household")
        assert connection.scalar(edits) == 301
        tomorrow = int((NOW + timedelta(days=1)).timestamp() * 1000) << 16
        assert connection.scalar(select(func.max(oplog.c.received))) < tomorrow


@pytest.mark.parametrize("wrong", [datetime(2031, 5, 1, tzinfo=UTC), datetime(2019, 5, 1, tzinfo=UTC)])
def test_the_year_of_a_grant_is_asked_and_not_taken_from_the_wrong_clock(
    small_county: County, make_laptop: LaptopMaker, wrong: datetime
) -> None:
    astray, clock, case = _with_a_case(small_county, make_laptop, until=StepKind.VILLAGERS_RESOLUTION)
    clock.moment = wrong
    astray.sync()

    for kind in (StepKind.VILLAGERS_RESOLUTION, StepKind.PAYMENT):
        if kind is StepKind.PAYMENT:
            for between in ROAD[ROAD.index(StepKind.RESOLUTION_PUBLISHED) : ROAD.index(kind)]:
                usual_step(astray.workspace, case, between)
        with pytest.raises(RuleRefusedError, match=r"照县里的时间今天是2026年11月22日|早于文件印发"):
            usual_step(astray.workspace, case, kind, on=today(clock))
        assert usual_step(astray.workspace, case, kind).kind is kind, "the day that is on the paper"
    with astray.workspace.reader() as reader:
        assert (get_pool(reader, 2026).paid_fen, get_pool(reader, wrong.year).paid_fen) == (AMOUNT, 0)


def test_a_day_that_only_the_slow_clock_has_not_reached_is_taken(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    astray, clock, case = _with_a_case(small_county, make_laptop, until=StepKind.PAYMENT)
    clock.moment = NOW - timedelta(days=3)
    astray.sync()

    with pytest.raises(RuleRefusedError, match="这台电脑今天是2026年11月19日") as refused:
        usual_step(astray.workspace, case, StepKind.PAYMENT, on=date(2026, 11, 19))
    assert [(one.rule_id, one.hard, one.field) for one in refused.value.findings] == [("CRELIEF-6", False, "done_on")]
    with pytest.raises(RuleRefusedError, match="还没有到"):
        usual_step(astray.workspace, case, StepKind.PAYMENT, on=date(2026, 11, 23))
    usual_step(astray.workspace, case, StepKind.PAYMENT, on=date(2026, 11, 22))


def test_whoever_says_why_may_keep_the_day_and_a_right_clock_asks_nothing(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    astray, clock, case = _with_a_case(small_county, make_laptop, until=StepKind.VILLAGERS_RESOLUTION)
    clock.moment = NOW + timedelta(days=2)
    astray.sync()
    reasons = {"CRELIEF-6": "会议记录上是这一天"}
    done = usual_step(astray.workspace, case, StepKind.VILLAGERS_RESOLUTION, on=date(2026, 11, 24), reasons=reasons)
    with astray.workspace.reader() as reader:
        recorded = next(one for one in get_case(reader, case).records if one.id == done.step_id)
        assert recorded.reasons == reasons
        assert gather_facts(reader, get_case(reader, case).household_id).two_days is not None
    clock.moment = NOW + timedelta(days=3)
    small_county.clock = FixedClock(clock.moment)
    astray.sync()
    with astray.workspace.reader() as reader:
        assert gather_facts(reader, get_case(reader, case).household_id).two_days is None
