"""The same question for the old binary .xls: how far its cells reach, and whether its chains of sectors end."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from desktop_app.sheets.unfolded import MOST_CELLS, MOST_TEXT, DamagedWorkbookError, TooLargeError

_NO_SECTOR = 0xFFFFFFFA
"""From here on a number names no sector."""
_STREAMS = ("workbook", "book")
_BEGIN, _SHARED_CELL = 0x0809, 0x00FD
_SINGLE_CELLS = {0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x007E, 0x00D6, 0x00FD}
_SINGLE_CELLS |= {0x0201, 0x0203, 0x0204, 0x0205, 0x0206, 0x027E, 0x0406}
_CELLS_OF_A_ROW = {0x00BD, 0x00BE}
_LONGEST_TEXT = 3 * 65535
_DIMENSIONS, _SHARED_TEXTS, _CONTINUE = {0x0000, 0x0200}, 0x00FC, 0x003C


@dataclass
class _File:
    content: bytes
    sector: int
    mini_sector: int
    cutoff: int
    table: tuple[int, ...]
    mini_table: tuple[int, ...] = ()
    mini: bytes = b""

    def at(self, number: int) -> bytes:
        return self.content[(number + 1) * self.sector : (number + 2) * self.sector]

    def read(self, start: int) -> bytes:
        return b"".join(self.at(number) for number in chain(self.table, start))

    def read_stream(self, start: int, size: int) -> bytes:
        if size >= self.cutoff:
            return self.read(start)[:size]
        width = self.mini_sector
        pieces = (self.mini[number * width : (number + 1) * width] for number in chain(self.mini_table, start))
        return b"".join(pieces)[:size]


def check_binary(content: bytes) -> None:
    """Raise `TooLargeError` or `DamagedWorkbookError` for an .xls that must not be given to the library."""
    try:
        for stream in _streams(content):
            _check_records(stream)
    except (struct.error, IndexError) as error:
        raise DamagedWorkbookError(str(error)) from error


def chain(table: tuple[int, ...], start: int) -> Iterator[int]:
    """The sectors of a chain; one that comes back to itself or leaves the table is damaged."""
    left = len(table)
    while start < _NO_SECTOR:
        if start >= len(table) or left == 0:
            raise DamagedWorkbookError("a chain without an end")
        left -= 1
        yield start
        start = table[start]


def _streams(content: bytes) -> list[bytes]:
    """The streams that hold sheets. All chains of the file are followed once: the library follows them all."""
    shift, mini_shift = struct.unpack_from("<HH", content, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise DamagedWorkbookError("sectors of another size")
    directory, cutoff, mini_start = (*struct.unpack_from("<I", content, 48), *struct.unpack_from("<II", content, 56))
    file = _File(content, 1 << shift, 1 << mini_shift, cutoff, ())
    file.table = _allocation(file)
    file.mini_table = _numbers(file.read(mini_start))
    entries = file.read(directory)
    found = [entries[at : at + 128] for at in range(0, len(entries) - 127, 128)]
    if not found:
        raise DamagedWorkbookError("no directory")
    file.mini = file.read(struct.unpack_from("<I", found[0], 116)[0])
    streams, followed = [], 0
    for entry in found[1:]:
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)][:62].decode("utf-16-le", "replace").lower()
        start, size = struct.unpack_from("<II", entry, 116)
        if entry[66] != 2:
            continue
        stream = file.read_stream(start, size)
        followed += len(stream)
        if followed > 2 * len(content):
            raise DamagedWorkbookError("streams that share their sectors")
        if name in _STREAMS:
            streams.append(stream)
    return streams


def _allocation(file: _File) -> tuple[int, ...]:
    """The table of sectors, whose own sectors are listed in the head and in further lists behind it."""
    listed = [number for number in struct.unpack_from("<109I", file.content, 76) if number < _NO_SECTOR]
    further, seen = struct.unpack_from("<I", file.content, 68)[0], 0
    while further < _NO_SECTOR:
        seen += 1
        numbers = _numbers(file.at(further))
        if seen > len(file.content) // file.sector or not numbers:
            raise DamagedWorkbookError("a list without an end")
        listed += [number for number in numbers[:-1] if number < _NO_SECTOR]
        further = numbers[-1]
    if len(listed) > len(file.content) // file.sector + 1:
        raise DamagedWorkbookError("more sectors than bytes")
    return _numbers(b"".join(file.at(number) for number in listed))


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _check_records(stream: bytes) -> None:
    """Walk the records of all sheets; each begins with a record of its own, which starts the count anew."""
    at = rows = columns = previous = 0
    texts: list[bytes] = []
    used: Counter[int] = Counter()
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body, at = at + 4, at + 4 + length
        if at > len(stream):
            raise DamagedWorkbookError("a record behind the end")
        if kind == _SHARED_TEXTS or (kind == _CONTINUE and texts and previous in (_SHARED_TEXTS, _CONTINUE)):
            texts = [stream[body:at]] if kind == _SHARED_TEXTS else [*texts, stream[body:at]]
        elif kind == _BEGIN:
            rows = columns = 0
        elif kind in _SINGLE_CELLS and length >= 4:
            row, column = struct.unpack_from("<HH", stream, body)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if kind == _SHARED_CELL and length >= 10:
                used[struct.unpack_from("<I", stream, body + 6)[0]] += 1
        elif kind in _CELLS_OF_A_ROW and length >= 6:
            row = struct.unpack_from("<H", stream, body)[0]
            last = struct.unpack_from("<H", stream, at - 2)[0]
            rows, columns = max(rows, row + 1), max(columns, last + 1)
        elif kind in _DIMENSIONS and length >= 10:
            # The library makes room for what is told here, whatever cells there are, and subtracts unseeingly.
            wide = length >= 14
            first, behind = struct.unpack_from("<II" if wide else "<HH", stream, body)
            left, right = struct.unpack_from("<HH", stream, body + (8 if wide else 4))
            if behind > 1 << 16 or right > 1 << 8:
                raise TooLargeError
            if first > behind or left > right:
                raise DamagedWorkbookError("an end before its beginning")
        previous = kind
        if rows * columns > MOST_CELLS:
            raise TooLargeError
    if sum(used.values()) * min(sum(map(len, texts)), _LONGEST_TEXT) > MOST_TEXT:
        lengths = _text_lengths(texts)
        if sum(count * lengths[place] for place, count in used.items() if place < len(lengths)) > MOST_TEXT:
            raise TooLargeError


def _text_lengths(pieces: list[bytes]) -> list[int]:
    """How many characters each shared text has. Where one goes on in the next record, a byte says anew how wide."""
    if len(pieces[0]) < 8:
        raise DamagedWorkbookError("no list of texts")
    told = struct.unpack_from("<I", pieces[0], 4)[0]
    ends = list(accumulate(map(len, pieces)))
    joined = b"".join(pieces)
    lengths: list[int] = []
    at, place = 8, 0
    while len(lengths) < told and at + 3 <= len(joined):
        length, flags = struct.unpack_from("<HB", joined, at)
        at += 3
        extra = 0
        if flags & 8:
            extra += 4 * struct.unpack_from("<H", joined, at)[0]
            at += 2
        if flags & 4:
            extra += struct.unpack_from("<I", joined, at)[0]
            at += 4
        lengths.append(length)
        left, width = length, 2 if flags & 1 else 1
        while place < len(ends) and ends[place] <= at:
            place += 1
        while place < len(ends) and left * width > ends[place] - at:
            left -= (ends[place] - at) // width
            at = ends[place]
            place += 1
            if at >= len(joined):
                break
            width = 2 if joined[at] & 1 else 1
            at += 1
        at += left * width + extra
    return lengths
