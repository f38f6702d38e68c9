"""From a real Excel file into the encrypted workspace and back, as the command line and the window do it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from desktop_app.demo.people import make_village
from desktop_app.households.queries import HouseholdFilter, list_households
from desktop_app.households.service import export_households, export_rejected_rows, import_households
from desktop_app.storage.access_log import list_access
from desktop_app.storage.workspace import Workspace
from tests.households.village import add_family, add_member, detail, fill, sheet_of, state
from tests.staff.acting import add, sit_down
from tests.workspaces import MakeWorkspace
from village_core.domain.errors import ProblemOutsideError, RefusedError, UserError
from village_core.domain.households.sheet_values import RowNote
from village_core.exchange.change_log import access_log


def test_the_report_has_the_documented_keys(workspace: Workspace, tmp_path: Path) -> None:
    rows = make_village(5, 6)
    rows[1]["证件号码"] = "5.32327E+17"
    rows[0]["爱好"] = "养蜂"
    report = import_households(workspace, sheet_of(tmp_path, rows)).as_json()
    assert list(report) == ["rows", "created", "updated", "unchanged", "rejected", "warnings"]
    assert (report["rows"], report["created"]) == (len(rows), len(rows) - 1)
    (rejected,) = report["rejected"]
    assert (rejected["row"], rejected["column"]) == (5, "证件号码")
    assert "Excel" in rejected["reason"]
    assert {"row", "column", "reason"} == set(report["warnings"][0])
    assert any(note["column"] == "爱好" and note["row"] == 3 for note in report["warnings"])


def test_a_dry_run_gives_the_same_figures_and_writes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    rows = make_village(5, 8)
    rows[3]["证件号码"] = "123"
    path = sheet_of(tmp_path, rows)
    before = state(workspace)
    dry = import_households(workspace, path, dry_run=True)
    assert state(workspace) == before
    assert import_households(workspace, path).as_json() == dry.as_json()
    again = import_households(workspace, path, dry_run=True)
    assert (again.created, again.unchanged) == (0, len(rows) - 1)


def test_importing_again_writes_nothing_at_all(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace, tmp_path)
    before = state(workspace)
    report = import_households(workspace, tmp_path / "农户.xlsx")
    assert state(workspace) == before
    assert not report.changes.topics


def test_what_changed_is_updated_and_nothing_else(workspace: Workspace, tmp_path: Path) -> None:
    rows = fill(workspace, tmp_path)
    entries = state(workspace)[3]
    rows[0]["联系电话"] = "13812345678"
    number = rows[0]["户编号"]
    for row in rows:
        if row["户编号"] == number:
            row["户类型"] = "突发严重困难户"
    report = import_households(workspace, sheet_of(tmp_path, rows))
    assert (report.created, report.updated) == (0, 1)
    assert state(workspace)[3] == entries + 2
    with workspace.reader() as reader:
        (found,) = list_households(reader, HouseholdFilter(text=number))
    assert found.kind == "突发严重困难户"


def test_the_export_is_complete_and_comes_back_unchanged(workspace: Workspace, tmp_path: Path) -> None:
    rows = make_village(7, 15)
    rows[0]["爱好"] = "养蜂"
    rows[2]["入户路"] = "水泥路"
    import_households(workspace, sheet_of(tmp_path, rows))
    out = tmp_path / "导出.xlsx"
    assert export_households(workspace, out) == len(rows)
    cells = CalamineWorkbook.from_path(str(out)).get_sheet_by_index(0).to_python()
    exported = [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]
    assert {row["证件号码"] for row in exported} == {row["证件号码"] for row in rows}
    assert all(isinstance(value, str) for row in exported for value in row.values())
    before = state(workspace)
    report = import_households(workspace, out)
    assert (report.rows, report.unchanged, report.rejected) == (len(rows), len(rows), ())
    assert state(workspace) == before


def test_the_export_is_noted_in_the_access_log(workspace: Workspace, tmp_path: Path) -> None:
    rows = fill(workspace, tmp_path)
    export_households(workspace, tmp_path / "导出.xlsx")
    with workspace.reader() as reader:
        noted = reader.session.execute(access_log.select().where(access_log.c.kind == "export")).one()
    assert noted.actor_name == "李琼仙"
    assert str(len(rows)) in noted.detail


def test_a_masked_export_shows_no_number_and_importing_it_changes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace, tmp_path)
    out = tmp_path / "遮住.xlsx"
    before = state(workspace)
    export_households(workspace, out, masked=True)
    cells = [
        str(cell) for row in CalamineWorkbook.from_path(str(out)).get_sheet_by_index(0).to_python() for cell in row
    ]
    assert any("****" in cell for cell in cells)
    assert not [cell for cell in cells if re.fullmatch(r"\d{11}|\d{15}|\d{17}[\dX]", cell)]
    report = import_households(workspace, out)
    assert report.rejected == ()
    assert state(workspace) == before
    with zipfile.ZipFile(out) as book:
        properties = book.read("docProps/core.xml").decode()
    assert "李琼仙" in properties
    assert "号码已遮住" in properties


def test_a_complete_export_is_noted_with_its_reason(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace, tmp_path, households=2)
    export_households(workspace, tmp_path / "全.xlsx", reason="填表上报")
    with workspace.reader() as reader:
        noted = reader.session.execute(access_log.select().where(access_log.c.kind == "export")).one()
    assert (noted.subject, noted.reason) == ("农户", "填表上报")
    assert "完整号码" in noted.detail


def test_an_export_into_a_folder_that_is_not_there_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace, tmp_path, households=2)
    with pytest.raises(ProblemOutsideError):
        export_households(workspace, tmp_path / "没有" / "导出.xlsx")


def test_the_export_of_one_workspace_fills_another(make_workspace: MakeWorkspace, tmp_path: Path) -> None:
    first, second = make_workspace("one"), make_workspace("two")
    rows = fill(first, tmp_path)
    export_households(first, tmp_path / "导出.xlsx")
    report = import_households(second, tmp_path / "导出.xlsx")
    assert (report.created, report.rejected) == (len(rows), ())
    export_households(second, tmp_path / "再导出.xlsx")

    def content(name: str) -> list[list[object]]:
        return CalamineWorkbook.from_path(str(tmp_path / name)).get_sheet_by_index(0).to_python()

    assert content("导出.xlsx") == content("再导出.xlsx")


def test_households_typed_by_hand_survive_export_and_import(workspace: Workspace, tmp_path: Path) -> None:
    household, *_ = add_family(workspace, note="第一行\n第二行", wage_fen=123456)
    add_member(workspace, household, {"name": "李桂芳", "relation": "配偶"})
    fill(workspace, tmp_path)
    export_households(workspace, tmp_path / "导出.xlsx")
    before = state(workspace)
    report = import_households(workspace, tmp_path / "导出.xlsx")
    assert (report.created, report.updated, report.rejected) == (0, 0, ())
    assert state(workspace) == before


def test_stopping_in_the_middle_leaves_everything_as_it_was(workspace: Workspace, tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    path = sheet_of(tmp_path, make_village(5, 80))
    before = state(workspace)
    steps: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        steps.append((done, total))
        if len(steps) > 2:
            raise StopError

    with pytest.raises(StopError):
        import_households(workspace, path, progress=stop)
    assert state(workspace) == before
    assert import_households(workspace, path).created > 80


def test_identity_numbers_stored_as_numbers_are_refused_with_their_rows(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "数字.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["户编号", "姓名", "证件号码", "与户主关系"])
        sheet.write_row(1, 0, ["1", "罗建国", "53232719750312457X", "户主"])
        sheet.write_number(1, 2, 532327197503124579)
        sheet.write_row(2, 0, ["1", "罗小松", "", "之子"])
        sheet.write_number(2, 2, 532327800101001)
    report = import_households(workspace, path)
    assert (report.created, [note.row for note in report.rejected]) == (1, [2])
    assert "Excel" in report.rejected[0].reason


def test_merged_household_cells_speak_for_all_their_rows(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "合并.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["组别", "户主姓名", "姓名", "与户主关系"])
        sheet.merge_range(1, 0, 2, 0, "大平地")
        sheet.merge_range(1, 1, 2, 1, "罗建国")
        sheet.write_row(1, 2, ["罗建国", "户主"])
        sheet.write_row(2, 2, ["罗小松", "之子"])
        sheet.write_row(3, 0, ["上村", "普天明", "普天明", "户主"])
    report = import_households(workspace, path)
    assert (report.created, report.rejected) == (3, ())
    with workspace.reader() as reader:
        found = {row.title: (row.group_name, row.size) for row in list_households(reader)}
    assert found == {"罗建国": ("大平地", 2), "普天明": ("上村", 1)}
    assert import_households(workspace, path).unchanged == 3


@pytest.mark.parametrize("content", [b"no table", b"<html><table></table></html>", b"PK\x03\x04broken"])
def test_a_file_that_is_no_sheet_is_refused(workspace: Workspace, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "坏.xlsx"
    path.write_bytes(content)
    before = state(workspace)
    with pytest.raises(RefusedError):
        import_households(workspace, path)
    assert state(workspace) == before


def test_rejected_rows_can_be_saved_as_a_sheet_without_numbers_marked_and_noted(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "没收.xlsx"
    notes = [
        RowNote(5, "证件号码", "身份证号应该是 18 位"),
        RowNote(6, "姓名", "“532327199001011234”不是姓名"),
        RowNote(7, "性别", "不认识“62170063170669”，可以填：男、女"),
        RowNote(8, "出生日期", "“19900231”不是真的日子，请像 19900131 这样填"),
    ]
    export_rejected_rows(workspace, path, notes)
    cells = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert cells[:2] == [["表里第几行", "哪一列", "为什么"], ["5", "证件号码", "身份证号应该是 18 位"]]
    assert [row[2] for row in cells[2:]] == [
        "“5323**********1234”不是姓名",
        "不认识“**********0669”，可以填：男、女",
        "“19900231”不是真的日子，请像 19900131 这样填",
    ]
    with zipfile.ZipFile(path) as book:
        sheet, properties = (book.read(name).decode() for name in ("xl/worksheets/sheet1.xml", "docProps/core.xml"))
    for part in (sheet, properties):
        assert "李琼仙" in part and "号码已遮住" in part
    with workspace.reader() as reader:
        entry = list_access(reader.session, limit=1)[0]
    assert (entry.kind, entry.subject, entry.detail) == ("export", "没有收下的行", "4 行，号码已遮住，写到 没收.xlsx")


def test_who_may_not_export_takes_no_rejected_rows_away(workspace: Workspace, tmp_path: Path) -> None:
    sit_down(workspace, add(workspace, "第一书记王", "第一书记"))
    with pytest.raises(UserError):
        export_rejected_rows(workspace, tmp_path / "没收.xlsx", [RowNote(5, "姓名", "没有姓名")])
    assert not (tmp_path / "没收.xlsx").exists()


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"note": words, "health": words, "education": words}), max_size=4))
def test_any_words_typed_by_hand_come_back_unchanged(
    make_workspace: MakeWorkspace, tmp_path_factory: pytest.TempPathFactory, members: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("words")
    workspace = make_workspace(folder.name)
    household, *_ = add_family(workspace)
    for place, values in enumerate(members):
        add_member(workspace, household, values | {"name": f"家人{'甲乙丙丁'[place]}", "relation": "其他"})
    export_households(workspace, folder / "导出.xlsx")
    before = state(workspace)
    report = import_households(workspace, folder / "导出.xlsx")
    assert (report.created, report.updated, report.rejected) == (0, 0, ())
    assert state(workspace) == before
    assert len(detail(workspace, household).members) == len(members) + 2
