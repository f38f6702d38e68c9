"""Both laptops post 记-41 without a line, one of them under a lease that was taken over."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from desktop_app.ledger.checks import check_books
from desktop_app.ledger.queries import get_voucher
from tests.counties import County, new_sqlite, opened_county
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.ledger.books import closing, open_accounts, post
from tests.seats import take_over
from village_core.domain.errors import RefusedError
from village_core.exchange.seats import SeatKind
from village_core.records.held import HeldChange
from village_core.records.ledger import Voucher


def numbers(laptop: Laptop) -> list[tuple[str, str | None]]:
    return sorted((one.number_text, one.printed_number) for one in laptop.all(Voucher))


def assert_sound(laptop: Laptop) -> None:
    """Numbers are unique and without a gap, and the books balance."""
    given = [(one.period, one.number) for one in laptop.all(Voucher)]
    assert len(set(given)) == len(given)
    assert sorted(number for _, number in given) == list(range(1, len(given) + 1))
    with laptop.workspace.engine.connect() as connection:
        assert list(check_books(connection)) == []


def test_both_vouchers_are_kept_under_numbers_of_their_own_and_the_paper_keeps_its_number(
    county: County, make_laptop: LaptopMaker
) -> None:
    stale, holder = make_laptop(county), make_laptop(county)
    open_accounts(stale.workspace)
    for _ in range(3):
        post(stale.workspace, ("10201", 100), ("50103", -100))
    sync_until_quiet(stale, holder)
    take_over(holder, SeatKind.LEDGER)
    holder.sync()
    late = post(stale.workspace, ("10201", 5000), ("50103", -5000))
    post(holder.workspace, ("10201", 700), ("50103", -700))
    assert late.number_text == "记-4"

    holder.sync()
    sync_until_quiet(stale, holder)

    question = only(holder.all(HeldChange))
    assert (question.reason_kind, question.offered_by) == ("number_taken", "李琼仙")
    assert "改编为 记-5 号" in question.reason
    for laptop in (stale, holder):
        assert numbers(laptop)[3:] == [("记-4", None), ("记-5", "记-4")]
        assert_sound(laptop)
        with laptop.workspace.reader() as reader:
            assert get_voucher(reader, late.voucher_id).both_numbers == "记-5（纸上 记-4）"
    assert closing(stale.workspace) == closing(holder.workspace)


def test_the_laptop_that_lost_the_right_hears_of_it_and_says_who_has_it(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    stale, holder = make_laptop(small_county), make_laptop(small_county)
    open_accounts(stale.workspace)
    sync_until_quiet(stale, holder)
    take_over(holder, SeatKind.LEDGER)
    sync_until_quiet(stale, holder)

    with pytest.raises(RefusedError, match="记账权在王建平的电脑（2 号）"):
        post(stale.workspace, ("10201", 5000), ("50103", -5000))


class Takeovers(RuleBasedStateMachine):
    """Two laptops that post whenever they believe they may, exchanges, and an operator who hands 记账权 around."""

    templates: ClassVar[list[tuple[Path, bytes]]]
    county_template: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tiangeng-"))
        self.opened = opened_county(new_sqlite(self.county_template, self.folder))
        self.county: County = self.opened.__enter__()
        self.maker = LaptopMaker(self.templates, self.folder)
        self.laptops = [self.maker(self.county), self.maker(self.county)]
        open_accounts(self.laptops[0].workspace)
        sync_until_quiet(*self.laptops)
        self.posted = 0

    @rule(who=st.integers(0, 1))
    def post_one(self, who: int) -> None:
        try:
            post(self.laptops[who].workspace, ("10201", 100), ("50103", -100))
        except RefusedError:
            return
        self.posted += 1

    @rule(who=st.integers(0, 1))
    def exchange(self, who: int) -> None:
        self.laptops[who].sync()

    @rule(who=st.integers(0, 1))
    def hand_over(self, who: int) -> None:
        take_over(self.laptops[who], SeatKind.LEDGER)

    def teardown(self) -> None:
        sync_until_quiet(*self.laptops)
        for laptop in self.laptops:
            assert len(laptop.all(Voucher)) == self.posted
            assert_sound(laptop)
        self.maker.close()
        self.opened.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)


def test_any_interleaving_of_postings_and_takeovers_leaves_unique_numbers_and_balanced_books(
    laptop_templates: list[tuple[Path, bytes]], sqlite_template: Path
) -> None:
    class Here(Takeovers):
        templates = laptop_templates
        county_template = sqlite_template

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=4,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
