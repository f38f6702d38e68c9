"""A large content on its way from the county: kept byte by byte, so that nothing that came is fetched again.

Nothing of it counts before all of it is here and checked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, func, insert, select, update

from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync.state import CountyLink
from village_core.exchange.local_tables import arriving, arriving_part

_ARRIVING = select(arriving)


@dataclass(frozen=True)
class Arriving:
    """`hash` is empty for a snapshot, which bears a signature; `size` 0 until it is known. `batch` is the hash of the
    batch that was answered, or empty."""

    path: str
    hash: bytes
    size: int
    have: int
    batch: bytes


def find_arriving(workspace: Workspace, link: CountyLink, *, batch: bytes) -> Arriving | None:
    """What is on its way and still wanted: asked for at this very place of both histories.

    `batch` is the hash of the batch that waits for its answer now.
    """
    with explained(), workspace.engine.connect() as connection:
        row = connection.execute(_ARRIVING).first()
        if row is None:
            return None
        have = connection.scalar(select(func.sum(func.length(arriving_part.c.content)))) or 0
    place, _, answered = row.place.partition(" ")
    if place != _place(link) or (answered and answered != batch.hex()):
        return None
    return Arriving(row.path, row.hash, row.size, int(have), bytes.fromhex(answered))


def begin_arriving(
    workspace: Workspace, link: CountyLink, path: str, *, hash: bytes, size: int, batch: bytes
) -> Arriving:
    """Note what is to be fetched; what was on its way before is not wanted any more."""
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        _forget(connection)
        place = f"{_place(link)} {batch.hex()}"
        connection.execute(insert(arriving).values(id=1, path=path, hash=hash, size=size, place=place))
    return Arriving(path, hash, size, 0, batch)


def keep_part(workspace: Workspace, whole: Arriving, content: bytes, *, size: int) -> Arriving:
    """Keep what came next; `size` is what the county told."""
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(arriving_part).values(start=whole.have, content=content))
        connection.execute(update(arriving).values(size=size))
    return replace(whole, size=size, have=whole.have + len(content))


def read_whole(workspace: Workspace) -> bytes:
    with explained(), workspace.engine.connect() as connection:
        return b"".join(connection.scalars(select(arriving_part.c.content).order_by(arriving_part.c.start)))


def forget_arriving(workspace: Workspace) -> None:
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        _forget(connection)


def _forget(connection: Connection) -> None:
    connection.execute(delete(arriving_part))
    connection.execute(delete(arriving))


def _place(link: CountyLink) -> str:
    return f"{link.epoch}/{link.incarnation}/{link.acked_seq}/{link.cursor}"
