"""Facts that arrive: kept always, effective only where the village's rules allow it beside what came before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from county_server.tables import oplog
from desktop_app.ledger.checks import check_books
from desktop_app.ledger.excel import import_vouchers
from desktop_app.ledger.queries import find_opening
from desktop_app.ledger.service import enter_opening_balances, reverse_voucher
from desktop_app.sync.decisions import decide_question
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, join, only, sync_until_quiet
from tests.late_vouchers import lock, post_into_a_locked_month
from tests.ledger.books import DAY, closing, open_accounts, post
from tests.ledger.sheets import BOOKS, write_sheet
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.seats import take_over
from village_core.domain.errors import RefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.steps import StepKind
from village_core.exchange.change_log import device_state
from village_core.exchange.local_tables import held_row
from village_core.exchange.seats import SeatKind
from village_core.records.held import HeldChange
from village_core.records.ledger import MonthLock, Posting, Voucher
from village_core.records.relief import ReliefCase, ReliefStep


def grant(laptop: Laptop, household: UUID, *, until: StepKind = StepKind.RESOLUTION_PUBLISHED) -> UUID:
    """A case that is resolved (and carried further, but not to `until`)."""
    case = start_case(laptop.workspace, household)
    walk(laptop.workspace, case, until=until)
    return case


def hand_over(laptop: Laptop) -> None:
    """救助审批权 goes to this laptop; the former holder does not know it yet."""
    take_over(laptop, SeatKind.GRANT)
    laptop.sync()


def voucher_without_right(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    """The second laptop, which was not told that it may not, has posted and not yet exchanged."""
    first, second = make_laptop(county), make_laptop(county)
    open_accounts(first.workspace)
    sync_until_quiet(first, second)
    second.workspace.set_state("rights.may_post", "1")
    post(second.workspace, ("10201", 5000), ("50103", -5000))
    return first, second


def held_here(laptop: Laptop) -> int:
    with laptop.workspace.reader() as reader:
        return reader.session.scalar(select(func.count()).select_from(held_row)) or 0


def steps_at_county(county: County) -> list[str]:
    with county.engine.connect() as connection:
        return sorted(connection.scalars(select(ReliefStep.kind)))


def test_a_second_grant_of_the_year_is_held_with_what_follows_it_and_the_rest_goes_on(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(county), make_laptop(county)
    furnish(first.workspace)
    household = add_household(first.workspace)
    sync_until_quiet(first, second)
    hand_over(second)
    grant(first, household)
    grant(second, household, until=StepKind.TOWNSHIP_REVIEW)
    second.add_household(number="0099", head_name="别人")

    first.sync()
    report = second.sync()
    assert (report.held, report.equal) == (1, True)
    sync_until_quiet(first, second)

    question = only(first.all(HeldChange))
    assert question.reason_kind == "duplicate_grant"
    assert question.offered_by == "王建平"
    assert len(second.all(ReliefStep)) == 6 + 7
    assert len(first.all(ReliefStep)) == 6 + 5
    assert held_here(second) == 2
    assert held_here(first) == 0


def test_a_later_step_of_a_case_whose_grant_is_held_waits_as_well(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    furnish(first.workspace)
    household = add_household(first.workspace)
    sync_until_quiet(first, second)
    hand_over(second)
    grant(first, household)
    case = grant(second, household)
    first.sync()
    second.sync()
    usual_step(second.workspace, case, StepKind.RESOLUTION_PUBLISHED)

    sync_until_quiet(second, first)

    assert held_here(second) == 2
    assert len(first.all(HeldChange)) == 1


def test_a_grant_to_a_household_that_was_joined_counts_for_the_one_that_stands(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(county), make_laptop(county)
    furnish(first.workspace)
    sync_until_quiet(first, second)
    hand_over(second)
    grant(first, add_household(first.workspace, number="0001"))
    grant(second, add_household(second.workspace, number="0001"))

    sync_until_quiet(first, second)

    assert only(first.all(HeldChange)).reason_kind == "duplicate_grant"


def test_grants_over_the_pool_are_held_in_the_order_of_arrival(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    furnish(first.workspace, net_income_fen=2_000_000)
    one, other = add_household(first.workspace), add_household(first.workspace, group="小河边")
    sync_until_quiet(first, second)
    hand_over(second)
    grant(second, other)
    grant(first, one)

    second.sync()
    first.sync()
    sync_until_quiet(first, second)

    question = only(second.all(HeldChange))
    assert (question.reason_kind, question.offered_by) == ("over_cap", "李琼仙")


def test_vouchers_of_the_laptop_with_the_right_stand_and_arrive_whole(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    open_accounts(first.workspace)
    post(first.workspace, ("10201", 5000), ("50103", -5000))

    sync_until_quiet(first, second)

    assert only(second.all(Voucher)).number_text == "记-1"
    assert len(second.all(Posting)) == 2
    assert second.all(HeldChange) == []


def test_a_voucher_without_the_right_to_post_is_held_with_its_lines(county: County, make_laptop: LaptopMaker) -> None:
    first, second = voucher_without_right(county, make_laptop)

    report = second.sync()
    assert report.equal
    sync_until_quiet(first, second)

    assert only(first.all(HeldChange)).reason_kind == "no_right"
    assert first.all(Voucher) == []
    assert first.all(Posting) == []
    assert len(second.all(Posting)) == 2
    assert second.workspace.state("rights.may_post") == "0"


def test_a_voucher_that_was_taken_back_on_two_laptops_is_taken_back_once(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(county), make_laptop(county)
    open_accounts(first.workspace)
    posted = post(first.workspace, ("10201", 5000), ("50103", -5000))
    sync_until_quiet(first, second)
    take_over(second, SeatKind.LEDGER)
    second.sync()
    for laptop in (first, second):
        laptop.do(lambda uow: reverse_voucher(uow, posted.voucher_id, reason="记错"))

    first.sync()
    sync_until_quiet(second, first)

    assert only(first.all(HeldChange)).reason_kind == "not_reversible"
    assert closing(first.workspace) == {"10201": 0, "50103": 0} or set(closing(first.workspace).values()) == {0}
    assert held_here(second) == 3


def test_a_grant_from_a_laptop_that_never_had_the_right_is_held(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    furnish(first.workspace)
    household = add_household(first.workspace)
    sync_until_quiet(first, second)
    second.workspace.set_state("rights.seats", "[]")
    with pytest.raises(RefusedError, match="等救助审批权"):
        grant(second, household)
    with second.workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(delete(device_state).where(device_state.c.key == "rights.seats"))
    case = only(second.all(ReliefCase)).id
    usual_step(second.workspace, case, StepKind.VILLAGERS_RESOLUTION)

    sync_until_quiet(second, first)

    assert only(first.all(HeldChange)).reason_kind == "no_right"
    assert held_here(second) == 1


def test_what_was_posted_before_there_was_a_county_stands(county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(county, enrolled=False)
    open_accounts(laptop.workspace)
    post(laptop.workspace, ("10201", 5000), ("50103", -5000))
    join(laptop, "文书")

    report = laptop.sync()

    assert (report.held, report.equal) == (0, True)
    assert laptop.workspace.state("rights.may_post") == "0"


def test_the_same_voucher_number_twice_keeps_both_in_the_books_and_tells_a_person(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(county, enrolled=False), make_laptop(county, enrolled=False)
    for laptop in (first, second):
        open_accounts(laptop.workspace)
        post(laptop.workspace, ("10201", 5000), ("50103", -5000))
        join(laptop)

    sync_until_quiet(first, second)

    assert only(first.all(HeldChange)).reason_kind == "number_taken"
    for laptop in (first, second):
        numbers = sorted((row.number_text, row.printed_number) for row in laptop.all(Voucher))
        assert numbers == [("记-1", None), ("记-2", "记-1")]
        assert held_here(laptop) == 0


def test_a_voucher_that_does_not_balance_is_held(county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(county)
    open_accounts(laptop.workspace)
    posted = post(laptop.workspace, ("10201", 5000), ("50103", -5000))
    with laptop.workspace.reader() as reader:
        template = reader.session.get(Voucher, (reader.village, posted.voucher_id))
        assert template is not None
        values = {column.name: getattr(template, column.name) for column in Voucher.__table__.columns}
    forged = values | {"id": new_id(), "number": 2, "number_text": "记-2"}
    laptop.do(lambda uow: uow.session.add(Voucher(**forged)))

    report = laptop.sync()

    assert (report.held, report.equal) == (1, True)
    assert only(laptop.all(HeldChange)).reason_kind == "unbalanced"


def test_a_voucher_for_a_month_that_was_locked_elsewhere_goes_to_the_next_one(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = post_into_a_locked_month(county, make_laptop)

    sync_until_quiet(first, second)

    assert only(first.all(HeldChange)).reason_kind == "locked_month"
    voucher = only(first.all(Voucher))
    assert (voucher.voucher_date, voucher.period) == (DAY, "2026-04")
    assert closing(first.workspace, end=date(2026, 3, 31)) == {}
    assert closing(first.workspace) == closing(second.workspace) != {}
    for laptop in (first, second):
        with laptop.workspace.engine.connect() as connection:
            assert list(check_books(connection)) == []


def test_the_same_fact_made_on_two_laptops_is_one_fact(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county, enrolled=False), make_laptop(county, enrolled=False)
    for laptop in (first, second):
        lock(laptop, "2025-12")
        join(laptop)

    sync_until_quiet(first, second)

    assert {row.locked_by for laptop in (first, second) for row in laptop.all(MonthLock)} == {"李琼仙"}
    assert first.all(HeldChange) == []


def test_everything_that_was_held_lies_in_the_log_of_the_county(county: County, make_laptop: LaptopMaker) -> None:
    _, second = voucher_without_right(county, make_laptop)
    second.sync()

    with county.engine.connect() as connection:
        rows = connection.execute(select(oplog).where(oplog.c.verdict == "held")).all()

    assert sorted(row.table_name for row in rows) == ["posting", "posting", "voucher"]
    assert all(row.offered and row.effect_kind is None for row in rows)


def test_two_laptops_that_took_in_the_same_sheet_of_vouchers_have_one_book(
    county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    sheet = write_sheet(tmp_path / "vouchers.xlsx", BOOKS)
    first, second = make_laptop(county, enrolled=False), make_laptop(county, enrolled=False)
    for laptop in (first, second):
        import_vouchers(laptop.workspace, sheet)
    before = closing(first.workspace)
    for laptop in (first, second):
        join(laptop)

    sync_until_quiet(first, second)

    for laptop in (first, second):
        assert closing(laptop.workspace) == before
        assert laptop.all(HeldChange) == []
        assert {row.prepared_by for row in laptop.all(Voucher)} == {"李琼仙"}


def test_books_that_were_opened_on_two_laptops_open_once(county: County, make_laptop: LaptopMaker) -> None:
    """Each worked alone and entered the balances before there was a county: added up, every account had twice."""
    first, second = make_laptop(county, enrolled=False), make_laptop(county, enrolled=False)
    for laptop, balance in ((first, 50_000), (second, 50_100)):
        furnish(laptop.workspace)
        laptop.do(
            lambda uow, fen=balance: enter_opening_balances(
                uow, on=date(2026, 1, 1), balances={"101": fen, "311": -fen}
            )
        )
        join(laptop, "报账员")
    sync_until_quiet(first, second)

    question = only(first.all(HeldChange))
    assert question.reason_kind == "opened_twice"
    with county.engine.connect() as connection:
        sums = select(func.sum(Posting.debit_fen)).where(Posting.opening)
        assert connection.scalar(sums) == 50_000

    first.do(
        lambda uow: enter_opening_balances(
            uow, on=date(2026, 1, 1), balances={"101": 50_100, "311": -50_100}, reason="照后到的改"
        )
    )
    sync_until_quiet(first, second)
    assert len(first.all(HeldChange)) == 1, "balances entered anew take the former back and are no second ones"
    first.do(lambda uow: decide_question(uow, question.id, "standing"))
    sync_until_quiet(first, second)
    with second.workspace.reader() as reader:
        opening = find_opening(reader)
        assert opening is not None
        assert opening.voucher().debit_fen == 50_100
