"""Scenario 19: a laptop is upgraded while more than 2,000 operations of the older version were never sent."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from county_server.tables import batch, oplog
from desktop_app.bootstrap import open_workspace
from desktop_app.sync.outbox import count_waiting, find_frozen
from tests.counties import County
from tests.laptops import Laptop, sync_until_quiet
from tests.older_client import Program
from tests.workspaces import PASSPHRASE
from village_core.exchange.batches import hash_of
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.merge import Verdict
from village_core.records.ledger import Posting, Voucher
from village_core.records.relief import ReliefCase


def test_none_is_dropped_and_the_batch_on_its_way_goes_as_the_very_same_bytes(
    small_county: County, small_county_url: str, older_program: Program, unsent_workspace: Path
) -> None:
    code = small_county.code("报账员")
    older_program(unsent_workspace, "join", "--county", small_county_url, "--code", code)
    waiting, frozen_until, frozen_hash = older_program.deed(unsent_workspace, "freeze")
    count = int(waiting)

    laptop = Laptop(open_workspace(unsent_workspace, PASSPHRASE), small_county)
    with laptop.workspace.engine.connect() as connection:
        kept = find_frozen(connection)
        after = count_waiting(connection, 0)
    laptop.sync()
    sync_until_quiet(laptop)
    laptop.workspace.close()
    with small_county.engine.connect() as connection:
        sent = connection.execute(select(batch.c.content).order_by(batch.c.first_seq)).scalars().all()
        entries = connection.execute(select(oplog).where(oplog.c.device == 1).order_by(oplog.c.seq)).all()
        arrived = [connection.scalar(select(func.count()).select_from(one)) for one in (Voucher, Posting, ReliefCase)]

    assert after == count > 2_000
    assert kept is not None
    assert (hash_of(kept.content).hex(), kept.last_seq) == (frozen_hash, int(frozen_until))
    assert sent[0] == kept.content
    assert [entry.seq for entry in entries] == list(range(1, count + 1))
    assert ({entry.schema for entry in entries}, SCHEMA_VERSION > 1) == ({1}, True)
    assert {entry.verdict for entry in entries} == {Verdict.APPLIED.value}
    assert arrived == [40, 80, 20]
