"""Rights of a village as the county lends them, and as its laptops take them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from county_server.admin.seats import end_seat, lend_seat, list_seats
from county_server.admin.service import revoke_device
from county_server.cli import run
from county_server.tables import county_key
from desktop_app.ledger.service import add_sub_account, delete_draft, save_draft
from desktop_app.settings.service import record_income
from desktop_app.storage.access_log import list_access
from desktop_app.storage.rights import Rights, rights_of
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.ledger.books import entry, open_accounts, post
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.restoring import CountyBackup
from tests.seats import take_over
from tests.workspaces import NOW, VILLAGE
from village_core.domain.clock import FixedClock
from village_core.domain.errors import RefusedError
from village_core.domain.relief.steps import StepKind
from village_core.exchange.change_log import device_state
from village_core.exchange.seats import SeatKind, lease_terms
from village_core.records.held import HeldChange
from village_core.records.ledger import Voucher
from village_core.records.seats import Seat


def rights(laptop: Laptop) -> Rights:
    with laptop.workspace.reader() as reader:
        return rights_of(reader.session)


def has(laptop: Laptop) -> tuple[bool, bool]:
    """Grants, posts."""
    now = rights(laptop)
    return now.may_grant, now.may_post


@pytest.fixture
def timed(small_county: County, clock: FixedClock) -> County:
    """A county whose clock stands where it is put; laptops made for it go by the same."""
    small_county.clock = clock
    return small_county


def later(clock: FixedClock, days: int) -> None:
    clock.moment = NOW + timedelta(days=days)


def test_the_accountants_first_laptop_gets_both_rights_at_enrolment_and_signed_at_the_first_exchange(
    county: County, make_laptop: LaptopMaker
) -> None:
    clerk, first, second = (make_laptop(county, role=role) for role in ("文书", "报账员", "报账员"))
    assert [has(one) for one in (clerk, first, second)] == [(False, False), (True, True), (False, False)]
    sync_until_quiet(clerk, first, second)
    assert [has(one) for one in (clerk, first, second)] == [(False, False), (True, True), (False, False)]
    assert len(clerk.all(Seat)) == 2
    assert rights(clerk).where(SeatKind.LEDGER) == "王建平的电脑（2 号）"


def test_the_secretary_who_comes_first_grants_and_the_accountant_posts(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    secretary, accountant = make_laptop(small_county, role="支书"), make_laptop(small_county, role="报账员")
    sync_until_quiet(secretary, accountant)
    assert (has(secretary), has(accountant)) == ((True, False), (False, True))

    furnish(secretary.workspace)
    case = start_case(secretary.workspace, add_household(secretary.workspace))
    walk(secretary.workspace, case, until=StepKind.PAYMENT)
    with pytest.raises(RefusedError, match="记账权在王建平的电脑（2 号）"):
        usual_step(secretary.workspace, case, StepKind.PAYMENT)
    sync_until_quiet(secretary, accountant)
    usual_step(accountant.workspace, case, StepKind.PAYMENT)
    assert accountant.sync().held == 0


def test_a_lease_that_another_key_signed_gives_no_right_and_is_noted(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(first, second)
    with small_county.engine.execution_options(write=True).begin() as connection:
        connection.execute(update(county_key).values(signing=bytes(32)))
    take_over(second)
    sync_until_quiet(first, second)

    assert (has(first), has(second)) == ((False, False), (False, False))
    with second.workspace.reader() as reader:
        noted = [one.subject for one in list_access(reader.session) if one.kind == "refusal"]
    assert {"救助审批权的借据没有县里的签名", "记账权的借据没有县里的签名"} == set(noted)


def test_a_right_is_renewed_at_contact_and_lapses_without_one(
    timed: County, make_laptop: LaptopMaker, clock: FixedClock
) -> None:
    laptop = make_laptop(timed)
    furnish(laptop.workspace)
    laptop.do(lambda uow: add_sub_account(uow, parent="501", name="发包收入", code="50103"))
    laptop.sync()
    terms = lease_terms()
    first_until = only(rights(laptop).holders(SeatKind.LEDGER)).valid_until

    later(clock, terms.validity_days // 3 - 1)
    laptop.sync()
    assert only(rights(laptop).holders(SeatKind.LEDGER)).valid_until == first_until
    later(clock, terms.validity_days // 3 + 1)
    laptop.sync()
    renewed = only(rights(laptop).holders(SeatKind.LEDGER)).valid_until
    assert renewed == first_until + timedelta(days=terms.validity_days // 3 + 1)

    case = start_case(laptop.workspace, add_household(laptop.workspace))
    walk(laptop.workspace, case, until=StepKind.VILLAGERS_RESOLUTION)
    later(clock, 2000)
    post(laptop.workspace, ("10201", 100), ("50103", -100))
    with pytest.raises(RefusedError, match="日期不对请先改正电脑的日期"):
        usual_step(laptop.workspace, case, StepKind.VILLAGERS_RESOLUTION)
    later(clock, 0)
    usual_step(laptop.workspace, case, StepKind.VILLAGERS_RESOLUTION)


def test_a_whole_right_to_grant_follows_the_year_and_the_income(
    timed: County, make_laptop: LaptopMaker, clock: FixedClock
) -> None:
    laptop = make_laptop(timed)
    furnish(laptop.workspace)
    sync_until_quiet(laptop)
    seat = only(rights(laptop).holders(SeatKind.GRANT))
    assert (seat.year, seat.net_income_fen, seat.allowance_fen) == (2026, 20_401_300, 6_120_390)
    later(clock, 50)
    laptop.do(lambda uow: record_income(uow, 2026, net_income_fen=100_000, source="试"))
    sync_until_quiet(laptop)
    seat = only(rights(laptop).holders(SeatKind.GRANT))
    assert (seat.year, seat.net_income_fen, seat.cap_fen, seat.epoch) == (2027, 100_000, 30_000, 1)


def test_a_right_is_lent_only_where_it_is_free_and_revoking_frees_it(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, third = (
        make_laptop(small_county),
        make_laptop(small_county),
        make_laptop(small_county, role="报账员"),
    )
    with pytest.raises(RefusedError, match="现在在李琼仙的电脑（1 号）"):
        lend_seat(small_county.engine, VILLAGE, kind=SeatKind.LEDGER, number=2, clock=small_county.clock)
    end_seat(small_county.engine, VILLAGE, kind=SeatKind.LEDGER, clock=small_county.clock)
    sync_until_quiet(first, second, third)
    assert not any(has(one)[1] for one in (first, second, third)), "what was taken back stays with the county"
    lend_seat(small_county.engine, VILLAGE, kind=SeatKind.LEDGER, number=2, clock=small_county.clock)
    revoke_device(small_county.engine, 2)
    sync_until_quiet(first, third)
    assert [has(one) for one in (first, third)] == [(True, True), (False, False)]
    revoke_device(small_county.engine, 1)
    sync_until_quiet(third)
    assert has(third) == (True, True)
    with pytest.raises(RefusedError, match="没有在用的 2 号电脑"):
        take_over(second)


def test_a_county_of_the_first_version_lends_at_the_first_contact(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    with small_county.engine.execution_options(write=True).begin() as connection:
        connection.execute(delete(Seat))
    with laptop.workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(delete(device_state).where(device_state.c.key == "rights.seats"))
    assert has(laptop) == (True, True)
    laptop.sync()
    assert {one.kind for one in rights(laptop).leases or ()} == {SeatKind.GRANT, SeatKind.LEDGER}


def test_draft_numbers_bear_the_device_and_are_never_given_twice(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    drafts = [laptop.do(lambda uow: save_draft(uow, entry(("10201", 1), ("50103", -1)))) for _ in range(2)]
    for draft in drafts:
        laptop.do(lambda uow, draft=draft: delete_draft(uow, draft.draft_id))
    again = laptop.do(lambda uow: save_draft(uow, entry(("10201", 1), ("50103", -1))))
    assert [one.draft_number for one in (*drafts, again)] == ["D01-0001", "D01-0002", "D01-0003"]


def test_an_operator_hands_rights_around_from_the_command_line(
    small_county: County, make_laptop: LaptopMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _second = make_laptop(small_county), make_laptop(small_county)
    furnish(first.workspace)
    sync_until_quiet(first)

    def call(*arguments: str) -> dict[str, list[dict[str, object]]]:
        assert run(["--db", small_county.address, "--json", "seat", *arguments]) == 0
        document: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
        return document

    def holders(document: dict[str, list[dict[str, object]]]) -> list[tuple[object, object, object]]:
        return [(one["kind"], one["device"], one["epoch"]) for one in document["seats"]]

    assert holders(call("list", VILLAGE)) == [("grant", 1, 1), ("ledger", 1, 1)]
    assert holders(call("take-over", VILLAGE, "记账权", "2")) == [("grant", 1, 1), ("ledger", 2, 2)]
    parts = call("split", VILLAGE, "--share", "1=大平地:30000", "--share", "2=小河边:31203")
    assert holders(parts) == [("grant", 1, 2), ("grant", 2, 2), ("ledger", 2, 2)]
    assert holders(call("end", VILLAGE, "救助审批权")) == [("grant", None, 0), ("ledger", 2, 2)]
    assert holders(call("lend", VILLAGE, "grant", "2")) == [("grant", 2, 3), ("ledger", 2, 2)]
    assert run(["--db", small_county.address, "seat", "lend", VILLAGE, "批条子", "2"]) == 1
    assert run(["--db", small_county.address, "seat", "split", VILLAGE, "--share", "2:30"]) == 1
    assert "2=大平地,小河边:3000" in capsys.readouterr().err
    assert [one.kind for one in list_seats(small_county.engine, VILLAGE, clock=small_county.clock)] == [
        "grant",
        "ledger",
    ]


def test_what_was_posted_under_a_lease_that_a_restored_county_forgot_still_counts(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    open_accounts(first.workspace)
    sync_until_quiet(first, second)
    backup = CountyBackup(small_county)
    take_over(second, SeatKind.LEDGER)
    second.sync()
    post(second.workspace, ("10201", 700), ("50103", -700))
    second.sync()
    backup.restore()

    for laptop in (first, second, first, second, first, second):
        laptop.sync()
    sync_until_quiet(first, second)
    assert [one.number_text for one in first.all(Voucher)] == ["记-1"]
    assert first.all(HeldChange) == []
    assert (has(first)[1], has(second)[1]) == (True, False), "the hand-over itself is to be done once more"
