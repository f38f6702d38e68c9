"""Scenario 13: a laptop comes back after 400 days; what was deleted meanwhile is not even in the log any more. Its own
work goes first, then it loads a snapshot. Nothing closed comes back, nothing of its own is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from county_server.engine import writing
from county_server.sync.snapshots import purge_log
from county_server.tables import village
from desktop_app.storage.change_log import list_history
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.sync import loop
from desktop_app.sync.first_load import LATER_REASON
from tests.counties import County, new_postgres, new_sqlite, opened_county
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.workspaces import VILLAGE
from village_core.domain.clock import FixedClock
from village_core.domain.errors import ProblemOutsideError
from village_core.domain.ids import new_id
from village_core.exchange.messages import SyncRequest, Want
from village_core.records.households import Household
from village_core.records.ledger import VoucherDraft

BEGIN = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)


def add_draft(laptop: Laptop, number: str) -> UUID:
    draft = new_id()
    columns = {"draft_number": number, "voucher_date": date(2025, 3, 1), "body": "[]", "made_by": new_id()}
    laptop.do(lambda uow: uow.session.add(VoucherDraft(village=uow.village, id=draft, **columns)))
    return draft


def delete_draft(laptop: Laptop, draft: UUID) -> None:
    def deed(uow: UnitOfWork) -> None:
        uow.session.delete(uow.session.get(VoucherDraft, (uow.village, draft)))

    laptop.do(deed)


def purge_all(county: County) -> None:
    """Everything so far leaves the log, and with it the traces of what was deleted."""
    with writing(county.engine) as connection:
        counter = connection.execute(select(village.c.counter).where(village.c.code == VILLAGE)).scalar_one()
        purge_log(connection, VILLAGE, until=counter)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_after_four_hundred_days_nothing_is_lost_and_nothing_closed_comes_back(
    database: str, request: pytest.FixtureRequest, make_laptop: LaptopMaker
) -> None:
    clock = FixedClock(BEGIN)
    if database == "sqlite":
        tmp_path, template = request.getfixturevalue("tmp_path"), request.getfixturevalue("sqlite_template")
        with opened_county(new_sqlite(template, tmp_path), clock) as county:
            come_back(county, make_laptop, clock)
    else:
        with new_postgres(request.getfixturevalue("postgres")) as address, opened_county(address, clock) as county:
            come_back(county, make_laptop, clock)


def come_back(county: County, make_laptop: LaptopMaker, clock: FixedClock) -> None:
    here, away = make_laptop(county), make_laptop(county)
    closed = here.add_household(number="0001", head_name="罗铉", bank_account="6223000000001111")
    edited = here.add_household(number="0002", head_name="起学英")
    thrown_away, kept_by_edit = add_draft(here, "D01-0001"), add_draft(here, "D01-0002")
    sync_until_quiet(here, away)

    fresh = away.add_household(number="0101", head_name="新来的")
    away.add_person(fresh, "新来的")
    away.edit(Household, edited, note="改于离线时")
    own_draft = add_draft(away, "D02-0001")
    away.edit(VoucherDraft, kept_by_edit, summary="离线时改过")
    here.edit(Household, closed, closed_on=date(2025, 6, 1), closed_reason="全户迁出")
    here.edit(Household, edited, phone="13900000000")
    for draft in (thrown_away, kept_by_edit):
        delete_draft(here, draft)
    later = [here.add_household(number=f"02{number:02d}", head_name=f"户主{number}") for number in range(5)]
    here.sync()
    clock.moment = BEGIN + timedelta(days=400)
    purge_all(county)

    report = away.sync()

    assert report.equal
    assert report.sent == 5
    gone = {draft.id for draft in away.all(VoucherDraft)}
    assert gone == {own_draft}
    assert away.get(Household, closed).closed_on == date(2025, 6, 1)
    both = away.get(Household, edited)
    assert (both.note, both.phone) == ("改于离线时", "13900000000")
    assert {row.id for row in away.all(Household)} == {closed, edited, fresh, *later}
    sync_until_quiet(here, away)
    assert here.get(Household, edited).note == "改于离线时"
    assert here.get(Household, fresh).head_name == "新来的"
    assert {draft.id for draft in here.all(VoucherDraft)} == {own_draft}
    with away.workspace.reader() as reader:
        assert only(list_history(reader.session, [later[0]])).reason == LATER_REASON


def without_snapshots(make: Callable[..., SyncRequest]) -> Callable[..., SyncRequest]:
    """Requests as a program without snapshots makes them."""
    return lambda *parts, **named: replace(made := make(*parts, **named), want=made.want & ~Want.SNAPSHOT)


def test_a_program_that_knows_no_snapshots_is_told_to_be_upgraded_and_loses_nothing(
    small_county: County, make_laptop: LaptopMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, away = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(here, away)
    here.add_household(number="0001", head_name="罗铉")
    here.sync()
    purge_all(small_county)
    fresh = away.add_household(number="0101", head_name="新来的")
    with monkeypatch.context() as older:
        older.setattr(loop, "_request", without_snapshots(loop._request))
        with pytest.raises(ProblemOutsideError, match="程序太旧"):
            away.sync()
    here.sync()
    assert here.get(Household, fresh).head_name == "新来的"

    assert away.sync().equal
