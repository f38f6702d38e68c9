"""Power cuts at any SQL statement. For SQLite an open transaction that is thrown away is what kill -9 leaves.

A machine that starts again takes over the compiled statements of the first one: only the speed differs.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event


class PowerCutError(BaseException):
    """The machine is off. No program can catch it."""


_FIRST_ENGINES: dict[str, Engine] = {}


def share_compiled_statements(engine: Engine) -> None:
    """SQLAlchemy compiles a statement once for each dialect object; all machines of one kind use one."""
    first = _FIRST_ENGINES.setdefault(engine.dialect.dbapi.__name__ if engine.dialect.dbapi else "", engine)
    engine.dialect = first.dialect
    engine._compiled_cache = first._compiled_cache  # type: ignore[attr-defined]


class Fuse:
    """Blows at the statement that it was set to; a COMMIT counts as one."""

    def __init__(self) -> None:
        self.left: int | None = None

    def watch(self, engine: Engine) -> None:
        share_compiled_statements(engine)

        @event.listens_for(engine, "before_cursor_execute")
        def _statement(*_: Any) -> None:
            self._burn()

        @event.listens_for(engine, "commit")
        def _commit(_: Any) -> None:
            self._burn()

    def _burn(self) -> None:
        if self.left is None:
            return
        if self.left == 0:
            self.left = None
            raise PowerCutError
        self.left -= 1
