"""Whose signature is it? Every request and every batch is checked against the key that the device was enrolled with."""

from __future__ import annotations

from dataclasses import dataclass

from nacl.signing import VerifyKey
from sqlalchemy import Connection, Engine, select

from county_server.problems import RequestRefusedError
from county_server.tables import device
from village_core.exchange.bisection import VerifyRequest
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.messages import ProblemKind, SyncRequest, split_request


@dataclass(frozen=True)
class KnownDevice:
    """A device that was enrolled, perhaps revoked since."""

    number: int
    village: str
    key: VerifyKey
    alone_until: int
    revoked: bool


@dataclass(frozen=True)
class ClaimedSender:
    """Whom a request names as its sender, before its signature is checked: enough to queue it, never to obey it."""

    village: str
    device: int


class Senders:
    """Tells the villages of devices. A device never changes its village, so that they may be remembered."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._villages: dict[int, str] = {}

    def claimed_by(self, body: bytes, kind: type[SyncRequest | VerifyRequest] = SyncRequest) -> ClaimedSender:
        """Of an encoded request; refuses what is none, and a device that was never enrolled."""
        try:
            number = split_request(body, kind)[0].device
        except DamagedMessageError as error:
            raise RequestRefusedError(400, ProblemKind.DAMAGED) from error
        village_code = self._villages.get(number)
        if village_code is None:
            with self._engine.connect() as connection:
                village_code = self._villages[number] = find_device(connection, number).village
        return ClaimedSender(village_code, number)


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
