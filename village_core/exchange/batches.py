"""A batch: whole transactions of one laptop, chained to the batch before by its hash and signed by the device.

The same bytes go over HTTP and into files. They are frozen before they are sent the first time, so that sending
them again is recognised as the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from village_core.exchange.codec import (
    MAX_COMPRESSED,
    NO_MESSAGE,
    DamagedMessageError,
    compress,
    decode_transactions,
    decompress,
    encode_transactions,
)
from village_core.exchange.operations import Transaction, count_operations

FIRST_LINK = bytes(32)
"""What the first batch of a chain is linked to."""

_BATCH_CONTEXT = b"tiangeng batch 1\0"


class _Content(msgspec.Struct, array_like=True, frozen=True):
    village: str
    device: int
    incarnation: int
    first_seq: int
    last_seq: int
    previous: bytes
    schema: int
    transactions: bytes


@dataclass(frozen=True)
class Batch:
    """What a batch says. Its operations are numbered densely from `first_seq` to `last_seq`."""

    village: str
    device: int
    incarnation: int
    first_seq: int
    last_seq: int
    previous: bytes
    schema: int
    transactions: tuple[Transaction, ...]


def freeze_batch(batch: Batch) -> bytes:
    """The bytes that travel, for ever the same."""
    content = _Content(
        batch.village,
        batch.device,
        batch.incarnation,
        batch.first_seq,
        batch.last_seq,
        batch.previous,
        batch.schema,
        encode_transactions(batch.transactions),
    )
    return compress(msgspec.msgpack.encode(content))


def thaw_batch(data: bytes) -> Batch:
    """Read a batch and check that it is whole and densely numbered; otherwise `DamagedMessageError`."""
    if len(data) > MAX_COMPRESSED:
        raise DamagedMessageError("too large")
    try:
        content = msgspec.msgpack.decode(decompress(data), type=_Content)
    except NO_MESSAGE as error:
        raise DamagedMessageError(str(error)) from error
    transactions = decode_transactions(content.transactions)
    numbers = [operation.number for one in transactions for operation in one.operations]
    # Counted first: two numbers could name more than any memory holds.
    first = content.first_seq
    dense = content.last_seq - first + 1 == len(numbers) and numbers == list(range(first, first + len(numbers)))
    if not dense or content.first_seq < 1 or len(content.previous) != len(FIRST_LINK):
        raise DamagedMessageError("numbers that are not dense")
    return Batch(
        content.village,
        content.device,
        content.incarnation,
        content.first_seq,
        content.last_seq,
        content.previous,
        content.schema,
        transactions,
    )


def hash_of(data: bytes) -> bytes:
    """The link of the chain: 32 bytes over a frozen batch."""
    return blake2b(data, digest_size=32).digest()


def sign_batch(key: SigningKey, data: bytes) -> bytes:
    """64 bytes by which the county knows the device, over HTTP and from a file."""
    return bytes(key.sign(_BATCH_CONTEXT + hash_of(data)).signature)


def is_signed_by(key: VerifyKey, data: bytes, signature: bytes) -> bool:
    return verify(key, _BATCH_CONTEXT + hash_of(data), signature)


def verify(key: VerifyKey, content: bytes, signature: bytes) -> bool:
    """Whether `signature` is the key's over `content`."""
    try:
        key.verify(content, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True


def batch_size(batch: Batch) -> int:
    """How many operations it brings."""
    return count_operations(batch.transactions)
