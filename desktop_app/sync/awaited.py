"""References that the county says stand, to rows which have not come down yet.

The operation that wrote such a reference comes down as well, behind the row it leads to. Until then the field keeps
its own value, and is no longer protected against what comes down.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection

from desktop_app.sync import state
from desktop_app.sync.pending import PendingChanges, RowKey
from desktop_app.sync.rows import RowWriter
from village_core.exchange.operations import synced_table
from village_core.exchange.plan import references_of
from village_core.exchange.values import Value


class AwaitedReferences:
    """Kept in `device_state` while there is more to fetch."""

    def __init__(self, connection: Connection, rows: RowWriter) -> None:
        self._connection = connection
        self._rows = rows
        kept = json.loads(state.read_state(connection).get(state.AWAITED, "[]"))
        self._before = {(table, UUID(row_id), name) for table, row_id, name in kept}
        self._fields = set(self._before)

    def put_off(self, row: RowKey, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values without references to rows that are not here; these are awaited from now on."""
        missing = [
            name
            for name, target in references_of(synced_table(row[0]))
            if isinstance(value := values.get(name), bytes) and not self._rows.exists((target, UUID(bytes=value)))
        ]
        self._fields |= {(*row, name) for name in missing}
        return {name: value for name, value in values.items() if name not in missing}

    def release(self, pending: PendingChanges) -> None:
        """What is awaited may be written by what comes down."""
        for table, row_id, name in self._fields:
            pending.release((table, row_id), name)

    def keep(self, *, more: bool) -> None:
        """Remember it for the next answer, as long as there is one."""
        fields = self._fields if more else set()
        if fields != self._before:
            listed = sorted((table, row_id.hex, name) for table, row_id, name in fields)
            state.write_state(self._connection, {state.AWAITED: json.dumps(listed)})
