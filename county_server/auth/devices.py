"""Whose signature is it? Every request and every batch is checked against the key that the device was enrolled with."""

from __future__ import annotations

from dataclasses import dataclass

from nacl.signing import VerifyKey
from sqlalchemy import Connection, bindparam, select

from county_server.problems import RequestRefusedError
from county_server.tables import device
from village_core.exchange.messages import ProblemKind

# Built once, since every request asks it.
_DEVICE = select(device.c.number, device.c.village, device.c.public_key, device.c.alone_until, device.c.revoked).where(
    device.c.number == bindparam("asked")
)

_EARLIER = (
    select(device.c.number)
    .where(
        device.c.village == bindparam("of"),
        device.c.public_key == bindparam("key"),
        device.c.number < bindparam("who"),
    )
    .limit(1)
)


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
    row = connection.execute(_DEVICE, {"asked": number}).first() if 0 < number < 1 << 31 else None
    if row is None:
        raise RequestRefusedError(401, ProblemKind.UNKNOWN_DEVICE)
    return KnownDevice(
        number=row.number,
        village=row.village,
        key=VerifyKey(row.public_key),
        alone_until=row.alone_until,
        revoked=row.revoked,
    )


def was_another(connection: Connection, sender: KnownDevice) -> bool:
    """Whether this laptop was enrolled before under another number: then it brings again what came under that one."""
    asked = {"of": sender.village, "key": bytes(sender.key), "who": sender.number}
    return connection.execute(_EARLIER, asked).first() is not None
