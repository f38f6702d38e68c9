"""A file that carries an exchange by USB stick: the very requests and answers of the line, signed, then locked.

`magic · format · kind · age( header · messages · contents · signature ) · length · BLAKE2b-256`. What is outside
tells a damaged file from one that is meant for somebody else; inside, only the sender's signature counts. Nothing is
used before the whole part was read once and found right. Streams are given by the caller, so that memory stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b

import msgspec
import pyrage
from nacl.signing import SigningKey, VerifyKey
from pyrage import x25519

from village_core.exchange.batches import verify
from village_core.exchange.bundle_frames import (
    FRAME_HEAD,
    BundleError,
    Fault,
    Frame,
    FrameReader,
    FrameSource,
    HashingSink,
    Sink,
    Source,
    Window,
    frame_head,
)
from village_core.exchange.codec import NO_MESSAGE, DamagedMessageError

MAGIC = b"TIANGENG VSB\n"
FORMAT = 1
SUITE = "ed25519 age-x25519 blake2b-256"
"""Travels in the header, so that a later suite (SM2, SM3, SM4) can be told from this one."""
PART_LIMIT = 1 << 30
"""A stick with FAT32 holds no larger file than 4 GiB; a part this small is also read again quickly."""
MESSAGES_LIMIT = 48 << 20
"""Bytes of requests in one part, which the county may have to keep until an earlier part has come."""
SUFFIX = ".vsb"

_CONTEXT = b"tiangeng bundle 1\0"
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_TRAILER = 8 + 32
_PREAMBLE = len(MAGIC) + 2
_READ = 1 << 18
_OVERHEAD = 64 << 10
_MOST_MESSAGES, _MESSAGE_COSTS = 160 << 20, 1 << 10
"""What is held in memory of one part. A message is never split, and an answer may be large."""


class Kind(Enum):
    """Which way a file goes. It stands outside the lock."""

    TO_COUNTY = b"V"
    TO_DEVICE = b"R"


class Header(msgspec.Struct, array_like=True, frozen=True):
    """What a part says of itself; extended only at the end.

    `bundle` is the same in all `parts`; `recipients` are age recipients. Operations `first_seq … last_seq` (0, 0:
    none) continue the chain at `previous`. `root` is the sender's digest, `made` milliseconds since 1970.
    `contents` are SHA-256 and size of what lies in this part, `wanted` SHA-256 of contents that the device lacks,
    `reply_to` the age recipient for the way back. A file to a device names the `bundle` that it answers.
    """

    suite: str
    bundle: bytes
    part: int
    parts: int
    recipients: list[str]
    village: str
    device: int
    incarnation: int
    first_seq: int
    last_seq: int
    previous: bytes
    cursor: int
    root: bytes
    schema: int
    made: int
    operations: int
    contents: list[tuple[bytes, int]] = []
    wanted: list[bytes] = []
    reply_to: str = ""


class AnswerTo(msgspec.Struct, array_like=True, frozen=True):
    """One message of a file to a device: an encoded `SyncAnswer` and the request that it answers.

    `acked_seq` and `cursor` are the request's, `batch` is the hash of its batch, b'' if it brought none.
    """

    incarnation: int
    acked_seq: int
    cursor: int
    batch: bytes
    answer: bytes


class SnapshotAnswer(AnswerTo, frozen=True):
    """An `AnswerTo` whose answer names a snapshot, with the file itself (`write_snapshot`): what it holds stands in
    place of the operations."""

    snapshot: bytes


class ContentWord(msgspec.Struct, array_like=True, frozen=True):
    """Another message of a file to a device: the county's receipt for a content (`SignedContentReceipt`)."""

    sha256: bytes
    receipt: bytes


class Refusal(msgspec.Struct, array_like=True, frozen=True):
    """The county's no to the device, in place of answers: an encoded `Problem`."""

    problem: bytes


DeviceMessage = AnswerTo | SnapshotAnswer | ContentWord | Refusal
_TAGS: dict[type[DeviceMessage], bytes] = {
    AnswerTo: b"\x01",
    ContentWord: b"\x02",
    SnapshotAnswer: b"\x03",
    Refusal: b"\x04",
}


