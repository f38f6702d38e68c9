"""Writes sheets of households: the complete export, and the list of rows that an import left out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from desktop_app.sheets.watermark import mark_workbook
from desktop_app.storage.files import write_whole
from desktop_app.storage.watermark import Watermark
from village_core.domain.households.fields import Field, FieldValue, Kind
from village_core.domain.households.sheet_values import RowNote
from village_core.domain.masking import cover_unread
from village_core.domain.money import plain_yuan

REJECTED = "没有收下的行"
_WIDEST = 24


@dataclass(frozen=True)
class ExportTable:
    """Headers and rows of text, one row a person, households one after another."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def cell_text_of(field: Field, value: FieldValue) -> str:
    """A value as the national export writes it; the import reads it back as the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    if field.kind is Kind.MONEY:
        return plain_yuan(int(value))
    if field.kind is Kind.MONTH:
        return str(value).replace("-", "")
    return str(value)


def write_household_sheet(path: Path, table: ExportTable, *, mark: Watermark, note: str = "") -> None:
    """All cells are text: Excel must not make numbers of identity numbers."""
    _write(path, "农户", table.headers, table.rows, mark=mark, note=note)


def write_rejected_rows(path: Path, notes: Sequence[RowNote], *, mark: Watermark) -> None:
    """The rows that an import did not take, to mend in the source and import again. Numbers are covered: the row
    tells which cell is meant."""
    rows = tuple((str(note.row), cover_unread(note.column), cover_unread(note.reason)) for note in notes)
    _write(path, REJECTED, ("表里第几行", "哪一列", "为什么"), rows, mark=mark, note="号码已遮住")


def _write(
    path: Path,
    title: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    mark: Watermark,
    note: str,
) -> None:
    import xlsxwriter  # slow to load and wanted here only

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet(title)
        bold = book.add_format({"bold": True, "bg_color": "#E8F3EC", "border": 1, "text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@"})
        for column, header in enumerate(headers):
            sheet.write_string(0, column, header, bold)
            widest = max((len(row[column]) for row in rows[:200]), default=0)
            sheet.set_column(column, column, min(_WIDEST, max(len(header), widest) + 4), text)
        for index, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if value:
                    sheet.write_string(index, column, value, text)
        sheet.freeze_panes(1, 0)
        mark_workbook(book, [sheet], mark, title=title, note=note)
    write_whole(path, content.getvalue())
