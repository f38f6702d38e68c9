"""Two laptops grant the same household in the same year, after 救助审批权 was taken over by force."""

from __future__ import annotations

from uuid import UUID

from desktop_app.ledger.queries import get_voucher
from tests.counties import County
from tests.county_server.test_facts import grant, held_here
from tests.domain.relief.builder import ROAD
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.ledger.books import closing
from tests.relief.village import add_household, furnish, usual_step
from tests.seats import take_over
from village_core.domain.relief.steps import StepKind
from village_core.records.held import HeldChange
from village_core.records.ledger import Posting, Voucher
from village_core.records.relief import ReliefStep


def grant_and_pay(laptop: Laptop, household: UUID) -> None:
    case = grant(laptop, household)
    for kind in ROAD[ROAD.index(StepKind.RESOLUTION_PUBLISHED) : ROAD.index(StepKind.PAYMENT) + 1]:
        usual_step(laptop.workspace, case, kind)


def grant_twice(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    """The laptop that lost the right without knowing it, and the one that has it: both granted and paid, and met."""
    lost, new = make_laptop(county), make_laptop(county)
    furnish(lost.workspace)
    household = add_household(lost.workspace)
    sync_until_quiet(lost, new)
    take_over(new)
    new.sync()
    for laptop in (lost, new):
        grant_and_pay(laptop, household)
    new.sync()
    sync_until_quiet(lost, new)
    return lost, new


def payments(laptop: Laptop) -> int:
    return len([one for one in laptop.all(ReliefStep) if one.kind == StepKind.PAYMENT])


def test_the_first_grant_stands_the_second_waits_for_a_person_and_both_payments_stay_in_the_books(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    lost, new = grant_twice(small_county, make_laptop)

    second = only([one for one in new.all(HeldChange) if one.reason_kind == "duplicate_grant"])
    assert second.offered_by == "李琼仙"
    assert (payments(lost), payments(new)) == (2, 1)
    assert (held_here(lost) > 0, held_here(new)) == (True, 0)
    for laptop in (lost, new):
        numbers = sorted((one.number_text, one.printed_number) for one in laptop.all(Voucher))
        assert numbers == [("记-1", None), ("记-2", "记-1")]
        lines = laptop.all(Posting)
        assert sum(one.debit_fen for one in lines) == sum(one.credit_fen for one in lines) == 2 * 400_000
        with laptop.workspace.reader() as reader:
            waiting = [bool(get_voucher(reader, one.id).awaits_decision) for one in laptop.all(Voucher)]
        assert sorted(waiting) == [False, True], "the voucher of the second grant says that it is in question"
    assert closing(lost.workspace) == closing(new.workspace)
