"""The encrypted SQLite engine: SQLCipher through SQLAlchemy's ordinary dialect."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from village_core.domain.clock import Clock
from village_core.exchange.triggers import CLOCK_FUNCTION

_BUSY_MILLISECONDS = 15_000


class HybridClock:
    """Milliseconds and a counter in one integer; never backwards, not even when the laptop's clock is.

    Orders changes for display and merge. `observe` keeps it ahead of what came from elsewhere.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        self._lock = threading.Lock()

    def observe(self, value: int) -> None:
        with self._lock:
            self._last = max(self._last, value)

    def tick(self) -> int:
        with self._lock:
            now = int(self._clock.now().timestamp() * 1000) << 16
            self._last = max(self._last + 1, now)
            return self._last


def open_engine(path: Path, key: bytes, *, clock: HybridClock) -> Engine:
    """An engine whose connections are unlocked with the raw key (no key stretching per connection).

    Connections taken with the execution option `write` begin at once as writers, so that a transaction never
    has to be given up half-way because another one wrote first. With the option `bare` none is begun at all
    (VACUUM and some pragmas refuse to run inside one).
    """
    engine = create_engine(f"sqlite:///{path}", module=sqlcipher3.dbapi2, pool_size=4, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _unlock(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -16000")
        # 20 MB: an import of a village is not kept waiting while its log is copied into the file.
        connection.execute("PRAGMA wal_autocheckpoint = 5000")
        connection.create_function(CLOCK_FUNCTION, 0, clock.tick)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("bare"):
            execute_past(connection, "BEGIN IMMEDIATE" if options.get("write") else "BEGIN DEFERRED")

    return engine


def execute_past(connection: Connection, statement: str, parameters: Sequence[int | str | bytes] = ()) -> Any:
    """The driver's cursor after a statement of every deed. Past SQLAlchemy such a one costs a fifth: an exchange begins
    a dozen transactions, and a save asks and notes half a dozen things beside its own."""
    raw: Any = connection.connection.driver_connection
    try:
        return raw.execute(statement, parameters)
    except sqlcipher3.dbapi2.Error as error:
        raise DBAPIError.instance(statement, None, error, sqlcipher3.dbapi2.Error) from error
