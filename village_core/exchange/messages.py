"""What laptop and county say to each other over HTTP. Arrays in msgpack: small, and extended only at the end.

Requests are signed whole by the device. Answers travel inside TLS. A number that is not known is an error, never a
guess; whoever decodes has checked size, shape and signature before using a byte.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag, StrEnum
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from nacl.signing import SigningKey, VerifyKey

from village_core.exchange.batches import verify
from village_core.exchange.codec import NO_MESSAGE, DamagedMessageError, compress, decompress
from village_core.exchange.merge import Verdict

PROTOCOL = 1
SYNC_PATH = "/v1/sync"
ENROL_PATH = "/v1/enrol"
BLOB_PATH = "/v1/blob/"
MAX_BODY = 24 << 20
MAX_BLOB = 32 << 20
SIGNATURE_BYTES = 64
HEAD_BYTES = 8

_REQUEST_CONTEXT = b"tiangeng request 1\0"
_BLOB_CONTEXT = b"tiangeng blob 1\0"
_COUNTY_CONTEXT = b"tiangeng county 1\0"
_COMPRESS_FROM = 160


class Status(IntEnum):
    """What an answer is about."""

    DONE = 0
    FORK = 1
    """The laptop's history is not the one the county knows: it goes on under the incarnation in the answer."""
    BEHIND = 2
    """The county was restored from a backup. `epoch` is its new age, `acked_seq` what it still has of this history,
    `cursor` the last of its numbers that still means what it meant before."""


class Want(IntFlag):
    """What a request asks for beside the exchange itself."""

    IDENTITY = 1
    """The county's public keys: this laptop does not know them yet."""
    RECEIPT = 2
    """A signed receipt although nothing moves (somebody prints the 核对单)."""
    SNAPSHOT = 4
    """This laptop can take a snapshot instead of a long row of operations."""
    BY_FILE = 8
    """Carried by a file, perhaps late or twice: what the county knows is answered again and is no fork, and
    operations of others come with the request that brings no batch, the last of its file."""
    SNAPSHOT_BY_FILE = 16
    """With `BY_FILE`: this laptop can take a snapshot that comes with the way back."""


class SyncRequest(msgspec.Struct, array_like=True, frozen=True):
    """One turn. `head` are the first bytes of the hash of the last confirmed batch; `time` milliseconds since 1970.

    `epoch` is the county's age that this laptop knows; 0 from a program that does not tell. `batch_hash` stands for
    a batch that was brought piece by piece. `room`: operations of more bytes than that are to be fetched piece by
    piece; 0 takes all.
    """

    protocol: int
    device: int
    incarnation: int
    schema: int
    acked_seq: int
    head: bytes
    cursor: int
    time: int
    batch: bytes = b""
    signature: bytes = b""
    want: int = 0
    epoch: int = 0
    batch_hash: bytes = b""
    room: int = 0
    journal: bytes = b""
    """A packed `ToldHead` when the laptop's journal moved since it was told last."""
    journal_places: bytes = b""
    """By file: further places from which `journal` may follow, those of earlier files; see `pack_places`."""
    mark: bytes = b""
    """What stood at `cursor` when the county told it: see `milestones`. b'' says nothing."""
    milestones: bytes = b""
    """Earlier cursors with their marks; see `pack_milestones`. The county goes on from the newest that it knows,
    `cursor` counting for nothing. A laptop tells them after the county was restored."""


class VerdictEntry(msgspec.Struct, array_like=True, frozen=True):
    """A verdict that is not plainly `applied`, or that brings fields in which the laptop follows the county.

    `stands` are column values; whoever writes them checks them against their columns first.
    """

    seq: int
    verdict: Verdict
    stands: dict[str, Any] = {}
    whole_row: bool = False
    gone: bool = False


class BatchAnswer(msgspec.Struct, array_like=True, frozen=True):
    """What became of a batch. `segments`: pairs (own number, county's number) from which both count on together."""

    segments: list[tuple[int, int]]
    verdicts: list[VerdictEntry]


class SyncAnswer(msgspec.Struct, array_like=True, frozen=True):
    """`operations` are those of others after the request's cursor up to `cursor`; `more` says that some are left.

    `root` is the digest of the village at the county after this turn, `time` milliseconds since 1970. `durable_seq`
    is up to where the laptop's operations also are in the county's last verified backup (without backups: the same
    as `acked_seq`). `receipt` is an encoded `SignedReceipt`, `identity` an encoded `CountyIdentity`; `snapshot` the
    number of a snapshot file that is to be fetched before asking for operations. `schema` is the county's; 0 where
    it does not say. `content_hash` and `content_size`: the operations are to be fetched under this hash.
    """

    status: Status
    incarnation: int
    acked_seq: int
    cursor: int
    more: bool
    may_post: bool
    epoch: int
    time: int
    root: bytes
    batch: bytes = b""
    operations: bytes = b""
    durable_seq: int = 0
    receipt: bytes = b""
    identity: bytes = b""
    snapshot: int = 0
    schema: int = 0
    content_hash: bytes = b""
    content_size: int = 0
    journal: bytes = b""
    """A packed `JournalAnswer` with its place, where the county has something to say to the head."""
    mark: bytes = b""
    """What stands at `cursor`; b'' where it is the request's and the county was told its mark, or cannot say."""
    since: int = -1
    """Where `milestones` were told: the number from which operations follow, everything up to it being common."""


class CountyIdentity(msgspec.Struct, array_like=True, frozen=True):
    """The county's public keys: Ed25519 for what it signs, an age recipient for what is meant for it alone."""

    verify_key: bytes
    recipient: str


