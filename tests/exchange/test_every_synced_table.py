"""A synced table cannot come in without a merge class, without triggers, or without the simulator knowing it."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, MetaData, String, Table, Uuid

from tests.sim.generic import JUDGED, is_writable
from village_core.exchange.triggers import trigger_statements
from village_core.records import Merge, Record, rule_of, synced_tables


def test_a_record_without_a_merge_class_is_refused_when_it_is_defined() -> None:
    with pytest.raises(AttributeError, match="sync"):
        type("Nameless", (Record,), {"__tablename__": "nameless", "__abstract__": True})


def test_a_table_that_is_no_record_has_no_merge_class_and_no_triggers() -> None:
    stray = Table(
        "stray", MetaData(), Column("village", String, primary_key=True), Column("id", Uuid, primary_key=True)
    )
    with pytest.raises(KeyError):
        rule_of(stray)
    with pytest.raises(KeyError):
        trigger_statements([stray])


def test_every_synced_table_is_captured_and_written_by_the_simulator() -> None:
    statements = trigger_statements(synced_tables)
    for table in synced_tables:
        assert f"tg_{table.name}_insert" in statements
        assert f"tg_{table.name}_update" in statements
        assert is_writable(table) or rule_of(table).merge is Merge.COUNTY
    assert {table.name for table in synced_tables} > JUDGED
