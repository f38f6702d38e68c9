"""Digests: kept up to date on write they are what a new count of all rows gives, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, MetaData, create_engine

from tests.exchange.examples import VILLAGE
from village_core.exchange import digests
from village_core.exchange.apply import write_operations
from village_core.exchange.digest_tables import DigestTables, define_digest_tables
from village_core.exchange.operations import Kind, Operation
from village_core.records import Record

_metadata = MetaData()
_tables: DigestTables = define_digest_tables(_metadata)


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as opened:
        Record.metadata.create_all(opened)
        _metadata.create_all(opened)
        yield opened
    engine.dispose()


steps = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["set", "hide", "delete"]), st.text(max_size=3)), max_size=20
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(steps)
def test_kept_up_to_date_they_equal_a_new_count(connection: Connection, steps: list[tuple[int, str, str]]) -> None:
    with connection.begin_nested() as savepoint:
        alive: set[int] = set()
        hidden: set[UUID] = set()
        for number, what, text in steps:
            row_id = UUID(int=number * 7919)
            if what == "delete" and number in alive:
                alive.discard(number)
                write(connection, Kind.DELETE, row_id)
            elif what == "hide":
                hidden.symmetric_difference_update({row_id})
            elif what == "set":
                write(connection, Kind.UPDATE if number in alive else Kind.INSERT, row_id, note=text)
                alive.add(number)
            left_out = {"household": hidden}
            digests.refresh(connection, _tables, village=VILLAGE, touched={"household": [row_id]}, left_out=left_out)
        kept = digests.table_digests(connection, _tables, village=VILLAGE)["household"]
        assert kept == recount(connection, hidden)
        savepoint.rollback()


def test_an_empty_column_does_not_disturb() -> None:
    row_id = UUID(int=1)
    assert digests.row_digest(row_id, {"a": 1}) == digests.row_digest(row_id, {"b": None, "a": 1})
    assert digests.row_digest(row_id, {"a": 1}) != digests.row_digest(row_id, {"a": True})
    assert digests.row_digest(row_id, {"a": 1}) != digests.row_digest(UUID(int=2), {"a": 1})


def test_one_root_over_all_tables_moves_with_each_of_them() -> None:
    assert digests.root_of({"a": "1", "b": "2"}) == digests.root_of({"b": "2", "a": "1"})
    assert digests.root_of({"a": "1", "b": "2"}) != digests.root_of({"a": "2", "b": "1"})


def write(connection: Connection, kind: Kind, row_id: UUID, **values: str) -> None:
    write_operations(connection, VILLAGE, [Operation(0, kind, "household", row_id, values)])


def recount(connection: Connection, hidden: set[UUID]) -> str:
    return digests.recompute(connection, village=VILLAGE, left_out={"household": hidden})["household"]
