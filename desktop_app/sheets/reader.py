"""Reads one Excel sheet as text: finds the header, resolves merged cells, refuses what is no table, in Chinese."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from desktop_app.sheets.text import AROUND, cell_text, header_key
from desktop_app.sheets.unfolded import MOST_CELLS, DamagedWorkbookError, TooLargeError, check_zipped
from desktop_app.sheets.unfolded_binary import check_binary
from village_core.domain.errors import ProblemOutsideError, RefusedError

LARGEST_FILE = 60 * 2**20
MOST_ROWS = 200_000
MOST_SHEETS = 100
HEADER_ROWS = 3
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_SAFE = "电脑里的资料没有改动。"
_SPLIT = "请分成几个文件再导入。"


class SheetRow(NamedTuple):
    """One row that is not blank: its number in the sheet (the first row is 1) and its texts by column position."""

    number: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A table read as text. `columns` says where each header stands; keys are made by `header_key`."""

    name: str
    header_row: int
    columns: Mapping[str, int]
    rows: tuple[SheetRow, ...]
    repeated: tuple[str, ...] = field(default=())
    """Headers that stand more than once; the first column of the name counts."""

    def find_column(self, names: Collection[str]) -> int | None:
        """The position of the first of these headers (a name and its synonyms) that the sheet has."""
        for name in names:
            position = self.columns.get(header_key(name))
            if position is not None:
                return position
        return None


def read_sheet(path: Path, *, wanted_headers: Collection[str], least_headers: int = 2) -> Sheet:
    """The first visible sheet whose row 1, 2 or 3 holds at least `least_headers` of the wanted headers.

    Raises RefusedError for a file that is no such table, ProblemOutsideError when it cannot be read from disk.
    """
    wanted = {header_key(name) for name in wanted_headers}
    with _explained(path), _open_workbook(path) as workbook:
        cells = 0
        for sheet in _visible_sheets(workbook):
            height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
            if height > MOST_ROWS:
                raise _refused(f"“{path.name}”有 {height} 行，太多了。", f"一个文件最多 {MOST_ROWS} 行，{_SPLIT}")
            cells += height * width
            if cells > MOST_CELLS:
                raise TooLargeError
            grid = _text_grid(sheet)
            header_row = _find_header(grid, wanted=wanted, least=least_headers)
            if header_row is not None:
                return _table(sheet.name, grid, header_row=header_row)
    raise _refused(
        f"“{path.name}”的前 {HEADER_ROWS} 行里没有找到表头。",
        f"请检查是不是选错了文件；表头要有：{'、'.join(list(wanted_headers)[:6])}。",
    )


def _table(name: str, grid: list[list[str]], *, header_row: int) -> Sheet:
    columns: dict[str, int] = {}
    repeated = []
    for position, title in enumerate(grid[header_row]):
        key = header_key(title)
        if key in columns:
            repeated.append(title)
        elif key:
            columns[key] = position
    rows = tuple(
        SheetRow(number, tuple(texts))
        for number, texts in enumerate(grid[header_row + 1 :], start=header_row + 2)
        if any(texts)
    )
    return Sheet(name, header_row + 1, columns, rows, tuple(repeated))


def _find_header(grid: list[list[str]], *, wanted: set[str], least: int) -> int | None:
    scores = [len(wanted.intersection(map(header_key, texts))) for texts in grid[:HEADER_ROWS]]
    best = max(scores, default=0)
    return scores.index(best) if best >= max(1, least) else None


def _text_grid(sheet: CalamineSheet) -> list[list[str]]:
    grid = [_texts(values) for values in sheet.to_python(skip_empty_area=False)]
    filled = 0
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        # A merged cell speaks for each of its rows; to the right it stays one cell (titles, signatures).
        if top >= len(grid) or left >= len(grid[top]):
            continue
        filled += max(min(bottom + 1, len(grid)) - top, 1)
        if filled > MOST_CELLS:
            raise TooLargeError
        for below in range(top + 1, min(bottom + 1, len(grid))):
            grid[below][left] = grid[top][left]
    return grid


def _texts(values: list[Any]) -> list[str]:
    """The cells of a row as texts. Most rows hold nothing but clean text: that is asked once a row, not once a cell."""
    try:
        whole = "\0".join(values)
    except TypeError:
        return [cell_text(value) for value in values]
    if any(char in whole for char in AROUND):
        return [value.strip(AROUND) for value in values]
    return values


def _visible_sheets(workbook: CalamineWorkbook) -> Iterator[CalamineSheet]:
    visible = (one for one in workbook.sheets_metadata if one.visible == SheetVisibleEnum.Visible)
    for place, metadata in enumerate(visible):
        if place < MOST_SHEETS:
            yield workbook.get_sheet_by_name(metadata.name)


def _open_workbook(path: Path) -> CalamineWorkbook:
    content = _read_content(path)
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml")):
        raise _refused(
            f"“{path.name}”不是真正的 Excel 文件，是改了名字的网页。",
            "请用 WPS 或 Excel 打开它，另存为“Excel 工作簿（.xlsx）”后再导入。",
        )
    if content.startswith(_OLE) and _ENCRYPTED_PACKAGE in content:
        raise _protected(path)
    if content.startswith(b"PK"):
        check_zipped(content)
    elif content.startswith(_OLE):
        check_binary(content)
    else:
        raise DamagedWorkbookError("neither kind of workbook")
    return CalamineWorkbook.from_object(io.BytesIO(content))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Whatever is wrong with the file, in words. The library is written in Rust: where it did not foresee a file it
    panics, which is no `Exception`."""
    try:
        yield
    except TooLargeError:
        raise _refused(f"“{path.name}”解开后太大了。", f"请删去空着的行和列；还是太大，{_SPLIT}") from None
    except PasswordError:
        raise _protected(path) from None
    except (CalamineError, DamagedWorkbookError, OSError, ValueError, OverflowError) as error:
        raise _damaged(path) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(path) from None


def _read_content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise _refused(f"“{path.name}”有 {size // 2**20} MB，太大了。", "请删去图片或分成几个文件再导入。")
        return path.read_bytes()
    except FileNotFoundError:
        raise _refused(f"找不到文件“{path}”。", "请检查文件名和所在的文件夹；U盘要先插好。") from None
    except OSError as error:
        raise ProblemOutsideError(
            f"文件“{path.name}”读不出来（{error.strerror}）。",
            safe=_SAFE,
            next_step="如果它正在 WPS 或 Excel 里开着，请先关掉；在U盘上就先拷到电脑里，再试一次。",
        ) from None


def _damaged(path: Path) -> RefusedError:
    return _refused(
        f"“{path.name}”打不开，不是 Excel 文件，或者已经损坏。",
        "请用 WPS 或 Excel 打开看看，另存为“Excel 工作簿（.xlsx）”后再导入。",
    )


def _protected(path: Path) -> RefusedError:
    return _refused(
        f"“{path.name}”设了打开密码，读不了。",
        "请用 WPS 或 Excel 打开它，去掉密码，另存一份再导入；导完记得删掉没有密码的那份。",
    )


def _refused(what: str, next_step: str) -> RefusedError:
    return RefusedError(what, safe=_SAFE, next_step=next_step)
