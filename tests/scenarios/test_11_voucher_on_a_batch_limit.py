"""Scenario 11: vouchers with 40 postings on the limit of a batch and over a line that is cut: each arrives whole or not
at all, at the county and on every other laptop."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, select

from county_server.tables import batch
from desktop_app.sync import state
from desktop_app.sync.words import LineError
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.ledger.books import closing, open_accounts, post
from village_core.exchange.batches import thaw_batch
from village_core.records.ledger import Posting, Voucher

VOUCHERS, LINES = 24, 40


def posted(connection: Connection) -> Counter[object]:
    """Lines by voucher; every voucher there is counts, also one without lines."""
    counted: Counter[object] = Counter(connection.scalars(select(Posting.voucher_id)))
    assert set(counted) == set(connection.scalars(select(Voucher.id)))
    return counted


def assert_only_whole_vouchers(county: County, *laptops: Laptop) -> None:
    for engine in (county.engine, *(laptop.workspace.engine for laptop in laptops)):
        with engine.connect() as connection:
            assert set(posted(connection).values()) <= {LINES}


def post_many(laptop: Laptop) -> None:
    for number in range(VOUCHERS):
        lines = [("10201", 100 + number) if place % 2 else ("50103", -100 - number) for place in range(LINES)]
        post(laptop.workspace, *lines, summary=f"第{number}张，{number**9:x}")


def test_a_voucher_with_forty_postings_is_never_there_in_part(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    open_accounts(first.workspace)
    sync_until_quiet(first, second)
    for laptop in (first, second):
        laptop.workspace.set_state(state.PIECES, "4096 0 0")
    post_many(first)

    tries = 0
    done: set[Laptop] = set()
    while len(done) < 2:
        tries += 1
        for laptop in (first, second):
            laptop.line.cut_after = 700 + 1_400 * tries
            try:
                moved = laptop.sync()
            except LineError:
                done.discard(laptop)
            else:
                if laptop is second and moved.received == 0 and first in done:
                    done.add(second)
                elif laptop is first:
                    done.add(first)
            laptop.line.cut_after = None
            assert_only_whole_vouchers(small_county, first, second)

    sync_until_quiet(first, second)
    assert tries > 3
    assert len(second.all(Voucher)) == VOUCHERS
    assert closing(second.workspace) == closing(first.workspace)
    with small_county.engine.connect() as connection:
        batches = [thaw_batch(content) for content in connection.scalars(select(batch.c.content))]
    with_vouchers = [
        one for one in batches if any(op.table == "voucher" for t in one.transactions for op in t.operations)
    ]
    assert len(with_vouchers) > 1, "they went in one batch, so that there was no limit to stand on"
