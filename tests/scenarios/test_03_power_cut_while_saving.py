"""Scenario 3: the power goes at any SQL statement of a deed; afterwards rows and outbox say the same."""

from __future__ import annotations

from sqlalchemy import select

from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.ledger.books import DAY, open_accounts, post
from tests.sim.power import Fuse, PowerCutError
from village_core.exchange.change_log import change_log
from village_core.records.ledger import Posting, Voucher


def outbox(laptop: Laptop) -> set[tuple[str, str]]:
    with laptop.workspace.engine.connect() as connection:
        column = change_log.c
        return {
            (row.table_name, row.row_id)
            for row in connection.execute(select(column.table_name, column.row_id))
            if row.table_name in ("voucher", "posting")
        }


def rows(laptop: Laptop) -> set[tuple[str, str]]:
    return {(one.__tablename__, one.id.hex) for record in (Voucher, Posting) for one in laptop.all(record)}


def test_a_voucher_is_there_with_its_lines_and_its_log_or_not_at_all(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    open_accounts(laptop.workspace)
    laptop.sync()
    statement, cuts = 0, 0
    while True:
        fuse = Fuse()
        fuse.watch(laptop.workspace.engine)
        fuse.left = statement
        try:
            post(laptop.workspace, ("10201", 700), ("50103", -700), on=DAY)
            break
        except PowerCutError:
            cuts += 1
        laptop.workspace.engine.dispose()
        laptop = make_laptop.open(laptop.workspace.folder, laptop.workspace.key, small_county)
        assert rows(laptop) == outbox(laptop) == set()
        statement += 1

    fuse.left = None
    assert cuts > 8
    assert len(rows(laptop)) == 3
    assert rows(laptop) == outbox(laptop)
    sync_until_quiet(laptop)
