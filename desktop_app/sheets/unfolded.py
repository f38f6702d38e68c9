"""How large a workbook becomes when it is read, found out before it is read.

The library that reads Excel lays each sheet out as a full grid: a file of 1 KB with one cell in the last corner would
ask for 500 GB, and no error could be caught then. So extents are counted here first, from the packed text itself.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

LARGEST_UNPACKED = 600 * 2**20
MOST_ENTRIES = 5000
MOST_CELLS = 8_000_000
"""Of the grid that a sheet spans, empty cells too."""
MOST_TEXT = 256 * 2**20
"""Bytes of text in all cells, a text that many cells share counted for each."""
_CHUNK = 1 << 20
_REFERENCE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,9})(\d{0,12})""")
_ROW = re.compile(rb"<(?:[^\s<>/:]{1,40}:)?row\b")
_CELL = re.compile(rb"<(?:[^\s<>/:]{1,40}:)?c[\s>/]")
_SHARED = re.compile(rb"<(?:[^\s<>/:]{1,40}:)?si\b")


class TooLargeError(Exception):
    """The workbook would become larger than is read here."""


class DamagedWorkbookError(Exception):
    """No workbook, or one that is not whole."""


@dataclass
class Extent:
    """What may be the most: rows and columns of the grid, cells that are there, the longest text they share."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    longest_shared: int = 0

    @property
    def grid(self) -> int:
        return self.rows * self.columns


_NO_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
)
"""What the libraries say to a damaged archive; `LookupError` for an entry without a name, or for an encoding that
nobody knows."""


def check_zipped(content: bytes) -> None:
    """Raise `TooLargeError` or `DamagedWorkbookError` for an .xlsx that must not be given to the library."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive)
    except _NO_ARCHIVE as error:
        raise DamagedWorkbookError(str(error)) from error


def _check_archive(archive: zipfile.ZipFile) -> None:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    names = {entry.filename.replace("\\", "/").lower() for entry in entries}
    if len(names) != len(entries) or "xl/workbook.xml" not in names:
        raise DamagedWorkbookError("no workbook, or names that stand twice")
    if names & {"xl/workbook.bin", "content.xml", "mimetype"}:
        raise DamagedWorkbookError("another kind of workbook")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise TooLargeError
    left = LARGEST_UNPACKED
    longest, cells, wide = 0, 0, []
    for entry in entries:
        with archive.open(entry) as stream:
            extent, size = _estimate(stream, left)
        left -= size
        longest, cells = max(longest, extent.longest_shared), max(cells, extent.cells)
        if extent.grid > MOST_CELLS:
            wide.append(entry)
    shares_much = longest * cells > MOST_TEXT
    lengths = _shared_lengths(archive, entries) if shares_much else []
    for entry in entries if shares_much else wide:
        _check_exactly(archive, entry, lengths)


def _estimate(stream: Any, left: int) -> tuple[Extent, int]:
    """An upper bound that no writing of the XML can slip under, by a few searches over its bytes; and its size."""
    found = Extent()
    size = rows = row_number = column_number = in_row = most_in_row = shared = 0
    rest = b""
    while True:
        chunk = stream.read(_CHUNK)
        size += len(chunk)
        if size > left:
            raise TooLargeError
        text = rest + chunk
        cut = text.rfind(b"<") if chunk else len(text)
        if cut < 0 or (len(text) - cut > _CHUNK and b">" in text[cut:]):
            cut = len(text)
        if len(text) - cut > _CHUNK:
            raise TooLargeError
        text, rest = text[:cut], text[cut:]
        for letters, digits in set(_REFERENCE.findall(text)):
            column_number = max(column_number, _column(letters))
            row_number = max(row_number, int(digits or b"0"))
        parts = _ROW.split(text)
        rows += len(parts) - 1
        for index, part in enumerate(parts):
            here = len(_CELL.findall(part))
            found.cells += here
            in_row = here + (in_row if index == 0 else 0)
            most_in_row = max(most_in_row, in_row)
        pieces = _SHARED.split(text)
        for index, piece in enumerate(pieces):
            shared = len(piece) + (shared if index == 0 else 0)
            found.longest_shared = max(found.longest_shared, shared)
        if not chunk:
            break
    if found.cells == 0:
        return Extent(longest_shared=found.longest_shared), size
    # Cells without a reference follow the one before them: in the worst case all of them lie behind the farthest.
    found.rows, found.columns = row_number + rows, column_number + most_in_row
    found.longest_shared = 0
    return found, size


