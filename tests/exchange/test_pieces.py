"""How large a piece a line gets, what a snapshot is, and tickets that fit one request only."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.operations import Kind, Operation
from village_core.exchange.pieces import (
    LARGEST,
    SMALLEST,
    TINIEST_PIECE,
    PieceSize,
    is_ticket_of,
    read_span,
    read_ticket,
    read_total,
    sign_ticket,
    write_span,
)
from village_core.exchange.snapshot import Snapshot, read_snapshot, write_snapshot

KEY = SigningKey(bytes(range(32)))


def test_a_cut_halves_and_three_that_pass_double_again() -> None:
    piece = PieceSize(64 << 10)
    for _ in range(2):
        piece = piece.after_pass(piece.size, 0.5)
    assert piece.size == 64 << 10
    assert piece.after_pass(piece.size, 0.5).size == 128 << 10
    assert piece.after_cut().size == 32 << 10


def test_a_size_at_which_the_line_was_cut_is_not_tried_again_soon() -> None:
    piece = PieceSize(64 << 10).after_cut()
    for _ in range(15):
        piece = piece.after_pass(piece.size, 0.5)
        assert piece.size == 32 << 10
    assert piece.after_pass(piece.size, 0.5).size == 64 << 10


def test_a_slow_line_gets_what_it_bears_in_eight_seconds() -> None:
    piece = PieceSize(256 << 10).after_pass(256 << 10, 64.0)
    assert piece.size == 32 << 10
    for _ in range(20):
        piece = piece.after_pass(piece.size, piece.size / 4096)
    assert piece.size <= 32 << 10


def test_small_talk_teaches_nothing() -> None:
    piece = PieceSize()
    assert piece.after_pass(300, 0.01) == piece


@given(st.lists(st.tuples(st.booleans(), st.floats(0.001, 100.0)), max_size=60))
def test_a_piece_stays_within_its_bounds_whatever_happens(line: list[tuple[bool, float]]) -> None:
    piece = PieceSize()
    for cut, seconds in line:
        piece = piece.after_cut() if cut else piece.after_pass(piece.size, seconds)
        assert TINIEST_PIECE <= piece.size <= LARGEST
        assert piece.batch >= SMALLEST


def test_a_ticket_fits_its_device_method_and_path_only() -> None:
    ticket = sign_ticket(KEY, device=7, method="PUT", path="/v1/part/ab/0")
    number, signature = read_ticket(ticket)
    assert number == 7
    for device, method, path in ((8, "PUT", "/v1/part/ab/0"), (7, "GET", "/v1/part/ab/0"), (7, "PUT", "/v1/part/ab/1")):
        assert not is_ticket_of(KEY.verify_key, signature, device=device, method=method, path=path)
    assert is_ticket_of(KEY.verify_key, signature, device=7, method="PUT", path="/v1/part/ab/0")
    for wrong in ("", "7", "x.y", "7.ü", "7.a"):
        try:
            number, signature = read_ticket(wrong)
        except DamagedMessageError:
            continue
        assert not is_ticket_of(KEY.verify_key, signature, device=number, method="PUT", path="/v1/part/ab/0")


@given(st.integers(0, 1 << 30), st.integers(1, 1 << 20))
def test_a_range_is_read_as_it_was_written(start: int, length: int) -> None:
    assert read_span(write_span(start, start + length)) == (start, start + length)


@pytest.mark.parametrize("header", ["bytes=5-3", "bytes=-5", "bytes=0-", "lines=0-5", "bytes=0-5,7-9", "bytes=0-9" * 9])
def test_a_range_of_another_kind_is_refused(header: str) -> None:
    with pytest.raises(DamagedMessageError):
        read_span(header)


@pytest.mark.parametrize("header", ["", "bytes 0-5/*", "bytes 0-5/0", "bytes 0-5/99999999999", "bytes 0-5/١٢"])
def test_a_size_that_is_none_or_too_large_is_refused(header: str) -> None:
    with pytest.raises(DamagedMessageError):
        read_total(header)


def make_snapshot() -> Snapshot:
    rows = tuple(
        Operation(9, Kind.INSERT, "household", UUID(int=n), {"number": f"{n:04d}", "note": None}) for n in range(5)
    )
    return Snapshot("532327101201", 9, 2, 1_790_000_000_000, bytes(16), rows)


def test_a_snapshot_is_read_as_it_was_written() -> None:
    snapshot = make_snapshot()
    assert read_snapshot(write_snapshot(KEY, snapshot), KEY.verify_key) == snapshot
    empty = Snapshot("532327101201", 9, 2, 1_790_000_000_000, bytes(16), ())
    assert read_snapshot(write_snapshot(KEY, empty), KEY.verify_key) == empty


@given(st.data())
def test_a_snapshot_that_was_touched_anywhere_is_refused(data: st.DataObject) -> None:
    content = bytearray(write_snapshot(KEY, make_snapshot()))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DamagedMessageError):
        read_snapshot(bytes(content), KEY.verify_key)
    with pytest.raises(DamagedMessageError):
        read_snapshot(bytes(content[:place]), KEY.verify_key)


def test_a_snapshot_of_another_county_is_refused() -> None:
    with pytest.raises(DamagedMessageError):
        read_snapshot(write_snapshot(SigningKey.generate(), make_snapshot()), KEY.verify_key)
