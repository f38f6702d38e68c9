"""Formulas: what leaves in a workbook is text to Excel, and comes back unchanged; what would run is never run."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from desktop_app.households.excel import ExportTable, write_household_sheet
from desktop_app.sheets.reader import MOST_ROWS, read_sheet
from desktop_app.storage.watermark import Watermark
from tests.fuzz.door import corpus
from tests.fuzz.file_doors import HEADERS, workbook
from village_core.domain.clock import CHINA
from village_core.domain.errors import RefusedError

FORMULAS = (
    "=1+1",
    "=cmd|'/c calc'!A1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    '=HYPERLINK("http://a")',
    "{=1}",
    "http://a.cn",
)


def test_what_looks_like_a_formula_leaves_as_text_and_comes_back_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    mark = Watermark("=1+1", datetime(2026, 11, 23, 14, 5, tzinfo=CHINA), "太平村")
    write_household_sheet(path, ExportTable(HEADERS, tuple((one, one, one) for one in FORMULAS)), mark=mark)
    with zipfile.ZipFile(path) as archive:
        assert not any("externalLink" in name for name in archive.namelist())
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f" not in sheet
    assert "<hyperlink" not in sheet
    assert sheet.count('t="s"') == len(HEADERS) * (len(FORMULAS) + 1)
    read = read_sheet(path, wanted_headers=HEADERS)
    assert [row.texts[0] for row in read.rows] == [one.strip() for one in FORMULAS]


def test_a_row_too_many_is_told_with_the_number_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    out = io.BytesIO()
    row = f'<row r="{MOST_ROWS + 1}"><c r="A{MOST_ROWS + 1}" t="str"><v>x</v></c></row></sheetData>'.encode()
    with zipfile.ZipFile(io.BytesIO(workbook())) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in good.infolist():
            made.writestr(entry.filename, good.read(entry).replace(b"</sheetData>", row))
    path.write_bytes(out.getvalue())
    with pytest.raises(RefusedError, match=f"{MOST_ROWS + 1} 行"):
        read_sheet(path, wanted_headers=HEADERS)


def test_nothing_is_written_beside_a_workbook_whose_names_leave_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    for number, content in enumerate(corpus("sheet")):
        path = folder / f"{number}.xlsx"
        path.write_bytes(content)
        try:
            read_sheet(path, wanted_headers=HEADERS)
        except RefusedError as refused:
            assert refused.safe
            assert refused.next_step
    assert [one.name for one in tmp_path.iterdir()] == ["inside"]
