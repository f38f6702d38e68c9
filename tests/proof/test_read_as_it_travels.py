"""A row that is read in the form in which it travels is the row that SQLAlchemy reads, on either database."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Integer, MetaData, String, Table, Uuid, insert, select

from tests.counties import County
from village_core.exchange.values import as_it_travels, from_python

_KINDS = Table(
    "kinds",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("id", Uuid),
    Column("day", Date),
    Column("yes", Boolean),
    Column("words", String(20)),
    prefixes=["TEMPORARY"],
)
_ROWS = [
    {"number": 1, "id": UUID(int=7), "day": date(2026, 1, 5), "yes": True, "words": "罗铉"},
    {"number": 2, "id": UUID(int=2**128 - 1), "day": date(1912, 12, 31), "yes": False, "words": ""},
    {"number": 3, "id": None, "day": None, "yes": None, "words": None},
]


def test_every_kind_of_column_travels_as_it_is_read(county: County) -> None:
    with county.engine.begin() as connection:
        _KINDS.create(connection)
        connection.execute(insert(_KINDS), _ROWS)
        read = [[from_python(value) for value in row] for row in connection.execute(select(_KINDS))]
        straight = [list(row) for row in connection.execute(select(*map(as_it_travels, _KINDS.columns)))]
        _KINDS.drop(connection)
    assert straight == read
    assert [[type(value) for value in row] for row in straight] == [[type(value) for value in row] for row in read]
