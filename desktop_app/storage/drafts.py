"""Half-filled forms of one person, kept every few seconds and thrown away when the form is saved."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from desktop_app.storage.problems import explained
from village_core.domain.clock import Clock, stamp
from village_core.exchange.change_log import draft


class DraftStore:
    """Drafts by key, e.g. `household:3f…`; values are what `json` can hold. Nobody sees another person's."""

    def __init__(self, engine: Engine, clock: Clock, *, owner: str) -> None:
        self._engine = engine
        self._clock = clock
        self._owner = owner

    def save(self, key: str, body: dict[str, Any]) -> None:
        key = self._own(key)
        values = {"body": json.dumps(body, ensure_ascii=False), "saved_at": stamp(self._clock)}
        statement = insert(draft).values(key=key, **values)
        with explained(), self._engine.execution_options(write=True).begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=[draft.c.key], set_=values))

    def load(self, key: str) -> dict[str, Any] | None:
        key = self._own(key)
        with explained(), self._engine.connect() as connection:
            body = connection.scalar(select(draft.c.body).where(draft.c.key == key))
        return _readable(body) if body else None

    def clear(self, key: str) -> None:
        key = self._own(key)
        with explained(), self._engine.execution_options(write=True).begin() as connection:
            connection.execute(delete(draft).where(draft.c.key == key))

    def adopt_ownerless(self) -> None:
        """Drafts from when a laptop had one person: they were the owner's."""
        ownerless = draft.c.key.not_like("%/%")
        with explained(), self._engine.execution_options(write=True).begin() as connection:
            connection.execute(update(draft).where(ownerless).values(key=self._own("") + draft.c.key))

    def _own(self, key: str) -> str:
        return f"{self._owner}/{key}"


def _readable(body: str) -> dict[str, Any] | None:
    """What cannot be read is as if nothing had been typed: a form opens all the same."""
    try:
        kept = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return {key: text for key, text in kept.items() if isinstance(text, str)} if isinstance(kept, dict) else None
