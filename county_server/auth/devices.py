"""Whose signature is it? Every request and every batch is checked against the key that the device was enrolled with."""

from __future__ import annotations

from dataclasses import dataclass

from nacl.signing import VerifyKey
from sqlalchemy import Connection, select

from county_server.problems import RequestRefusedError
from county_server.tables import device
from village_core.exchange.messages import ProblemKind


@dataclass(frozen=True)
class KnownDevice:
    """A device that was enrolled, perhaps revoked since."""

    number: int
    village: str
    key: VerifyKey
    alone_until: int
    revoked: bool


def find_device(connection: Connection, number: int) -> KnownDevice:
    """The device of that number; refuses when there is none."""
    query = select(device).where(device.c.number == number)
    row = connection.execute(query).first() if 0 < number < 1 << 31 else None
    if row is None:
        raise RequestRefusedError(401, ProblemKind.UNKNOWN_DEVICE)
    return KnownDevice(
        number=row.number,
        village=row.village,
        key=VerifyKey(row.public_key),
        alone_until=row.alone_until,
        revoked=row.revoked,
    )
