"""Contents in chunks: whatever way they come, the whole is right or refused."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from tests.photos import noise
from village_core.exchange.chunks import (
    CHUNK_BYTES,
    MARK_BYTES,
    ChunkReader,
    DamagedChunkError,
    GatheredContent,
    count_chunks,
    first_missing_run,
    is_missing,
    iterate_chunks,
    missing_bitmap,
    pack_chunks,
)
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.contents import ContentReceipt, read_content_receipt, read_span, sign_content_receipt

_SIZES = st.one_of(
    st.integers(1, 5 * CHUNK_BYTES),
    st.sampled_from([1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 9 * CHUNK_BYTES]),
)
_HASH = hashlib.sha256(b"photo").hexdigest()


@given(size=_SIZES, data=st.data())
def test_chunks_in_any_order_and_twice_make_the_whole(size: int, data: st.DataObject) -> None:
    content = noise(size, size)
    chunks = list(iterate_chunks(content))
    order = data.draw(st.permutations(chunks + chunks[:2]))
    gathered = GatheredContent(hashlib.sha256(content).hexdigest(), size)

    for number, chunk in order:
        before = is_missing(gathered.missing, number)
        assert gathered.accept_chunk(number, chunk) == before

    assert gathered.complete
    assert gathered.missing == b""
    assert gathered.whole() == content


@given(size=_SIZES, data=st.data())
def test_the_bitmap_leads_through_exactly_what_is_missing(size: int, data: st.DataObject) -> None:
    count = count_chunks(size)
    kept = data.draw(st.sets(st.integers(0, count - 1)))
    most = data.draw(st.integers(1, 4))
    sent: set[int] = set()
    while run := first_missing_run(missing_bitmap(size, kept | sent), size, most=most):
        assert run[1] - run[0] <= most
        sent |= set(range(*run))
    assert sent == set(range(count)) - kept


@given(size=_SIZES, cut=st.floats(0, 1), piece=st.integers(1, 20_000))
def test_a_cut_costs_less_than_one_chunk(size: int, cut: float, piece: int) -> None:
    packed = pack_chunks(iterate_chunks(noise(size)))
    arrived = packed[: int(len(packed) * cut)]
    reader = ChunkReader(size, 0, count_chunks(size))
    kept = [chunk for at in range(0, len(arrived), piece) for chunk in reader.feed(arrived[at : at + piece])]
    assert b"".join(chunk for _, chunk in kept) == noise(size)[: sum(len(chunk) for _, chunk in kept)]
    assert len(arrived) - sum(MARK_BYTES + len(chunk) for _, chunk in kept) < MARK_BYTES + CHUNK_BYTES


@given(size=_SIZES, place=st.floats(0, 0.9999), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found_at_its_chunk(size: int, place: float, bit: int) -> None:
    packed = bytearray(pack_chunks(iterate_chunks(noise(size))))
    packed[int(len(packed) * place)] ^= 1 << bit
    reader = ChunkReader(size, 0, count_chunks(size))
    kept: list[tuple[int, bytes]] = []
    with pytest.raises(DamagedChunkError):
        kept.extend(reader.feed(bytes(packed)))
    assert len(kept) == int(len(packed) * place) // (CHUNK_BYTES + MARK_BYTES)


def test_a_chunk_in_another_place_is_a_damaged_one() -> None:
    first, second = iterate_chunks(noise(2 * CHUNK_BYTES))
    swapped = pack_chunks([second, first])
    with pytest.raises(DamagedChunkError):
        list(ChunkReader(2 * CHUNK_BYTES, 0, 2).feed(swapped))
    with pytest.raises(DamagedChunkError):
        list(ChunkReader(2 * CHUNK_BYTES, 0, 1).feed(pack_chunks([first, second])))


@pytest.mark.parametrize(("number", "length"), [(-1, CHUNK_BYTES), (2, CHUNK_BYTES), (0, 5), (1, CHUNK_BYTES)])
def test_a_chunk_that_cannot_belong_to_the_content_is_refused(number: int, length: int) -> None:
    gathered = GatheredContent(_HASH, CHUNK_BYTES + 10)
    with pytest.raises(DamagedChunkError):
        gathered.accept_chunk(number, bytes(length))


def test_a_whole_that_is_something_else_is_refused() -> None:
    gathered = GatheredContent(_HASH, 3)
    gathered.accept_chunk(0, b"abc")
    with pytest.raises(DamagedChunkError):
        gathered.whole()


@pytest.mark.parametrize(
    ("sha256", "size", "numbers"),
    [
        (_HASH, "0", "0-1"),
        (_HASH, "33554433", "0-1"),
        (_HASH, "99999999999", "0-1"),
        (_HASH, "-5", "0-1"),
        (_HASH, "100", "0-2"),
        (_HASH, "100", "1-1"),
        (_HASH, "100", "0"),
        (_HASH, "100", "0-x"),
        (_HASH, "١٠٠", "0-1"),
        (_HASH, "33554432", "0-4096"),
        (_HASH[:-1], "100", "0-1"),
        ("../" + _HASH[3:], "100", "0-1"),
    ],
)
def test_hostile_sizes_and_places_are_no_span(sha256: str, size: str, numbers: str) -> None:
    with pytest.raises(DamagedMessageError):
        read_span(sha256, size, numbers)


def test_a_receipt_speaks_for_one_content_of_one_village_only() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    receipt = ContentReceipt("532301001001", bytes.fromhex(_HASH), 5, "2026-11-22T02:00:00.000Z")
    signed = sign_content_receipt(key, receipt)

    assert read_content_receipt(key.verify_key, signed, village=receipt.village, sha256=_HASH) == receipt
    assert sign_content_receipt(key, receipt) == signed
    for wrong_key, village, sha256, content in (
        (other, receipt.village, _HASH, signed),
        (key, "532301001002", _HASH, signed),
        (key, receipt.village, "0" * 64, signed),
        (key, receipt.village, _HASH, signed[:-1]),
        (key, receipt.village, _HASH, b""),
        (key, receipt.village, _HASH, signed[:20] + b"\0" + signed[21:]),
    ):
        with pytest.raises(DamagedMessageError):
            read_content_receipt(wrong_key.verify_key, content, village=village, sha256=sha256)
