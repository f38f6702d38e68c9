"""Requests that are signed whole: the one place where such a signature is read and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine

from county_server.auth.devices import KnownDevice, find_device
from county_server.problems import RequestRefusedError
from village_core.exchange.bisection import VerifyRequest
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.contents import ContentsRequest
from village_core.exchange.messages import ProblemKind, SyncRequest, is_request_of, split_request

SignedMessage = TypeVar("SignedMessage", SyncRequest, VerifyRequest, ContentsRequest)
FindDevice = Callable[[int], KnownDevice]


class SignedByAnotherError(RequestRefusedError):
    """The signature is not that of the device that the message names."""

    def __init__(self, device: int) -> None:
        self.device = device
        super().__init__(401, ProblemKind.BAD_SIGNATURE)


@dataclass(frozen=True)
class Signed(Generic[SignedMessage]):
    """A message and the device whose key signed it. Whether the device was revoked since is asked where it acts."""

    sender: KnownDevice
    message: SignedMessage


def read_signed(body: bytes, kind: type[SignedMessage], *, find: FindDevice) -> Signed[SignedMessage]:
    """Refuses what is no message of this kind, comes from no known device, or is signed with another key."""
    try:
        message, content, signature = split_request(body, kind)
    except DamagedMessageError as error:
        raise RequestRefusedError(400, ProblemKind.DAMAGED) from error
    sender = find(message.device)
    if not is_request_of(sender.key, content, signature):
        raise SignedByAnotherError(message.device)
    return Signed(sender, message)


def sender_now(connection: Connection, signed: Signed[SignedMessage]) -> KnownDevice:
    """The device as it stands at this moment. A database that was restored may have given its number to another."""
    sender = find_device(connection, signed.sender.number)
    if sender.key != signed.sender.key:
        raise RequestRefusedError(401, ProblemKind.BAD_SIGNATURE)
    return sender


def finder(engine: Engine) -> FindDevice:
    """Looks a device up each time."""

    def find(number: int) -> KnownDevice:
        with engine.connect() as connection:
            return find_device(connection, number)

    return find


class RememberedDevices:
    """Keys and villages of devices, which never change; whether one is revoked is not to be asked of these."""

    def __init__(self, engine: Engine) -> None:
        self._find = finder(engine)
        self._known: dict[int, KnownDevice] = {}

    def __call__(self, number: int) -> KnownDevice:
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = self._find(number)
        return known

    def forget(self, number: int) -> None:
        """Look it up again next time."""
        self._known.pop(number, None)
