"""Damage to rows behind the programs' backs, on either side; for tests of proof and healing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, text, update

from county_server.guards import as_owner
from county_server.tables import county_digests
from tests.counties import County
from tests.laptops import Laptop
from village_core.exchange import digests
from village_core.exchange.triggers import existing_triggers, rebuild_triggers
from village_core.records import Record, synced_tables


def change_row(connection: Connection, table_name: str, row_id: UUID, **values: Any) -> None:
    table = Record.metadata.tables[table_name]
    as_owner(connection, "damage")
    connection.execute(update(table).where(table.c.id == row_id).values(**values))


def remove_row(connection: Connection, table_name: str, row_id: UUID) -> None:
    table = Record.metadata.tables[table_name]
    as_owner(connection, "damage")
    connection.execute(delete(table).where(table.c.id == row_id))


def copy_row(connection: Connection, table_name: str, row_id: UUID, new_id: UUID, **values: Any) -> None:
    """A row that nobody made."""
    table = Record.metadata.tables[table_name]
    row = dict(connection.execute(select(table).where(table.c.id == row_id)).mappings().one())
    connection.execute(insert(table).values({**row, "id": new_id, **values}))


class BehindTheLaptop:
    """`with BehindTheLaptop(laptop) as connection`: writes that no trigger sees."""

    def __init__(self, laptop: Laptop) -> None:
        self._begin = laptop.workspace.engine.execution_options(write=True).begin()

    def __enter__(self) -> Connection:
        self._connection = self._begin.__enter__()
        self._connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for name in existing_triggers(self._connection):
            self._connection.execute(text(f'DROP TRIGGER "{name}"'))
        return self._connection

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            rebuild_triggers(self._connection, synced_tables)
        self._begin.__exit__(*error)


def refresh_county(county: County, village: str, name: str, row_id: UUID) -> None:
    """The county's digests follow the damage: it has forgotten, and does not know it."""
    with county.engine.execution_options(write=True).begin() as connection:
        digests.refresh(connection, county_digests, village=village, touched={name: {row_id}})