@dataclass(frozen=True)
class Part:
    """A part that was read once and is whole; whose signature it bears is still to be checked with `is_signed_by`."""

    kind: Kind
    header: Header
    digest: bytes
    signature: bytes
    content: bytes
    messages: tuple[bytes, ...]

    def is_signed_by(self, key: VerifyKey) -> bool:
        return verify(key, _CONTEXT + self.content, self.signature)


def bundle_code(bundle: bytes) -> str:
    """Eight letters by which a person knows the file again, on paper and on the telephone."""
    number = int.from_bytes(blake2b(bundle, digest_size=8).digest(), "big")
    letters = []
    for _ in range(8):
        number, at = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[at])
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def file_name(kind: Kind, header: Header, *, first_seq: int, last_seq: int) -> str:
    """The name under which a part lies on a stick; `first_seq … last_seq` are those of all parts together."""
    part = f"-{header.part}of{header.parts}" if header.parts > 1 else ""
    return f"{kind.value.decode()}{header.village}-{header.device}-{first_seq or last_seq}-{last_seq}{part}{SUFFIX}"


def plan_parts(messages: Sequence[int], contents: Sequence[int], *, limit: int) -> list[tuple[slice, slice]]:
    """Which messages and contents (their sizes are given) go into which part: in order, none is split."""
    room = max(limit - _OVERHEAD, 1)
    parts: list[tuple[slice, slice]] = []
    at_message = at_content = 0
    while at_message < len(messages) or at_content < len(contents) or not parts:
        behind, taken = _fill(messages, at_message, min(room, MESSAGES_LIMIT), taken=0)
        behind_content = at_content
        if behind == len(messages):
            behind_content, _ = _fill(contents, at_content, room, taken=taken)
        parts.append((slice(at_message, behind), slice(at_content, behind_content)))
        at_message, at_content = behind, behind_content
    return parts


def _fill(sizes: Sequence[int], at: int, room: int, *, taken: int) -> tuple[int, int]:
    """How far one comes in the room that is left; what is too large for any part goes alone."""
    while at < len(sizes) and (taken == 0 or taken + sizes[at] <= room):
        taken += sizes[at] + FRAME_HEAD
        at += 1
    return at, taken


def write_part(
    sink: Sink,
    kind: Kind,
    header: Header,
    *,
    messages: Iterable[bytes],
    contents: Iterable[bytes],
    key: SigningKey,
    locked_for: Sequence[str] | None = None,
) -> bytes:
    """Write one part and return its digest, by which it is known when it is read back.

    It is locked for the recipients that the header names; whoever reads it refuses one that does not name him.
    """
    out = HashingSink(sink)
    out.write(MAGIC + bytes([FORMAT]) + kind.value)
    recipients = [x25519.Recipient.from_str(one) for one in locked_for or header.recipients]
    inside = FrameSource(_signed_frames(header, messages, contents, key))
    try:
        pyrage.encrypt_io(inside, out, recipients)
    except pyrage.EncryptError:
        out.tell_again()
        inside.tell_again()
        raise
    out.write((out.length - _PREAMBLE).to_bytes(8, "big"))
    digest = out.digest
    sink.write(digest)
    sink.flush()
    return digest


def check_envelope(source: Source, kind: Kind | None = None) -> bytes:
    """Read a file through without opening it; returns its digest. `BundleError` for anything but a whole one."""
    source.seek(0)
    preamble = source.read(_PREAMBLE)
    if not preamble.startswith(MAGIC):
        raise BundleError(Fault.CUT if preamble and MAGIC.startswith(preamble) else Fault.FOREIGN)
    if len(preamble) < _PREAMBLE:
        raise BundleError(Fault.CUT)
    size = source.seek(0, 2)
    if preamble[-2] > FORMAT:
        raise BundleError(Fault.NEWER)
    if size < _PREAMBLE + _TRAILER:
        raise BundleError(Fault.CUT)
    digest, told, length = _hash_through(source, size)
    if digest != told:
        raise BundleError(Fault.CUT if length != size - _PREAMBLE - _TRAILER else Fault.DAMAGED)
    if preamble[-2] != FORMAT or preamble[-1:] not in (Kind.TO_COUNTY.value, Kind.TO_DEVICE.value):
        raise BundleError(Fault.DAMAGED)
    if kind is not None and preamble[-1:] != kind.value:
        raise BundleError(Fault.OTHER_WAY)
    return digest


