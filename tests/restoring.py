"""Backups of a county's database for tests: taken and put back while laptops go on, on both databases alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select

from county_server.guards import as_owner
from county_server.tables import county_metadata
from tests.counties import County


class CountyBackup:
    """Everything that the county had at this moment."""

    def __init__(self, county: County) -> None:
        self._county = county
        with county.engine.connect() as connection:
            self._rows: dict[str, list[dict[str, Any]]] = {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in county_metadata.sorted_tables
            }

    def restore(self) -> None:
        """Put it back; whatever came since is gone."""
        with self._county.engine.execution_options(write=True).begin() as connection:
            as_owner(connection, "restore")
            for table in reversed(county_metadata.sorted_tables):
                connection.execute(delete(table))
            for table in county_metadata.sorted_tables:
                if self._rows[table.name]:
                    connection.execute(insert(table), self._rows[table.name])
