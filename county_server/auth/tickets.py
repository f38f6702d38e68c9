"""Who may put and get pieces: the device that signed a ticket for this very method and path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import Engine

from county_server.auth.devices import KnownDevice, find_device
from county_server.problems import RequestRefusedError
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.contents import read_span
from village_core.exchange.messages import ProblemKind, is_blob_ticket_of, read_blob_ticket
from village_core.exchange.pieces import is_ticket_of, read_ticket


def admit_ticket(engine: Engine, ticket: str, *, method: str, path: str) -> KnownDevice:
    """The device behind the ticket; refuses a revoked one."""
    return _admit(engine, ticket, read=read_ticket, is_signed=partial(is_ticket_of, method=method, path=path))


def admit_content_ticket(engine: Engine, ticket: str, *, method: str, parts: Mapping[str, str]) -> KnownDevice:
    """The device behind a ticket for a whole content, or for a span of its chunks."""
    sha256 = parts["sha256"]
    if "numbers" in parts:
        try:
            name = read_span(sha256, parts["size"], parts["numbers"]).name
        except DamagedMessageError as error:
            raise RequestRefusedError(413, ProblemKind.TOO_LARGE) from error
    elif re.fullmatch(r"[0-9a-f]{64}", sha256):
        name = sha256
    else:
        raise RequestRefusedError(404, ProblemKind.NO_CONTENT)
    is_signed = partial(is_blob_ticket_of, method=method, sha256=name)
    return _admit(engine, ticket, read=read_blob_ticket, is_signed=is_signed)


def _admit(
    engine: Engine, ticket: str, *, read: Callable[[str], tuple[int, bytes]], is_signed: Callable[..., bool]
) -> KnownDevice:
    """The device that the ticket names, if its key signed what is asked for."""
    try:
        number, signature = read(ticket)
    except DamagedMessageError as error:
        raise RequestRefusedError(401, ProblemKind.BAD_SIGNATURE) from error
    with engine.connect() as connection:
        sender = find_device(connection, number)
    if not is_signed(sender.key, signature, device=number):
        raise RequestRefusedError(401, ProblemKind.BAD_SIGNATURE)
    if sender.revoked:
        raise RequestRefusedError(403, ProblemKind.REVOKED)
    return sender
