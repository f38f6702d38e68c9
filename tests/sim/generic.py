"""Rows of any synced table, made from the records' metadata alone: a new table is covered without a further line."""

from __future__ import annotations

import json
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Table, Uuid, insert, update

from tests.sim.actions import action
from tests.sim.world import SimLaptop, World, draw
from village_core.domain.ids import derived_id, new_id
from village_core.exchange.plan import references_of
from village_core.exchange.values import data_columns
from village_core.records import Merge, rule_of, synced_tables

JUDGED = frozenset({"voucher", "posting", "relief_step"})
"""Facts that the programs read as a whole; `deeds.py` makes them, right and wrong ones."""

_SHARED_ROWS = 3


@action("deed", weight=5)
def insert_any_row(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """A row of some table that a laptop may write. Now and then two laptops make it under the same id."""
    table = rng.choice([one for one in synced_tables if is_writable(one) and one.name not in JUDGED])
    return _insert(laptop, table, rng)


@action("deed", weight=4)
def update_any_row(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """Some columns of a row that may be edited; a name from which the row's id was made stays as it is."""
    table = rng.choice([one for one in synced_tables if rule_of(one).merge is Merge.EDIT])
    row_id = draw(rng, laptop.ids(table))
    columns = list(data_columns(table).values())
    values = {}
    for column in rng.sample(columns, min(len(columns), rng.choice((1, 2, 4)))):
        if column.name in ("merged_into", "closed_on") or _names_the_row(column):
            continue
        value = value_for(column, laptop, rng)
        if value is not _NOTHING:
            values[column.name] = value
    if row_id is None or not values:
        return None
    laptop.do(lambda uow: uow.session.execute(update(table).where(table.c.id == row_id).values(values)))
    return f"updates {table.name} {row_id.hex[-4:]}: {sorted(values)}"


def _names_the_row(column: Column[Any]) -> bool:
    return column.name in rule_of(column.table).natural_key and "merged_into" not in column.table.columns


def is_writable(table: Table) -> bool:
    return rule_of(table).merge is not Merge.COUNTY


def _insert(laptop: SimLaptop, table: Table, rng: Random) -> str | None:
    row_id = new_id()
    if rng.random() < 0.4:
        row_id = derived_id(laptop.workspace.village, "sim", table.name, str(rng.randrange(_SHARED_ROWS)))
    if row_id in laptop.ids(table):
        return None
    values: dict[str, Any] = {"village": laptop.workspace.village, "id": row_id}
    for name, column in data_columns(table).items():
        value = None if name in ("merged_into", "closed_on") else value_for(column, laptop, rng)
        if value is _NOTHING:
            return None
        values[name] = value
    laptop.do(lambda uow: uow.session.execute(insert(table).values(values)))
    return f"inserts {table.name} {row_id.hex[-4:]}"


def as_decided(column: Column[Any], laptop: SimLaptop, rng: Random) -> Any:
    """What somebody writes as the right value, as a decision carries it."""
    value = value_for(column, laptop, rng)
    if isinstance(value, UUID):
        return value.hex
    return value.isoformat() if isinstance(value, date) else None if value is _NOTHING else value


_NOTHING = object()
"""A reference is needed, and there is no row to refer to."""


def value_for(column: Column[Any], laptop: SimLaptop, rng: Random) -> Any:
    """Something that the column can hold; references go to rows that are there."""
    for name, target in references_of(column.table):
        if name == column.name:
            found = draw(rng, laptop.ids(column.table.metadata.tables[target]))
            if column.nullable and (found is None or rng.random() < 0.5):
                return None
            return _NOTHING if found is None else found
    if column.nullable and rng.random() < 0.3:
        return None
    kind = column.type
    if isinstance(kind, Boolean):
        return rng.random() < 0.5
    if isinstance(kind, BigInteger):
        return rng.choice((0, 1, -5, 1 << 40))
    if isinstance(kind, Integer):
        return rng.choice((0, 1, 2026))
    if isinstance(kind, Uuid):
        return UUID(int=rng.randrange(1, 4))
    if isinstance(kind, Date):
        return date(2026, rng.randint(1, 12), rng.randint(1, 28))
    return text_for(column.name, rng)


def text_for(name: str, rng: Random) -> str:
    """Text in the form that columns of that name have everywhere."""
    if name.endswith("_at"):
        return f"2026-11-{rng.randint(10, 28)}T02:00:00.000Z"
    if name.endswith("_on"):
        return f"2026-11-{rng.randint(10, 28)}"
    if name == "period":
        return f"2025-0{rng.randint(1, 9)}"
    if name == "body":
        return json.dumps({"paper_count": rng.randrange(3), "template": None, "postings": []})
    if name in ("payload", "value", "reasons"):
        return "{}"
    if name == "groups":
        return "[]"
    if "sha256" in name:
        return rng.choice("0123") * 64
    return rng.choice(("", "甲", "乙", "一二三", '’"%_\\', "𠀀"))