class EnrolRequest(msgspec.Struct, array_like=True, frozen=True):
    """A one-time code and the device's public key. `person` is the id of the one who works here, if there is one;
    `village` the workspace's code, if there is one; `last_seq` how far the laptop worked alone before it was enrolled
    for the first time.

    Without a code it only asks who answers: the key is made for this question, the rest is empty, nothing is enrolled.
    """

    protocol: int
    code: str
    public_key: bytes
    village: str
    person: bytes
    person_name: str
    last_seq: int


class EnrolAnswer(msgspec.Struct, array_like=True, frozen=True):
    """The device's number and its person's id; device 0 where there was no code. `identity` is an encoded
    `CountyIdentity`."""

    village: str
    village_name: str
    device: int
    role: str
    person: bytes
    may_post: bool
    epoch: int
    time: int
    identity: bytes = b""
    may_grant: bool = False
    proof: bytes = b""
    """The county's signature over the request: public keys can be copied, this cannot."""


ALL_VILLAGES = "all"
"""A detail of `VILLAGE_FULL`."""


class ProblemKind(StrEnum):
    """Why the county says no."""

    CODE_UNKNOWN = "code_unknown"
    CODE_USED = "code_used"
    CODE_EXPIRED = "code_expired"
    OTHER_VILLAGE = "other_village"
    UNKNOWN_DEVICE = "unknown_device"
    REVOKED = "revoked"
    BAD_SIGNATURE = "bad_signature"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    NEWER_SCHEMA = "newer_schema"
    OLD_SCHEMA = "old_schema"
    NO_CONTENT = "no_content"
    VILLAGE_FULL = "village_full"
    """Contents would take more room than the county keeps for the village; with the detail `ALL_VILLAGES`, for all."""
    TOO_MANY_UNFINISHED = "too_many_unfinished"
    MISSING_PART = "missing_part"
    """A batch is not all here yet: `detail` says how many bytes of it are."""
    BUSY = "busy"
    """Too much at once (status 503): the header Retry-After says in how many seconds to come again."""
    DEFECT = "defect"


class Problem(msgspec.Struct, array_like=True, frozen=True):
    """The body of every answer but 200, 204 and 206. `detail` is for the sentence, e.g. the other village's name."""

    kind: ProblemKind
    detail: str = ""


Message = TypeVar("Message", bound=msgspec.Struct)


def encode(message: msgspec.Struct) -> bytes:
    """A message without a signature; larger ones compressed. The first byte says which."""
    plain = msgspec.msgpack.encode(message)
    return b"\x01" + compress(plain) if len(plain) >= _COMPRESS_FROM else b"\x00" + plain


def decode(data: bytes, kind: type[Message]) -> Message:
    """The message, or `DamagedMessageError`."""
    try:
        if data[:1] == b"\x01":
            return msgspec.msgpack.decode(decompress(data[1:]), type=kind)
        if data[:1] == b"\x00":
            return msgspec.msgpack.decode(data[1:], type=kind)
    except NO_MESSAGE as error:
        raise DamagedMessageError(str(error)) from error
    raise DamagedMessageError("not a message of ours")


def sign_request(key: SigningKey, message: msgspec.Struct) -> bytes:
    """A message with the device's signature behind it."""
    content = msgspec.msgpack.encode(message)
    return content + bytes(key.sign(_REQUEST_CONTEXT + content).signature)


def split_request(data: bytes, kind: type[Message]) -> tuple[Message, bytes, bytes]:
    """The message, its bytes and the signature over them, which is still to be checked with `is_request_of`."""
    content, signature = data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]
    try:
        return msgspec.msgpack.decode(content, type=kind), content, signature
    except NO_MESSAGE as error:
        raise DamagedMessageError(str(error)) from error


def is_request_of(key: VerifyKey, content: bytes, signature: bytes) -> bool:
    return verify(key, _REQUEST_CONTEXT + content, signature)


def prove_county(key: SigningKey, content: bytes) -> bytes:
    """The county's answer to the bytes of an `EnrolRequest`, whose key nobody has seen before: it holds its key."""
    return bytes(key.sign(_COUNTY_CONTEXT + content).signature)


def is_proof_of(county_key: VerifyKey, content: bytes, proof: bytes) -> bool:
    return verify(county_key, _COUNTY_CONTEXT + content, proof)


def blob_ticket(key: SigningKey, *, device: int, method: str, sha256: str) -> str:
    """The header by which a device shows that it may put or get this content."""
    signature = key.sign(_blob_content(device, method, sha256)).signature
    return f"{device}.{signature.hex()}"


def read_blob_ticket(ticket: str) -> tuple[int, bytes]:
    """Device number and signature; `DamagedMessageError` if it is none."""
    number, _, signature = ticket.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 12 and len(signature) <= 2 * SIGNATURE_BYTES):
        raise DamagedMessageError("no number of a device")
    try:
        return int(number), bytes.fromhex(signature)
    except ValueError as error:
        raise DamagedMessageError(str(error)) from error


def is_blob_ticket_of(key: VerifyKey, signature: bytes, *, device: int, method: str, sha256: str) -> bool:
    return verify(key, _blob_content(device, method, sha256), signature)


def person_of(answer: EnrolAnswer) -> UUID:
    return UUID(bytes=answer.person)


def _blob_content(device: int, method: str, sha256: str) -> bytes:
    return _BLOB_CONTEXT + f"{device} {method} {sha256}".encode()