def open_part(source: Source, kind: Kind, identity: x25519.Identity) -> Part:
    """Read a part through: whole, unlocked, of the right shape. `BundleError` otherwise."""
    digest = check_envelope(source, kind)
    headers: list[Header] = []
    messages: list[bytes] = []
    held = 0

    def take(frame: Frame, payload: bytes) -> None:
        nonlocal held
        if frame is Frame.HEADER:
            headers.append(_header(payload))
        elif frame is Frame.MESSAGE:
            held += len(payload) + _MESSAGE_COSTS
            if held > _MOST_MESSAGES:
                raise BundleError(Fault.DAMAGED)
            messages.append(payload)

    reader = FrameReader(take)
    _unlock(source, identity, reader)
    reader.close()
    return Part(kind, headers[0], digest, reader.signature, reader.digest, tuple(messages))


def read_contents(source: Source, identity: x25519.Identity, *, take: Callable[[str, bytes], None]) -> None:
    """Give each content of a checked part to `take`, one after the other: its name in hex and its bytes.

    Whoever keeps it checks that they belong together; nothing else is believed of this second reading.
    """
    reader = FrameReader(
        lambda frame, payload: take(payload[:32].hex(), payload[32:]) if frame is Frame.CONTENT else None
    )
    _unlock(source, identity, reader)


def pack_messages(messages: Sequence[bytes]) -> bytes:
    """Several messages as one value of a database."""
    return msgspec.msgpack.encode(list(messages))


def unpack_messages(data: bytes) -> list[bytes]:
    return msgspec.msgpack.decode(data, type=list[bytes])


def encode_device_message(message: DeviceMessage) -> bytes:
    """Tagged by its first byte."""
    return _TAGS[type(message)] + msgspec.msgpack.encode(message)


def decode_device_message(data: bytes) -> DeviceMessage | None:
    """The message; None for a kind that only a newer program knows. `DamagedMessageError` for what is none."""
    kind = next((kind for kind, tag in _TAGS.items() if data[:1] == tag), None)
    if kind is None:
        return None
    try:
        return msgspec.msgpack.decode(data[1:], type=kind)
    except NO_MESSAGE as error:
        raise DamagedMessageError(str(error)) from error


def _header(payload: bytes) -> Header:
    try:
        header = msgspec.msgpack.decode(payload, type=Header)
    except NO_MESSAGE as error:
        raise BundleError(Fault.DAMAGED) from error
    if header.suite != SUITE:
        raise BundleError(Fault.NEWER)
    if len(header.bundle) != 16 or not 1 <= header.part <= header.parts <= 10_000:
        raise BundleError(Fault.DAMAGED)
    return header


def _signed_frames(
    header: Header, messages: Iterable[bytes], contents: Iterable[bytes], key: SigningKey
) -> Iterator[bytes]:
    digest = blake2b(digest_size=32)
    for frame, payloads in (
        (Frame.HEADER, [msgspec.msgpack.encode(header)]),
        (Frame.MESSAGE, messages),
        (Frame.CONTENT, contents),
    ):
        for payload in payloads:
            head = frame_head(frame, payload)
            digest.update(head)
            digest.update(payload)
            yield head
            yield payload
    signature = bytes(key.sign(_CONTEXT + digest.digest()).signature)
    yield frame_head(Frame.SIGNATURE, signature) + signature


def _hash_through(source: Source, size: int) -> tuple[bytes, bytes, int]:
    """The digest as it is, the digest as it is told, and the length that is told."""
    digest = blake2b(digest_size=32)
    source.seek(0)
    left = size - _TRAILER
    while left:
        piece = source.read(min(_READ, left))
        if not piece:
            raise BundleError(Fault.CUT)
        digest.update(piece)
        left -= len(piece)
    trailer = source.read(_TRAILER)
    digest.update(trailer[:8])
    return digest.digest(), trailer[8:], int.from_bytes(trailer[:8], "big")


def _unlock(source: Source, identity: x25519.Identity, reader: FrameReader) -> None:
    size = source.seek(0, 2)
    source.seek(_PREAMBLE)
    window = Window(source, size - _PREAMBLE - _TRAILER)
    try:
        pyrage.decrypt_io(window, reader, [identity])
    except (pyrage.DecryptError, OSError) as error:
        window.tell_again()
        reader.tell_again()
        raise BundleError(Fault.NOT_FOR_US if "No matching keys" in str(error) else Fault.DAMAGED) from error
