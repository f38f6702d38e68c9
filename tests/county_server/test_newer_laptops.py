"""A county that is older than a laptop: every push is taken, what it cannot read waits raw and is decided later."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from county_server.engine import writing
from county_server.sync.upgraded import carry_out_waiting
from county_server.tables import newer_operation
from desktop_app.ledger.entries import VoucherEntry
from desktop_app.ledger.service import lock_month, post_entry
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.older_program import as_older
from village_core.domain.ledger.voucher import Posting
from village_core.exchange import skew
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.records.held import HeldChange
from village_core.records.households import Household
from village_core.records.ledger import MonthLock, Voucher


@pytest.fixture
def older_county(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Until undone, the county knows neither month locks nor the note of a household, and its schema is one less."""
    for read in (skew.divide, skew.binds_facts, skew.is_bound_fact):
        monkeypatch.setattr(f"village_core.exchange.planner.{read.__name__}", as_older(read))
    monkeypatch.setattr("village_core.exchange.planner.SCHEMA_VERSION", SCHEMA_VERSION - 1)
    monkeypatch.setattr("county_server.sync.service.SCHEMA_VERSION", SCHEMA_VERSION - 1)
    monkeypatch.setattr("county_server.sync.upgraded.SCHEMA_VERSION", SCHEMA_VERSION - 1)
    return monkeypatch


def waiting(county: County) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(newer_operation)) or 0


def upgrade(county: County, older_county: pytest.MonkeyPatch) -> int:
    older_county.undo()
    with writing(county.engine) as connection:
        return carry_out_waiting(connection, clock=county.clock)


def push(laptop: Laptop) -> None:
    """What the laptop says of equality then is nobody's damage."""
    report = laptop.sync()
    assert not report.equal
    assert not report.comparable


def lock(laptop: Laptop, period: str) -> None:
    laptop.do(lambda uow: lock_month(uow, period))


def test_what_it_can_read_applies_at_once_and_the_rest_after_its_upgrade(
    county: County, make_laptop: LaptopMaker, older_county: pytest.MonkeyPatch
) -> None:
    first, second = make_laptop(county), make_laptop(county)
    plain = first.add_household(number="1", head_name="李建国")
    noted = first.add_household(number="2", head_name="王有福", note="住在村尾")
    lock(first, "2026-01")
    push(first)
    first.edit(Household, noted, note="住在村头", phone="13800000000")
    push(first)

    assert waiting(county) == 3
    with county.engine.connect() as connection:
        households = connection.execute(select(Household.head_name, Household.phone).order_by(Household.number)).all()
        assert [tuple(row) for row in households] == [("李建国", None), ("王有福", "13800000000")]
        assert connection.scalar(select(func.count()).select_from(MonthLock)) == 0
    assert upgrade(county, older_county) == 3
    sync_until_quiet(first, second)

    assert waiting(county) == 0
    assert [row.note for row in second.all(Household)] == [None, "住在村头"]
    assert second.get(Household, plain).head_name == "李建国"
    assert only(second.all(MonthLock)).period == "2026-01"
    assert second.all(HeldChange) == []


def test_what_waits_is_judged_by_the_rules_when_it_is_let_in(
    small_county: County, make_laptop: LaptopMaker, older_county: pytest.MonkeyPatch
) -> None:
    laptop, other = make_laptop(small_county), make_laptop(small_county)
    household = laptop.add_household(number="1", head_name="李建国", note="甲")
    push(laptop)
    other.sync()
    other.edit(Household, household, note="乙")
    push(other)
    laptop.edit(Household, household, note="丙")
    push(laptop)
    lines = (Posting("101", "收现金", 100, 0), Posting("501", "收现金", 0, 100))
    laptop.do(lambda uow: post_entry(uow, VoucherEntry(uow.today, lines, paper_count=1)))
    push(laptop)

    upgrade(small_county, older_county)
    sync_until_quiet(laptop, other)

    assert laptop.get(Household, household).note == other.get(Household, household).note == "丙"
    assert len(other.all(Voucher)) == 1


def test_an_upgrade_without_anything_waiting_changes_nothing(
    small_county: County, make_laptop: LaptopMaker, older_county: pytest.MonkeyPatch
) -> None:
    laptop = make_laptop(small_county)
    older_county.undo()
    laptop.add_household(number="1", note="甲")
    sync_until_quiet(laptop)

    with writing(small_county.engine) as connection:
        assert carry_out_waiting(connection, clock=small_county.clock) == 0
    assert laptop.sync().equal