def _check_exactly(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, lengths: list[int]) -> None:
    """What the cells with content span and say, by a real reading of the XML. Only for sheets that seem too large."""
    reading = _SheetReading(lengths)
    with archive.open(entry) as stream:
        if not _parse(stream, reading.start, reading.end, reading.text):
            return
    if reading.grid > MOST_CELLS or reading.told > MOST_TEXT:
        raise TooLargeError


class _SheetReading:
    def __init__(self, lengths: list[int]) -> None:
        self._lengths = lengths
        self._row = self._column = 0
        self._kind = ""
        self._value = ""
        self._within = ""
        self._top = self._left = 1 << 62
        self._bottom = self._right = 0
        self.told = 0

    @property
    def grid(self) -> int:
        return max(self._bottom - self._top + 1, 0) * max(self._right - self._left + 1, 0)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "row":
            self._row, self._column = self._number(attributes.get("r"), self._row), 0
        elif tag == "c":
            self._kind = attributes.get("t", "")
            told = attributes.get("r")
            match = re.fullmatch(r"([A-Za-z]{1,9})([0-9]{1,12})", told or "")
            if match:
                self._column, self._row = _column(match[1].encode()), int(match[2])
            elif told is not None:
                raise DamagedWorkbookError("a place that is none")
            else:
                self._column += 1
        elif tag in ("v", "t", "f"):
            self._within, self._value = tag, ""

    @staticmethod
    def _number(told: str | None, before: int) -> int:
        if told is None:
            return before + 1
        if not re.fullmatch("[0-9]{1,12}", told):
            raise DamagedWorkbookError("a row without a number")
        return int(told)

    def text(self, text: str) -> None:
        if self._within:
            self.told += len(text)
            if len(self._value) < 20:
                self._value += text

    def end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag not in ("v", "t", "f"):
            return
        self._within = ""
        self._top, self._bottom = min(self._top, self._row), max(self._bottom, self._row)
        self._left, self._right = min(self._left, self._column), max(self._right, self._column)
        number = self._value.strip()
        if tag == "v" and self._kind == "s" and number.isascii() and number.isdigit() and len(number) < 12:
            place = int(number)
            self.told += self._lengths[place] if place < len(self._lengths) else 0
        if self.told > MOST_TEXT:
            raise TooLargeError


def _shared_lengths(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> list[int]:
    """How long each shared text is; of several such lists the longest counts."""
    longest: list[int] = []
    for entry in entries:
        lengths: list[int] = []

        def start(name: str, _: dict[str, str], found: list[int] = lengths) -> None:
            if name.rpartition(":")[2] == "si":
                found.append(0)

        def text(text: str, found: list[int] = lengths) -> None:
            if found:
                found[-1] += len(text)

        with archive.open(entry) as stream:
            _parse(stream, start, lambda _: None, text)
        longest += [0] * (len(lengths) - len(longest))
        for place, length in enumerate(lengths):
            longest[place] = max(longest[place], length)
    return longest


def _parse(
    stream: Any,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> bool:
    """Whether it is XML. What declares entities of its own is refused: no office program writes such a file."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.EntityDeclHandler = _refuse_entity
    begun = False
    try:
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            if not begun and not chunk.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
                return False
            begun = True
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DamagedWorkbookError(str(error)) from error
    return True


def _refuse_entity(*_: object) -> None:
    raise DamagedWorkbookError("entities of its own")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
