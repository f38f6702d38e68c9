"""Reading sheets: headers on rows 1 to 3, text as Excel shows it, and files that only look like Excel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from desktop_app.sheets import reader, unfolded
from desktop_app.sheets.reader import SheetRow, read_sheet
from desktop_app.sheets.text import cell_text, header_key
from village_core.domain.errors import ProblemOutsideError, RefusedError

WANTED = ("姓名", "证件号码", "人数")


def make_file(path: Path, fill: Callable[[xlsxwriter.Workbook, Worksheet], None]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        fill(workbook, workbook.add_worksheet("表"))
    return path


@pytest.mark.parametrize("above", [0, 1, 2])
def test_header_is_found_on_row_one_two_or_three(tmp_path: Path, above: int) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        for row in range(above):
            sheet.write(row, 0, "导出时间：2026-10-08")
        sheet.write_row(above, 0, ["姓 名", "证件号码\n", "备注（元）"])
        sheet.write_row(above + 2, 0, ["张梓", " 532327196102110331 ", 12.5])

    sheet = read_sheet(make_file(tmp_path / "a.xlsx", fill), wanted_headers=WANTED)
    assert sheet.header_row == above + 1
    assert sheet.columns == {"姓名": 0, "证件号码": 1, "备注": 2}
    assert sheet.rows == (SheetRow(above + 3, ("张梓", "532327196102110331", "12.5")),)
    assert sheet.find_column(("名字", "姓名")) == 0
    assert sheet.find_column(("名字",)) is None


def test_merged_cell_speaks_for_each_of_its_rows_but_not_to_the_right(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["人数", "姓名", "证件号码"])
        sheet.merge_range(1, 0, 2, 0, "2")
        sheet.write(1, 1, "甲")
        sheet.merge_range(2, 1, 2, 2, "乙")

    sheet = read_sheet(make_file(tmp_path / "a.xlsx", fill), wanted_headers=WANTED)
    assert [row.texts for row in sheet.rows] == [("2", "甲", ""), ("2", "乙", "")]


def test_second_sheet_serves_when_the_first_is_a_cover_or_hidden(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.add_worksheet("封面").write(0, 0, "说明")
        hidden = workbook.add_worksheet("旧表")
        hidden.write_row(0, 0, list(WANTED))
        hidden.hide()
        workbook.add_worksheet("新表").write_row(1, 0, list(WANTED))
    assert read_sheet(path, wanted_headers=WANTED).name == "新表"


def test_repeated_header_keeps_the_first_column_and_is_told(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.xlsx", lambda _, s: s.write_row(0, 0, ["姓名", "人数", "姓名"]))
    sheet = read_sheet(path, wanted_headers=WANTED)
    assert sheet.columns["姓名"] == 0
    assert sheet.repeated == ("姓名",)


def test_numbers_and_dates_read_as_excel_shows_them(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["姓名", "证件号码", "人数", "日期", "算式", "对错"])
        sheet.write(1, 0, "张")
        sheet.write_number(1, 1, 532327196102110331)
        sheet.write_number(1, 2, 3)
        sheet.write_datetime(1, 3, datetime(2025, 1, 16), day)
        sheet.write_formula(1, 4, "=A1", None, 727.9899999999999)
        sheet.write_boolean(1, 5, True)

    rows = read_sheet(make_file(tmp_path / "a.xlsx", fill), wanted_headers=WANTED).rows
    assert rows[0].texts == ("张", "5.3232719610211E+17", "3", "2025-01-16", "727.99", "是")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1200.5, "1200.5"),
        (0.1 + 0.2, "0.3"),
        (13577777777.0, "13577777777"),
        (532327196102110331, "5.3232719610211E+17"),
        (datetime(2025, 1, 1, 8, 30), "2025-01-01 08:30"),
        ("\u3000李琼仙\ufeff", "李琼仙"),
        (None, ""),
    ],
)
def test_cell_text(value: object, text: str) -> None:
    assert cell_text(value) == text


@pytest.mark.parametrize("spelling", ["自然村(组)", "自然村（组）", " 自然村\n（组）*", "自然村(组)（必填）"])
def test_header_spellings_meet(spelling: str) -> None:
    assert header_key(spelling) == "自然村(组)"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("网页.xls", b"\xef\xbb\xbf<html><table></table></html>", "网页"),
        ("密.xlsx", reader._OLE + b"\0" * 600 + reader._ENCRYPTED_PACKAGE, "密码"),
        ("空.xlsx", b"", "打不开"),
        ("断.xlsx", b"PK\x03\x04\x14\x00half", "打不开"),
        ("图.jpg", b"\xff\xd8\xff\xe0", "打不开"),
        ("表.csv", "姓名,证件号码\n甲,1\n".encode("gb18030"), "打不开"),
    ],
)
def test_file_that_is_no_excel_is_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RefusedError, match=words) as refusal:
        read_sheet(path, wanted_headers=WANTED)
    assert refusal.value.safe
    assert refusal.value.next_step


def test_excel_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.xlsx", lambda _, s: s.write_row(0, 0, list(WANTED)))
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(RefusedError, match="打不开"):
        read_sheet(path, wanted_headers=WANTED)


def test_missing_file_and_folder_and_foreign_table_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="找不到"):
        read_sheet(tmp_path / "没有.xlsx", wanted_headers=WANTED)
    with pytest.raises(ProblemOutsideError, match="读不出来"):
        read_sheet(tmp_path, wanted_headers=WANTED)
    path = make_file(tmp_path / "a.xlsx", lambda _, s: s.write_row(0, 0, ["品名", "数量"]))
    with pytest.raises(RefusedError, match="没有找到表头"):
        read_sheet(path, wanted_headers=WANTED)


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_file(tmp_path / "a.xlsx", lambda _, s: s.write_row(0, 0, list(WANTED)))
    monkeypatch.setattr(reader, "LARGEST_FILE", 10)
    with pytest.raises(RefusedError, match="太大"):
        read_sheet(path, wanted_headers=WANTED)
    monkeypatch.undo()
    monkeypatch.setattr(unfolded, "LARGEST_UNPACKED", 10)
    with pytest.raises(RefusedError, match="太大"):
        read_sheet(path, wanted_headers=WANTED)
    monkeypatch.undo()
    monkeypatch.setattr(reader, "MOST_ROWS", 0)
    with pytest.raises(RefusedError, match="太多"):
        read_sheet(path, wanted_headers=WANTED)
