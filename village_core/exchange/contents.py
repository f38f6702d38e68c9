"""What laptop and county say about contents of attachments: which chunks are missing, and the county's receipt."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec
from nacl.signing import SigningKey, VerifyKey

from village_core.exchange.batches import verify
from village_core.exchange.chunks import CHUNK_BYTES, count_chunks
from village_core.exchange.codec import NO_MESSAGE, DamagedMessageError
from village_core.exchange.messages import BLOB_PATH, MAX_BLOB

CONTENTS_PATH = "/v1/content"
MOST_ASKED = 256
"""Contents that one request may ask about."""
LONGEST_REQUEST = 16 << 10
LONGEST_SPAN = (4 << 20) // CHUNK_BYTES
"""Chunks in one request or answer."""

_RECEIPT_CONTEXT = b"tiangeng content receipt 1\0"


class ContentsRequest(msgspec.Struct, array_like=True, frozen=True):
    """Asks how contents stand: pairs of SHA-256 (32 bytes) and size, 0 where the size is not known."""

    device: int
    contents: list[tuple[bytes, int]]


class ContentState(msgspec.Struct, array_like=True, frozen=True):
    """How a content stands at the county. `size` 0: nothing of it is there. `missing` is a bitmap of chunks;
    `receipt` an encoded `SignedContentReceipt`, there exactly when the content is complete."""

    size: int = 0
    missing: bytes = b""
    receipt: bytes = b""


class ContentsAnswer(msgspec.Struct, array_like=True, frozen=True):
    """One state for each content asked about, in the same order."""

    states: list[ContentState]


class ContentReceipt(msgspec.Struct, array_like=True, frozen=True):
    """The county has this content, whole and checked. `sha256` are 32 bytes, `received_at` as `stamp` writes it."""

    village: str
    sha256: bytes
    size: int
    received_at: str


class SignedContentReceipt(msgspec.Struct, array_like=True, frozen=True):
    """`content` is the msgpack of a `ContentReceipt`, `signature` the county's Ed25519 over it."""

    content: bytes
    signature: bytes


@dataclass(frozen=True)
class Span:
    """Chunks `first` up to before `behind` of a content: what one PUT or GET is about."""

    sha256: str
    size: int
    first: int
    behind: int

    @property
    def name(self) -> str:
        """What stands behind `BLOB_PATH`, and what the ticket is signed for."""
        return f"{self.sha256}/{self.size}/{self.first}-{self.behind}"

    @property
    def path(self) -> str:
        return BLOB_PATH + self.name


def read_span(sha256: str, size: str, chunks: str) -> Span:
    """From the parts of a path; `DamagedMessageError` when such a content or such chunks cannot be."""
    numbers = re.fullmatch(r"(\d{1,9})-(\d{1,9})", chunks, re.ASCII)
    if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not re.fullmatch(r"\d{1,9}", size, re.ASCII) or not numbers:
        raise DamagedMessageError("no span of chunks")
    span = Span(sha256, int(size), int(numbers[1]), int(numbers[2]))
    if not 0 < span.size <= MAX_BLOB or not 0 <= span.first < span.behind <= count_chunks(span.size):
        raise DamagedMessageError("no such chunks")
    if span.behind - span.first > LONGEST_SPAN:
        raise DamagedMessageError("too many chunks")
    return span


def sign_content_receipt(key: SigningKey, receipt: ContentReceipt) -> bytes:
    """An encoded `SignedContentReceipt`; the same receipt always gets the same bytes."""
    content = msgspec.msgpack.encode(receipt)
    return msgspec.msgpack.encode(SignedContentReceipt(content, bytes(key.sign(_RECEIPT_CONTEXT + content).signature)))


def read_content_receipt(key: VerifyKey, signed: bytes, *, village: str, sha256: str) -> ContentReceipt:
    """The receipt, if the county signed it for this content; otherwise `DamagedMessageError`."""
    try:
        outer = msgspec.msgpack.decode(signed, type=SignedContentReceipt)
        receipt = msgspec.msgpack.decode(outer.content, type=ContentReceipt)
    except NO_MESSAGE as error:
        raise DamagedMessageError(str(error)) from error
    if not verify(key, _RECEIPT_CONTEXT + outer.content, outer.signature):
        raise DamagedMessageError("not signed by the county")
    if receipt.village != village or receipt.sha256.hex() != sha256:
        raise DamagedMessageError("a receipt for something else")
    return receipt
