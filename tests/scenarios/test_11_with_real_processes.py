"""Scenario 11 with real processes: vouchers of 40 postings over a line that is cut all the time."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Engine, select

from desktop_app.sync import state
from tests.fault_proxy import Faults
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.ledger.books import closing, open_accounts, post
from tests.real_county import RealCounty, RealLaptop
from village_core.records.ledger import Posting, Voucher

VOUCHERS, LINES = 40, 40


class Watching(RealLaptop):
    """After each cut every voucher that is there, here or at the county, has all its lines."""

    cuts = 0

    def between_tries(self, _seconds: float) -> None:
        self.cuts += 1
        assert_whole(self.workspace.engine)
        assert_whole(self.real_county.engine)


def assert_whole(engine: Engine) -> None:
    with engine.connect() as connection:
        lines = Counter(connection.scalars(select(Posting.voucher_id)))
        assert set(lines) == set(connection.scalars(select(Voucher.id)))
        assert set(lines.values()) <= {LINES}


def test_no_voucher_is_seen_in_part_on_either_side_of_a_bad_line(
    real_county: RealCounty, make_laptop: LaptopMaker
) -> None:
    made = [real_county.laptop(make_laptop, role) for role in ("报账员", "文书")]
    first, second = (Watching(laptop.workspace, real_county) for laptop in made)
    open_accounts(first.workspace)
    sync_until_quiet(first, second)
    first.workspace.set_state(state.PIECES, "4096 0 0")
    for number in range(VOUCHERS):
        lines = [("10201", 100 + number) if place % 2 else ("50103", -100 - number) for place in range(LINES)]
        post(first.workspace, *lines, summary=f"第{number}张，{number**9:x}")

    real_county.line.faults = Faults(cut_both=9_000)
    first.sync()
    second.sync()
    sync_until_quiet(first, second)

    assert first.cuts > 1
    assert second.cuts > 1
    assert len(second.all(Voucher)) == VOUCHERS
    assert closing(second.workspace) == closing(first.workspace)
