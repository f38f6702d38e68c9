"""Operations as bytes: what goes in comes out, and bytes that are no message are an error, never a surprise."""

from __future__ import annotations

import os

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from tests.exchange.examples import VILLAGE, insert, row, transaction, transactions
from village_core.exchange import messages
from village_core.exchange.batches import FIRST_LINK, Batch, freeze_batch, hash_of, is_signed_by, sign_batch, thaw_batch
from village_core.exchange.codec import (
    MAX_COMPRESSED,
    DamagedMessageError,
    compress,
    decode_transactions,
    decompress,
    encode_transactions,
)
from village_core.exchange.messages import SyncAnswer, SyncRequest, decode, sign_request, split_request
from village_core.exchange.operations import Transaction


@settings(deadline=None)
@given(transactions())
def test_what_is_encoded_is_decoded(made: tuple[Transaction, ...]) -> None:
    assert decode_transactions(encode_transactions(made)) == made


@settings(deadline=None)
@given(transactions(), st.data())
def test_a_changed_byte_is_noticed_or_makes_other_operations_but_never_a_crash(
    made: tuple[Transaction, ...], data: st.DataObject
) -> None:
    plain = bytearray(encode_transactions(made))
    place = data.draw(st.integers(0, len(plain) - 1))
    plain[place] ^= data.draw(st.integers(1, 255))
    try:
        decode_transactions(bytes(plain))
    except DamagedMessageError:
        return


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_damage(noise: bytes) -> None:
    for reader in (
        decode_transactions,
        decompress,
        thaw_batch,
        lambda data: decode(data, SyncAnswer),
        lambda data: split_request(data, SyncRequest),
    ):
        with pytest.raises(DamagedMessageError):
            reader(noise)


def frozen(*made: Transaction) -> bytes:
    numbers = [operation.number for one in made for operation in one.operations]
    return freeze_batch(Batch(VILLAGE, 1, 1, numbers[0], numbers[-1], FIRST_LINK, 1, made))


def test_every_cut_of_a_batch_is_damage() -> None:
    content = frozen(transaction(insert(1, "household", row(1), number="0001", head_name="罗铉")))

    for length in range(len(content)):
        with pytest.raises(DamagedMessageError):
            thaw_batch(content[:length])


def test_a_batch_with_a_gap_in_its_numbers_is_damage() -> None:
    content = frozen(
        transaction(insert(1, "household", row(1)), insert(2, "household", row(2)), insert(4, "household", row(3)))
    )

    with pytest.raises(DamagedMessageError):
        thaw_batch(content)


def test_the_same_batch_is_the_same_bytes_and_the_key_that_signed_it_is_known() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    content = frozen(transaction(insert(7, "household", row(1), number="0001")))
    signature = sign_batch(key, content)

    assert content == frozen(transaction(insert(7, "household", row(1), number="0001")))
    assert is_signed_by(key.verify_key, content, signature)
    assert not is_signed_by(other.verify_key, content, signature)
    assert not is_signed_by(key.verify_key, content + b"x", signature)
    assert not is_signed_by(key.verify_key, content, b"")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = compress(bytes(1 << 20))
    untold = zstandard.ZstdCompressor(write_content_size=False).compress(b"small")

    with pytest.raises(DamagedMessageError):
        decompress(bomb, limit=1000)
    with pytest.raises(DamagedMessageError):
        decompress(untold)


def test_a_batch_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(DamagedMessageError):
        thaw_batch(os.urandom(MAX_COMPRESSED + 1))


def test_the_names_of_tables_are_no_place_for_mischief() -> None:
    for name in ("", "household; drop", "Household", "x" * 61, "a\x00b"):
        with pytest.raises(DamagedMessageError):
            decode_transactions(encode_transactions((transaction(insert(1, name, row(1))),)))


def test_a_request_is_signed_whole() -> None:
    key = SigningKey.generate()
    request = SyncRequest(1, 2, 1, 1, 0, b"12345678", 0, 0)
    signed = sign_request(key, request)

    message, content, signature = split_request(signed, SyncRequest)

    assert message == request
    assert messages.is_request_of(key.verify_key, content, signature)
    assert not messages.is_request_of(key.verify_key, msgspec.msgpack.encode([1]), signature)


def test_hashes_of_different_batches_differ() -> None:
    one, other = (frozen(transaction(insert(number, "household", row(1)))) for number in (1, 2))
    assert hash_of(one) != hash_of(other)
