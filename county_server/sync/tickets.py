"""Who may put and get pieces: the device that signed a ticket for this very method and path."""

from __future__ import annotations

from sqlalchemy import Engine

from county_server.auth.devices import KnownDevice, find_device
from county_server.problems import RequestRefusedError
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.messages import ProblemKind
from village_core.exchange.pieces import is_ticket_of, read_ticket


def admit_ticket(engine: Engine, ticket: str, *, method: str, path: str) -> KnownDevice:
    """The device behind the ticket; refuses a revoked one."""
    try:
        number, signature = read_ticket(ticket)
    except DamagedMessageError as error:
        raise RequestRefusedError(401, ProblemKind.BAD_SIGNATURE) from error
    with engine.connect() as connection:
        sender = find_device(connection, number)
    if not is_ticket_of(sender.key, signature, device=number, method=method, path=path):
        raise RequestRefusedError(401, ProblemKind.BAD_SIGNATURE)
    if sender.revoked:
        raise RequestRefusedError(403, ProblemKind.REVOKED)
    return sender
