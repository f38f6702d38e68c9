"""A few bytes that would become gigabytes, or numbers no database holds: refused before they cost anything."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import msgspec
import pytest

from tests.exchange.examples import insert, row, transaction
from village_core.exchange import codec
from village_core.exchange.batches import FIRST_LINK, Batch, freeze_batch, thaw_batch
from village_core.exchange.bundle import decode_device_message
from village_core.exchange.codec import DamagedMessageError, compress, decode_transactions, encode_transactions
from village_core.exchange.messages import EnrolRequest, decode, split_request
from village_core.exchange.receipts import unpack_receipt

_NO_HEADS: list[list[int]] = [[], [], [], [], [], [], [], [], []]
_MANY = 3_000_000


def _plain(*groups: object, heads: object = _NO_HEADS, order: object = (), numbers: object = ()) -> bytes:
    return msgspec.msgpack.encode([1, heads, list(groups), order, numbers])


@pytest.mark.parametrize(
    "data",
    [
        b"\x95\x01\xdd" + _MANY.to_bytes(4, "big") + b"\x80" * _MANY + b"\x90\x90\x90",
        b"\x91" * _MANY,
        _plain(["person", "I", ["name"], bytes(16), [[[[]] * _MANY]]]),
        _plain(["person", "I", ["name"], bytes(16), [[None] * _MANY]]),
        _plain(["person", "I", [], bytes(16 * (codec.MOST_OPERATIONS + 1)), []]),
        _plain(order=[0] * _MANY),
    ],
    ids=["empty maps", "nested", "a list as a value", "a longer column", "a million rows", "a long order"],
)
def test_a_bomb_is_refused_in_little_memory(data: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(DamagedMessageError):
            decode_transactions(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20


def test_values_are_counted_over_all_columns_of_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_transactions([transaction(insert(1, "person", row(1), name="甲", phone="1"))])
    assert decode_transactions(data)
    monkeypatch.setattr(codec, "MOST_VALUES", 2)
    with pytest.raises(DamagedMessageError):
        decode_transactions(data)


@pytest.mark.parametrize("number", [-1, 1 << 62, (1 << 64) - 1])
def test_a_number_that_no_database_holds_is_damage(number: int) -> None:
    with pytest.raises(DamagedMessageError):
        decode_transactions(encode_transactions([transaction(insert(number, "person", row(1), name="甲"))]))


def test_an_actor_that_is_text_is_damage() -> None:
    heads = [["x" * 16], ["试"], [1], [0], [1], [0], [0], [0], [1]]
    group = ["person", "D", [], bytes(16), []]
    with pytest.raises(DamagedMessageError):
        decode_transactions(_plain(group, heads=heads, order=[0], numbers=[1]))


def test_a_batch_that_tells_of_a_number_too_far_is_damage_at_once() -> None:
    frozen = freeze_batch(Batch("1", 1, 1, 1, 1, FIRST_LINK, 1, (transaction(insert(1, "person", row(1), name="甲")),)))
    content = msgspec.msgpack.decode(codec.decompress(frozen))
    for last_seq in (1 << 40, (1 << 62) - 1, (1 << 64) - 1):
        content[4] = last_seq
        with pytest.raises(DamagedMessageError):
            thaw_batch(codec.compress(msgspec.msgpack.encode(content)))


_NO_UTF_8 = b"\xa1\xff"


@pytest.mark.parametrize(
    "read",
    [
        lambda: split_request(b"\x92\x01" + _NO_UTF_8 + bytes(64), EnrolRequest),
        lambda: decode(b"\x00\x92\x01" + _NO_UTF_8, EnrolRequest),
        lambda: thaw_batch(compress(b"\x91" + _NO_UTF_8)),
        lambda: decode_transactions(_plain(["person", "I", ["name"], bytes(16), [msgspec.Raw(b"\x91" + _NO_UTF_8)]])),
        lambda: decode_device_message(b"\x01\x91" + _NO_UTF_8),
        lambda: unpack_receipt(b"\x91" + _NO_UTF_8),
    ],
)
def test_a_text_that_is_no_utf_8_is_damage(read: Callable[[], object]) -> None:
    with pytest.raises(DamagedMessageError):
        read()
