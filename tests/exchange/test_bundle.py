"""The file itself: what is written is read, what is not whole is not, and nothing half lies under its name."""

from __future__ import annotations

import errno
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey
from pyrage import x25519

from village_core.exchange.bundle import (
    MESSAGES_LIMIT,
    SUITE,
    Header,
    Kind,
    bundle_code,
    check_envelope,
    file_name,
    open_part,
    plan_parts,
    read_contents,
    write_part,
)
from village_core.exchange.bundle_files import sweep, write_checked
from village_core.exchange.bundle_frames import BundleError, Fault, Sink

KEY = SigningKey(bytes(32))
LOCK = x25519.Identity.generate()
HEADER = Header(
    suite=SUITE,
    bundle=bytes(range(16)),
    part=1,
    parts=1,
    recipients=[str(LOCK.to_public())],
    village="532327101201",
    device=3,
    incarnation=1,
    first_seq=1,
    last_seq=9,
    previous=bytes(32),
    cursor=5,
    root=b"",
    schema=2,
    made=0,
    operations=9,
)


def written(messages: list[bytes], contents: list[bytes]) -> bytes:
    sink = io.BytesIO()
    digest = write_part(sink, Kind.TO_COUNTY, HEADER, messages=messages, contents=contents, key=KEY)
    assert check_envelope(sink) == digest
    return sink.getvalue()


@given(st.lists(st.binary(max_size=300), max_size=5), st.lists(st.binary(min_size=32, max_size=100_000), max_size=3))
def test_what_is_written_is_read(messages: list[bytes], contents: list[bytes]) -> None:
    source = io.BytesIO(written(messages, contents))
    part = open_part(source, Kind.TO_COUNTY, LOCK)
    assert part.header == HEADER
    assert part.is_signed_by(KEY.verify_key)
    assert not part.is_signed_by(SigningKey.generate().verify_key)
    assert list(part.messages) == messages
    found: list[bytes] = []
    read_contents(source, LOCK, take=lambda name, content: found.append(bytes.fromhex(name) + content))
    assert found == contents


@given(st.integers(0, 5000), st.integers(0, 7), st.sampled_from(["flip", "cut", "drop", "double"]))
def test_whatever_is_changed_is_noticed(place: int, bit: int, kind: str) -> None:
    whole = written([b"one", b"two" * 50], [bytes(40)])
    at = place % len(whole)
    changed = {
        "flip": whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :],
        "cut": whole[:at],
        "drop": whole[:at] + whole[at + 1 :],
        "double": whole[:at] + whole[at : at + 1] + whole[at:],
    }[kind]
    with pytest.raises(BundleError):
        open_part(io.BytesIO(changed), Kind.TO_COUNTY, LOCK)


def test_a_stranger_does_not_open_it() -> None:
    with pytest.raises(BundleError) as refused:
        open_part(io.BytesIO(written([b"one"], [])), Kind.TO_COUNTY, x25519.Identity.generate())
    assert refused.value.fault is Fault.NOT_FOR_US


def test_a_file_that_would_fill_the_memory_is_refused() -> None:
    many = written([b""] * 170_000, [])
    with pytest.raises(BundleError) as refused:
        open_part(io.BytesIO(many), Kind.TO_COUNTY, LOCK)
    assert refused.value.fault is Fault.DAMAGED
    with pytest.raises(ValueError, match="too large"):
        written([bytes(65 << 20)], [])


@given(
    st.lists(st.integers(0, 3 * MESSAGES_LIMIT), max_size=12),
    st.lists(st.integers(1, 1 << 25), max_size=12),
    st.integers(1, 1 << 28),
)
def test_parts_hold_everything_once_in_order_and_none_is_too_large(
    messages: list[int], contents: list[int], limit: int
) -> None:
    parts = plan_parts(messages, contents, limit=limit)
    assert [size for some, _ in parts for size in messages[some]] == messages
    assert [size for _, some in parts for size in contents[some]] == contents
    for some, others in parts:
        sizes = messages[some] + contents[others]
        assert sum(sizes) <= limit or len([size for size in sizes if size]) <= 1
    if not messages and not contents:
        assert len(parts) == 1


class FullSink:
    """A stick on which there is no room for the second kilobyte."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._left = 1000

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise OSError(errno.ENOSPC, "no room")
        return self._sink.write(data)

    def flush(self) -> None:
        self._sink.flush()


class PulledSource(io.BytesIO):
    """A stick that is pulled while its inside is read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > 4:
            raise OSError(errno.EIO, "gone")
        return super().read(size)


def test_what_goes_wrong_in_a_stream_is_told_as_it_was() -> None:
    with pytest.raises(OSError, match="gone"):
        open_part(PulledSource(written([bytes(9000)], [])), Kind.TO_COUNTY, LOCK)

    def stopped() -> Iterator[bytes]:
        yield bytes(40)
        raise KeyError("stopped")

    with pytest.raises(KeyError, match="stopped"):
        write_part(io.BytesIO(), Kind.TO_COUNTY, HEADER, messages=[], contents=stopped(), key=KEY)


def test_names_and_codes_can_be_read_out() -> None:
    assert file_name(Kind.TO_COUNTY, HEADER, first_seq=1, last_seq=9) == "V532327101201-3-1-9.vsb"
    code = bundle_code(HEADER.bundle)
    assert len(code) == 9
    assert code[4] == "-"
    assert not set(code) & set("01ILO")


def test_under_its_name_there_is_a_whole_file_or_none(tmp_path: Path) -> None:
    path = tmp_path / "V1-1-1-1.vsb"
    whole = written([b"one"], [])

    def whole_file(sink: Sink) -> bytes:
        return write_part(sink, Kind.TO_COUNTY, HEADER, messages=[b"one"], contents=[], key=KEY)

    def full(sink: Sink) -> bytes:
        return write_part(FullSink(sink), Kind.TO_COUNTY, HEADER, messages=[bytes(9000)], contents=[], key=KEY)

    def altered(sink: Sink) -> bytes:
        sink.write(whole[:-1] + bytes([whole[-1] ^ 1]))
        return whole[-32:]

    def pulled(sink: Sink) -> bytes:
        shutil.rmtree(tmp_path / "stick")
        return whole_file(sink)

    with pytest.raises(OSError, match="no room"):
        write_checked(path, full, expected_bytes=1)
    with pytest.raises(OSError, match="no room"):
        write_checked(path, whole_file, expected_bytes=1 << 60)
    with pytest.raises(BundleError):
        write_checked(path, altered, expected_bytes=1)
    (tmp_path / "stick").mkdir()
    with pytest.raises(FileNotFoundError):
        write_checked(tmp_path / "stick" / path.name, pulled, expected_bytes=1)
    assert not list(tmp_path.iterdir())

    write_checked(path, whole_file, expected_bytes=1)
    with pytest.raises(OSError, match="no room"):
        write_checked(path, full, expected_bytes=1)
    with path.open("rb") as file:
        check_envelope(file)
    left = tmp_path / ".V1-1-1-1.vsb.77.part"
    left.write_bytes(b"half")
    sweep(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
