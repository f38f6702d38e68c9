"""The county's signed word on what it has: made there, kept and printed on the laptop, checked by whoever doubts.

A receipt is worth nothing without the county's key. Its 核对码 is short enough to be read from paper.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec
from nacl.signing import SigningKey, VerifyKey

from village_core.exchange.batches import verify
from village_core.exchange.codec import NO_MESSAGE, DamagedMessageError
from village_core.exchange.digests import ROOT_BYTES

COUNTED = ("household", "person", "voucher", "relief_case")
"""The tables whose standing rows a receipt counts, in the order of its counts."""

CODE_LETTERS = 8

_CONTEXT = b"tiangeng receipt 1\0"
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L: a code is read from paper and over the telephone."""


class Receipt(msgspec.Struct, array_like=True, frozen=True):
    """What the county says: of this history it has everything up to `acked_seq`; its own order stood at `number`,
    and the digest of the village was `root`. `time` is in milliseconds since 1970, `counts` follow `COUNTED`."""

    village: str
    device: int
    incarnation: int
    acked_seq: int
    number: int
    root: bytes
    time: int
    epoch: int
    counts: list[int]


class SignedReceipt(msgspec.Struct, array_like=True, frozen=True):
    """A receipt as it was signed. The bytes are kept: signatures are over bytes."""

    content: bytes
    signature: bytes


def sign_receipt(key: SigningKey, receipt: Receipt) -> SignedReceipt:
    """The county's signature under a receipt."""
    content = msgspec.msgpack.encode(receipt)
    return SignedReceipt(content, bytes(key.sign(_CONTEXT + content).signature))


def open_receipt(signed: SignedReceipt, key: VerifyKey) -> Receipt | None:
    """What it says; None when it is not the key's."""
    if not verify(key, _CONTEXT + signed.content, signed.signature):
        return None
    try:
        return read_own_note(signed.content)
    except DamagedMessageError:
        return None


def read_own_note(content: bytes) -> Receipt:
    """What a content says that nobody else can have written: the county's own note of a receipt that it gave."""
    try:
        receipt = msgspec.msgpack.decode(content, type=Receipt)
    except NO_MESSAGE as error:
        raise DamagedMessageError(str(error)) from error
    if len(receipt.root) != ROOT_BYTES or len(receipt.counts) < len(COUNTED):
        raise DamagedMessageError("no receipt")
    return receipt


def pack_receipt(signed: SignedReceipt) -> bytes:
    """The bytes of a receipt in an answer or a file."""
    return msgspec.msgpack.encode(signed)


def unpack_receipt(data: bytes) -> SignedReceipt:
    """A receipt from an answer or a file, not yet checked; `DamagedMessageError` for what is none."""
    try:
        return msgspec.msgpack.decode(data, type=SignedReceipt)
    except NO_MESSAGE as error:
        raise DamagedMessageError(str(error)) from error


def check_code(content: bytes) -> str:
    """The 核对码 of a signed content: eight letters and digits."""
    number = int.from_bytes(blake2b(content, digest_size=16, person=b"tiangeng code").digest())
    letters = []
    for _ in range(CODE_LETTERS):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return "".join(letters)


def shown_code(code: str) -> str:
    """As it is printed: two groups of four."""
    return f"{code[:4]}-{code[4:]}"


def typed_code(text: str) -> str:
    """As it was typed: case, spaces and dashes do not matter."""
    return "".join(letter for letter in text.upper() if letter.isalnum())
