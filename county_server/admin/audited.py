"""Notes each command that changes something, or shows much, before it begins and when it has ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from county_server.admin.audit import note
from county_server.migrate import open_migrated
from village_core.domain.clock import SystemClock
from village_core.domain.errors import RefusedError

_ONLY_LOOKING = frozenset(
    {"serve", "status", "audit", "check-code", "receipt check", "seat list", "staff list", "openapi"}
)


def audited(address: str, arguments: Sequence[str], *, command: str) -> AbstractContextManager[None]:
    """Around a command. `command` is what is done; `arguments` are its words, of which the address of the
    database is left out: it may hold a password."""
    if command in _ONLY_LOOKING:
        return nullcontext()
    return _noted(address, [word.replace(address, "…") for word in arguments])


@contextmanager
def _noted(address: str, words: Sequence[str]) -> Iterator[None]:
    engine = open_migrated(address)
    clock = SystemClock()
    try:
        note(engine, words, "begun", clock=clock)
        try:
            yield
        except RefusedError:
            note(engine, words, "refused", clock=clock)
            raise
        except BaseException:
            note(engine, words, "failed", clock=clock)
            raise
        note(engine, words, "done", clock=clock)
    finally:
        engine.dispose()
