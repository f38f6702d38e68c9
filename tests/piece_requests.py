"""Requests about pieces without HTTP: as the county's routes answer them, also when they come half."""

from __future__ import annotations

from sqlalchemy import Engine

from county_server.auth.tickets import admit_ticket
from county_server.sync.kept import Piece, read_answer, read_snapshot_piece
from county_server.sync.parts import keep_part
from village_core.domain.clock import Clock
from village_core.exchange.messages import encode
from village_core.exchange.pieces import ANSWER_PATH, PART_PATH, SNAPSHOT_PATH, write_span

PIECE_PATHS = (PART_PATH, ANSWER_PATH, SNAPSHOT_PATH)


def put_part(engine: Engine, path: str, *, content: bytes, ticket: str, clock: Clock) -> tuple[int, bytes]:
    """What `content` brings, be it a whole body or its beginning."""
    name, _, start = path.removeprefix(PART_PATH).partition("/")
    sender = admit_ticket(engine, ticket, method="PUT", path=path)
    return 200, encode(keep_part(engine, sender, name=name, start=int(start), content=content, clock=clock))


def get_piece(engine: Engine, path: str, span: tuple[int, int], *, ticket: str) -> Piece:
    sender = admit_ticket(engine, ticket, method="GET", path=path)
    if path.startswith(ANSWER_PATH):
        return read_answer(engine, sender, name=path.removeprefix(ANSWER_PATH), span=write_span(*span))
    _village, _, number = path.removeprefix(SNAPSHOT_PATH).partition("/")
    return read_snapshot_piece(engine, sender, number=int(number), span=write_span(*span))
