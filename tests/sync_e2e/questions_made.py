"""Each kind of question of 要您拿主意, made by two real laptops at a real county. Each returns the laptop whose clerk
looks at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from desktop_app.sync.decisions import decide_question
from tests.counties import County
from tests.county_server.test_facts import grant, hand_over, voucher_without_right
from tests.county_server.test_merging import edit_there_and_delete_here
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.late_vouchers import give_a_number_twice, post_into_a_locked_month
from tests.relief.village import add_household, furnish
from tests.scenarios.test_08_two_grants_after_a_takeover import grant_twice
from tests.scenarios.test_24_step_on_a_rejected_case import carry_on_a_refused_case
from village_core.exchange.questions import NEITHER, OFFERED
from village_core.records.held import HeldChange
from village_core.records.households import Household

Maker = Callable[[County, LaptopMaker], Laptop]
_ACCOUNT = "621700000000000"


def _pair(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    return make_laptop(county), make_laptop(county)


def _decide(laptop: Laptop, choice: str, **more: str) -> None:
    question = only(laptop.all(HeldChange)).id
    laptop.do(lambda uow: decide_question(uow, question, choice, **more))


def nothing(county: County, make_laptop: LaptopMaker) -> Laptop:
    laptop = make_laptop(county)
    laptop.sync()
    return laptop


def accounts_differ(county: County, make_laptop: LaptopMaker) -> Laptop:
    first, second = _pair(county, make_laptop)
    household = first.add_household(number="0001", head_name="罗铉", bank_account=f"{_ACCOUNT}0")
    sync_until_quiet(first, second)
    second.edit(Household, household, bank_account=f"{_ACCOUNT}2")
    second.sync()
    first.edit(Household, household, bank_account=f"{_ACCOUNT}1")
    sync_until_quiet(first, second)
    return first


def decision_on_its_way(county: County, make_laptop: LaptopMaker) -> Laptop:
    laptop = accounts_differ(county, make_laptop)
    _decide(laptop, NEITHER, value=f"{_ACCOUNT}3")
    return laptop


def decided(county: County, make_laptop: LaptopMaker) -> Laptop:
    laptop = decision_on_its_way(county, make_laptop)
    sync_until_quiet(laptop)
    return laptop


def account_of_a_joined_household(county: County, make_laptop: LaptopMaker) -> Laptop:
    first, second = _pair(county, make_laptop)
    first.add_household(number="0007", head_name="李琼仙", bank_account=f"{_ACCOUNT}5")
    first.sync()
    household = second.add_household(number="0009", head_name="李琼仙", bank_account=f"{_ACCOUNT}0")
    sync_until_quiet(second, first)
    second.edit(Household, household, bank_account=f"{_ACCOUNT}2")
    second.sync()
    first.edit(Household, household, bank_account=f"{_ACCOUNT}1")
    sync_until_quiet(first, second)
    first.edit(Household, household, number="0007")
    sync_until_quiet(first, second)
    return first


def one_number_two_heads(county: County, make_laptop: LaptopMaker) -> Laptop:
    first, second = _pair(county, make_laptop)
    for laptop, head in ((first, "起学英"), (second, "王建平")):
        laptop.add_household(number="0007", head_name=head, phone="13800000007")
    sync_until_quiet(first, second)
    return first


def decided_twice(county: County, make_laptop: LaptopMaker) -> Laptop:
    first = one_number_two_heads(county, make_laptop)
    second = make_laptop(county)
    sync_until_quiet(second)
    _decide(first, NEITHER)
    _decide(second, OFFERED)
    first.sync()
    sync_until_quiet(second, first)
    return first


def person_into_a_closed_household(county: County, make_laptop: LaptopMaker) -> Laptop:
    closing, adding = _pair(county, make_laptop)
    household = closing.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(closing, adding)
    closing.edit(Household, household, closed_on=date(2026, 11, 20), closed_reason="迁走")
    adding.add_person(household, "罗小妹")
    sync_until_quiet(closing, adding)
    return adding


def edit_of_a_deleted_draft(county: County, make_laptop: LaptopMaker) -> Laptop:
    first, second = _pair(county, make_laptop)
    edit_there_and_delete_here(first, second)
    first.sync()
    sync_until_quiet(second, first)
    return first


def second_grant_paid(county: County, make_laptop: LaptopMaker) -> Laptop:
    return grant_twice(county, make_laptop)[0]


def grant_over_the_pool(county: County, make_laptop: LaptopMaker) -> Laptop:
    first, second = _pair(county, make_laptop)
    furnish(first.workspace, net_income_fen=2_000_000)
    households = [add_household(first.workspace, group=group) for group in ("大平地", "小河边")]
    sync_until_quiet(first, second)
    hand_over(second)
    for laptop, household in zip((first, second), households, strict=True):
        grant(laptop, household)
    second.sync()
    sync_until_quiet(first, second)
    return first


def step_on_a_refused_case(county: County, make_laptop: LaptopMaker) -> Laptop:
    return carry_on_a_refused_case(county, make_laptop)[0]


def voucher_without_the_right(county: County, make_laptop: LaptopMaker) -> Laptop:
    first, second = voucher_without_right(county, make_laptop)
    second.sync()
    sync_until_quiet(first, second)
    return first


def number_taken(county: County, make_laptop: LaptopMaker) -> Laptop:
    return give_a_number_twice(county, make_laptop)[0]


def voucher_for_a_locked_month(county: County, make_laptop: LaptopMaker) -> Laptop:
    first, second = post_into_a_locked_month(county, make_laptop)
    sync_until_quiet(first, second)
    return first
