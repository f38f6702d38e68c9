"""Enrolled devices without a laptop behind them: raw requests for every rule of the county, right or wrong."""

from __future__ import annotations

import hashlib
import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

from nacl.signing import SigningKey

from county_server.auth.enrolment import enrol
from county_server.serving.rules import Rule, Who
from tests.counties import County
from tests.workspaces import VILLAGE
from village_core.exchange.batches import FIRST_LINK
from village_core.exchange.bisection import Level, VerifyRequest
from village_core.exchange.chunks import mark_chunk
from village_core.exchange.contents import ContentsRequest
from village_core.exchange.messages import (
    BLOB_PATH,
    EnrolRequest,
    Problem,
    ProblemKind,
    SyncRequest,
    blob_ticket,
    decode,
    encode,
    sign_request,
)
from village_core.exchange.pieces import sign_ticket

SECRET = "这是第一个村的秘密".encode() * 4
SHA256 = hashlib.sha256(SECRET).hexdigest()
ANSWER_NAME = "ab" * 32
SNAPSHOT_NUMBER = 7


@dataclass(frozen=True)
class Device:
    number: int
    village: str
    key: SigningKey


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    body: bytes = b""
    ticket: str = ""


def enrolment_body(code: str, key: SigningKey) -> bytes:
    return sign_request(key, EnrolRequest(1, code, bytes(key.verify_key), "", b"", "张三", 0))


def enrolled(county: County, village: str = VILLAGE) -> Device:
    key = SigningKey.generate()
    answer = enrol(county.engine, enrolment_body(county.code(village=village), key), clock=county.clock)
    return Device(answer.device, village, key)


def request_of(rule: Rule, device: Device, *, of: Device | None = None) -> Sent:
    """What `device` sends for a rule. `of`: whose things it asks for; where the message names its sender, it names
    that one and signs with its own key."""
    owner = of or device
    path = rule.path.format(
        name=ANSWER_NAME,
        start=0,
        village=owner.village,
        number=SNAPSHOT_NUMBER,
        sha256=SHA256,
        size=len(SECRET),
        numbers="0-1",
    )
    if rule.who is Who.SIGNATURE:
        return Sent(rule.method, path, sign_request(device.key, _message(rule, owner)))
    ticket = ticket_of(rule, device, path)
    if rule.who is Who.CONTENT_TICKET:
        chunk = SECRET if path.endswith(SHA256) else mark_chunk(0, SECRET) + SECRET
        return Sent(rule.method, path, chunk if rule.method == "PUT" else b"", ticket)
    return Sent(rule.method, path, b"part" if rule.method == "PUT" else b"", ticket)


def ticket_of(rule: Rule, device: Device, path: str) -> str:
    """What lets that device in at that path, for a rule that asks for a ticket."""
    if rule.who is Who.CONTENT_TICKET:
        name = path.removeprefix(BLOB_PATH)
        return blob_ticket(device.key, device=device.number, method=rule.method, sha256=name)
    return sign_ticket(device.key, device=device.number, method=rule.method, path=path)


def check_answer(rule: Rule, status: int, answer: bytes) -> None:
    """It holds what the published description says: a `Problem`, the route's own message and not a byte more, bytes
    of a file, or nothing."""
    if status == 204:
        assert answer == b""
    elif status not in rule.answers:
        assert isinstance(decode(answer, Problem).kind, ProblemKind)
    elif rule.message is not None:
        assert encode(decode(answer, rule.message)) == answer
    else:
        assert answer, "bytes of a file"


def _message(rule: Rule, owner: Device) -> SyncRequest | VerifyRequest | ContentsRequest:
    if rule.kind is SyncRequest:
        return SyncRequest(1, owner.number, 1, 1, 0, FIRST_LINK[:8], 0, 0)
    if rule.kind is VerifyRequest:
        return VerifyRequest(1, owner.number, 1, 1, 0, 0, Level.TABLES, [])
    return ContentsRequest(owner.number, [(bytes.fromhex(SHA256), len(SECRET))])


def send(url: str, sent: Sent) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        headers = {"Authorization": sent.ticket} if sent.ticket else {}
        connection.request(sent.method, sent.path, sent.body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
