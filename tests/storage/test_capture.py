"""The clock of the change log: one value a transaction, and no writing without our own function."""

from __future__ import annotations

import pytest
import sqlcipher3.dbapi2
from sqlalchemy import select, text, update

from desktop_app.storage.workspace import DATABASE_FILE, Workspace
from village_core.domain.ids import new_id
from village_core.exchange.change_log import change_context, change_log
from village_core.records.households import Household


def add(workspace: Workspace, count: int) -> None:
    with workspace.unit_of_work(reason="试") as uow:
        for number in range(count):
            uow.session.add(Household(village=uow.village, id=new_id(), head_name=f"第{number}户"))
        uow.commit()


def clocks(workspace: Workspace) -> list[list[int]]:
    """The clocks of each transaction."""
    found: dict[int, list[int]] = {}
    with workspace.engine.connect() as connection:
        for tx, clock in connection.execute(select(change_log.c.tx, change_log.c.clock).order_by(change_log.c.seq)):
            found.setdefault(tx, []).append(clock)
    return list(found.values())


def test_a_transaction_has_one_clock_and_a_later_one_a_later(workspace: Workspace) -> None:
    for count in (3, 1, 2):
        add(workspace, count)

    told = clocks(workspace)[-3:]
    assert [len(one) for one in told] == [3, 1, 2]
    assert all(len(set(one)) == 1 for one in told)
    assert told[0][0] < told[1][0] < told[2][0]


def test_who_writes_without_a_deed_gets_a_later_clock_all_the_same(workspace: Workspace) -> None:
    add(workspace, 1)
    with workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(text("UPDATE household SET note = '旁边写的'"))

    with workspace.engine.connect() as connection:
        last, late = connection.scalars(select(change_log.c.clock).order_by(change_log.c.seq.desc()).limit(2)).all()
    assert last > late


def test_a_program_without_the_function_cannot_write_though_the_context_has_a_clock(workspace: Workspace) -> None:
    with workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(update(change_context).values(clock=1 << 60))
    workspace.engine.dispose()
    stranger = sqlcipher3.dbapi2.connect(str(workspace.folder / DATABASE_FILE))
    stranger.execute(f"PRAGMA key = \"x'{workspace.key.hex()}'\"")

    for statement in ("UPDATE staff_member SET name = '别人'", "INSERT INTO household (village, id) VALUES ('5', '6')"):
        with pytest.raises(sqlcipher3.dbapi2.OperationalError, match="tiangeng_clock"):
            stranger.execute(statement)
    stranger.close()
