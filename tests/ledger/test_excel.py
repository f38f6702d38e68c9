"""Vouchers from Excel: whole or not at all, the same figures dry and wet, and out again without a change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.ledger import queries
from desktop_app.ledger.chart import load_chart
from desktop_app.ledger.excel import export_vouchers, import_vouchers
from desktop_app.ledger.import_report import ImportReport
from desktop_app.ledger.service import lock_month, reverse_voucher
from desktop_app.ledger.sheet_lines import parse_sheet_date
from desktop_app.storage.workspace import Workspace
from tests.ledger.books import closing, open_accounts, post
from tests.ledger.sheets import BOOKS, HEADER, OPENING, RENT, REPAIR, Row, write_sheet
from tests.workspaces import MakeWorkspace, do
from village_core.domain.errors import RefusedError
from village_core.domain.ledger.trial_balance import totals_of

YEAR = {"start": date(2025, 1, 1), "end": date(2025, 12, 31)}


def take(workspace: Workspace, path: Path, rows: Sequence[Row], *, above: int = 0) -> ImportReport:
    """Import a sheet of these rows, after a dry run that must have said the same."""
    file = write_sheet(path / "凭证.xlsx", rows, above=above)
    dry = import_vouchers(workspace, file, dry_run=True)
    wet = import_vouchers(workspace, file)
    assert dry.as_json() == wet.as_json()
    assert wet.rows == wet.created + wet.unchanged + len(wet.rejected)
    assert len({note.row for note in wet.rejected}) == len(wet.rejected)
    return wet


def reasons(report: ImportReport) -> dict[int, str]:
    return {note.row: f"{note.column}：{note.reason}" for note in report.rejected}


def test_books_come_in_posted_marked_and_with_their_numbers(workspace: Workspace, tmp_path: Path) -> None:
    report = take(workspace, tmp_path, BOOKS)
    assert (report.rows, report.created, report.vouchers, report.rejected, report.warnings) == (9, 9, 2, (), ())
    assert report.new_accounts == ("10201", "50103", "51402")
    with workspace.reader() as reader:
        vouchers = queries.list_vouchers(reader)
        rows = queries.trial_balance(reader, **YEAR)
    assert [(v.number_text, v.kind, v.paper_count) for v in vouchers] == [
        ("期初", "opening", 0),
        ("记-1", "imported", 2),
        ("记-1", "imported", 1),
    ]
    assert [(r.code, r.leaf, r.opening_fen, r.debit_fen, r.credit_fen) for r in rows if r.code.startswith("102")] == [
        ("102", False, 879950, 206727, 32707),
        ("10201", True, 879950, 206727, 32707),
    ]
    assert totals_of(rows).balanced


def test_a_dry_run_writes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    import_vouchers(workspace, write_sheet(tmp_path / "a.xlsx", BOOKS), dry_run=True)
    with workspace.reader() as reader:
        assert queries.list_vouchers(reader) == ()
        assert load_chart(reader).find("10201") is None


def test_the_same_sheet_again_changes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    take(workspace, tmp_path, BOOKS)
    report = take(workspace, tmp_path, [*reversed(BOOKS)])
    assert (report.rows, report.unchanged, report.created, report.vouchers) == (9, 9, 0, 0)


@pytest.mark.parametrize("above", [1, 2])
def test_header_on_row_two_or_three_keeps_the_sheets_own_row_numbers(
    workspace: Workspace, tmp_path: Path, above: int
) -> None:
    bad = ("2025-01-20", "记-9", "坏行", "10201", "基本户", "一百", "", "")
    report = take(workspace, tmp_path, [*BOOKS, bad], above=above)
    assert list(reasons(report)) == [len(BOOKS) + 1 + above + 1]


def test_new_rows_join_what_is_there_and_numbers_go_on(workspace: Workspace, tmp_path: Path) -> None:
    take(workspace, tmp_path, BOOKS)
    more = [*BOOKS, *[("2025-01-20", "记-2", *row[2:]) for row in RENT]]
    report = take(workspace, tmp_path, more)
    assert (report.created, report.unchanged, report.vouchers) == (2, 9, 1)
    assert post(workspace, ("10201", 5), ("50103", -5), on=date(2025, 1, 31)).number_text == "记-3"


BAD_CELLS = [
    (0, "2025-13-01", "日期", "不是日期"),
    (0, "", "日期", "没有填"),
    (1, "记", "凭证号", "不是凭证号"),
    (1, "", "凭证号", "没有填"),
    (3, "1020", "科目编码", "位数"),
    (3, "银行", "科目编码", "不是科目编码"),
    (3, "", "科目编码", "没有填"),
    (3, "199", "科目编码", "没有"),
    (3, "1990101", "科目编码", "上级科目"),
    (5, "12.345", "借方金额", "超过两位"),
    (5, "1O0", "借方金额", "不是金额"),
    (5, "-2067.27", "借方金额", "负数"),
    (5, "", "借方金额", "没有金额"),
    (5, "2067.28", "借方金额", "借贷不平"),
    (6, "5", "借方金额", "只能填一个"),
    (7, "两张", "附件张数", "不是张数"),
]


@pytest.mark.parametrize(("column", "text", "named", "words"), BAD_CELLS)
def test_one_bad_cell_leaves_out_its_whole_voucher_and_no_other(
    workspace: Workspace, tmp_path: Path, column: int, text: str, named: str, words: str
) -> None:
    bad_row = [*RENT[0]]
    bad_row[column] = text
    report = take(workspace, tmp_path, [*OPENING, bad_row, RENT[1], *REPAIR])
    told = reasons(report)
    assert set(told) == {6, 7}
    assert told[6].startswith(f"{named}：") or told[7].startswith(f"{named}：")
    assert words in told[6] + told[7]
    assert (report.created, report.vouchers) == (7, 1)
    with workspace.reader() as reader:
        assert load_chart(reader).find("50103") is None


def test_amounts_stored_as_numbers_and_true_dates_are_read(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "数.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        page = workbook.add_worksheet()
        day = workbook.add_format({"num_format": "yyyy/m/d"})
        page.write_row(0, 0, HEADER)
        for number, row in enumerate(RENT, start=1):
            page.write_row(number, 0, row)
            page.write_datetime(number, 0, datetime(2025, 1, 16), day)
            page.write_number(number, 3, int(str(row[3])))
        page.write_number(1, 5, 2067.27)
        page.write_formula(2, 6, "=F2", None, 2067.2700000000004)
    report = import_vouchers(workspace, path)
    assert (report.created, report.rejected) == (2, ())
    assert closing(workspace, **YEAR)["50103"] == -206727


def test_cells_merged_over_a_voucher_count_for_each_of_its_rows(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "并.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        page = workbook.add_worksheet()
        page.write_row(0, 0, HEADER)
        for number, row in enumerate(RENT, start=1):
            page.write_row(number, 3, row[3:])
        for column in range(3):
            page.merge_range(1, column, 2, column, str(RENT[0][column]))
    assert import_vouchers(workspace, path).vouchers == 1


def test_synonyms_and_other_columns_in_any_order(workspace: Workspace, tmp_path: Path) -> None:
    header = ("会计科目", "科目代码", "凭证字号", "凭证日期", "凭证摘要", "借方", "贷方", "附单据数", "经办人")
    order = (4, 3, 1, 0, 2, 5, 6, 7)
    rows = [(*[row[column] for column in order], "王建平") for row in RENT]
    report = import_vouchers(workspace, write_sheet(tmp_path / "a.xlsx", rows, header=header))
    assert (report.created, report.vouchers) == (2, 1)
    assert [(note.row, note.column) for note in report.warnings] == [(1, "经办人")]


def test_sheet_without_the_needed_columns_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    path = write_sheet(tmp_path / "a.xlsx", [], header=("日期", "凭证号", "摘要", "科目名称", "借方金额"))
    with pytest.raises(RefusedError, match="科目编码、贷方金额"):
        import_vouchers(workspace, path)


def test_total_rows_and_blank_rows_are_passed_over(workspace: Workspace, tmp_path: Path) -> None:
    rows = [*RENT, ("",) * 8, ("合　计", "", "", "", "", "2067.27", "2067.27", "")]
    report = take(workspace, tmp_path, rows)
    assert (report.rows, report.created) == (2, 2)
    assert [(note.row, "合计" in note.reason) for note in report.warnings] == [(5, True)]


def test_another_voucher_under_a_taken_number_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    take(workspace, tmp_path, BOOKS)
    changed = [(*row[:2], "改了摘要", *row[3:]) for row in RENT]
    report = take(workspace, tmp_path, changed)
    assert "账上 2025年1月已经有 记-1" in reasons(report)[2]
    twice = [*[("2025-03-01", "收-1", *row[2:]) for row in RENT], *[("2025-03-02", "收字第1号", *r[2:]) for r in RENT]]
    report = take(workspace, tmp_path, twice)
    assert report.created == 2
    assert "用了两次，另一张在第 2 行" in reasons(report)[4]


def test_other_opening_balances_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    take(workspace, tmp_path, OPENING)
    other = [(*row[:5], "8800.50" if row[5] == "8799.50" else row[5], *row[6:]) for row in OPENING]
    other[3] = (*other[3][:6], "9001.00", "")
    report = take(workspace, tmp_path, other)
    assert "已经有期初余额" in reasons(report)[2]


def test_unbalanced_voucher_and_locked_month_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    do(workspace, lambda uow: lock_month(uow, "2025-01"))
    report = take(workspace, tmp_path, [*RENT, *REPAIR[:2]])
    told = reasons(report)
    assert "2025年1月已经锁账" in told[2]
    assert "借方比贷方多 327.07" in told[4]
    assert report.created == 0


def test_account_with_sub_accounts_takes_no_posting_itself(workspace: Workspace, tmp_path: Path) -> None:
    take(workspace, tmp_path, BOOKS)
    rows: list[Row] = [
        ("2025-03-01", "记-1", "收", "102", "银行存款", "5", "", ""),
        ("2025-03-01", "记-1", "收", "504", "其他收入", "", "5", ""),
    ]
    assert "要记到它的明细上" in reasons(take(workspace, tmp_path, rows))[2]


def test_new_sub_account_needs_a_name_and_another_name_only_warns(workspace: Workspace, tmp_path: Path) -> None:
    nameless = [(*row[:4], "", *row[5:]) for row in RENT]
    assert "还没有名称" in reasons(take(workspace, tmp_path, nameless))[2]
    take(workspace, tmp_path, RENT)
    renamed = [
        ("2025-01-17", "记-2", *row[2:4], name, *row[5:])
        for row, name in zip(RENT, ("基本账户", "经营收入—发包收入"), strict=True)
    ]
    report = take(workspace, tmp_path, renamed)
    assert report.created == 2
    assert [(note.row, note.column) for note in report.warnings] == [(2, "科目名称")]


def test_an_account_of_the_old_chart_is_not_taken_by_its_number(workspace: Workspace, tmp_path: Path) -> None:
    rows: list[Row] = [
        ("2023-03-01", "记-1", "收承包费", "101", "现金", "5", "", ""),
        ("2023-03-01", "记-1", "收承包费", "511", "发包及上交收入", "", "5", ""),
    ]
    told = reasons(take(workspace, tmp_path, rows))
    assert "2004 年老制度" in told[3]
    assert "501 经营收入 或 502 投资收益" in told[3]


def test_third_level_is_opened_when_the_name_spells_out_the_second(workspace: Workspace, tmp_path: Path) -> None:
    rows: list[Row] = [
        ("2025-03-01", "记-1", "付", "5140101", "公益支出—困难救助—医疗", "5", "", ""),
        ("2025-03-01", "记-1", "付", "101", "库存现金", "", "5", ""),
    ]
    assert take(workspace, tmp_path, rows).new_accounts == ("51401", "5140101")
    assert closing(workspace, **YEAR)["51401"] == 500


def test_borrowing_is_taken_with_a_warning(workspace: Workspace, tmp_path: Path) -> None:
    rows: list[Row] = [
        ("2025-03-01", "记-1", "借款", "101", "库存现金", "5", "", ""),
        ("2025-03-01", "记-1", "", "201", "短期借款", "", "5", ""),
    ]
    report = take(workspace, tmp_path, rows)
    assert report.created == 2
    assert [(note.row, note.column) for note in report.warnings] == [(3, "科目编码")]
    with workspace.reader() as reader:
        voucher = queries.get_voucher(reader, queries.list_vouchers(reader)[0].voucher_id)
    assert [line.summary for line in voucher.lines] == ["借款", "借款"]


def test_laptop_that_may_not_post_imports_nothing_but_may_look(workspace: Workspace, tmp_path: Path) -> None:
    workspace.set_state("rights.may_post", "0")
    file = write_sheet(tmp_path / "a.xlsx", BOOKS)
    assert import_vouchers(workspace, file, dry_run=True).created == 9
    with pytest.raises(RefusedError, match="只能写草稿"):
        import_vouchers(workspace, file)
    assert closing(workspace, **YEAR) == {}


def test_import_that_is_stopped_leaves_nothing_behind(workspace: Workspace, tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        import_vouchers(workspace, write_sheet(tmp_path / "a.xlsx", BOOKS), progress=stop)
    assert closing(workspace, **YEAR) == {}


def test_export_comes_back_unchanged_with_reversals_and_own_vouchers(
    workspace: Workspace, make_workspace: MakeWorkspace, tmp_path: Path
) -> None:
    take(workspace, tmp_path, BOOKS)
    posted = post(workspace, ("10201", 123456), ("50103", -123456), on=date(2025, 3, 1))
    do(workspace, lambda uow: reverse_voucher(uow, posted.voucher_id, reason="错", on=date(2025, 4, 1)))
    file = tmp_path / "导出.xlsx"
    assert export_vouchers(workspace, file) == 13
    again = import_vouchers(workspace, file)
    assert (again.rows, again.unchanged, again.warnings) == (13, 13, ())
    other = make_workspace("other")
    fresh = import_vouchers(other, file)
    assert (fresh.created, fresh.rejected) == (13, ())
    assert closing(other, **YEAR) == closing(workspace, **YEAR)
    assert import_vouchers(other, file).unchanged == 13
    with other.reader() as reader:
        assert [row.status for row in queries.list_vouchers(reader)][-2:] == ["reversed", "reversal"]


def test_export_is_on_record_and_a_full_disk_or_folder_is_told(workspace: Workspace, tmp_path: Path) -> None:
    open_accounts(workspace)
    assert export_vouchers(workspace, tmp_path / "空.xlsx") == 0
    with pytest.raises(Exception, match="找不到") as problem:
        export_vouchers(workspace, tmp_path / "没有" / "a.xlsx")
    assert problem.value.exit_status == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text", ["2025-01-16", "2025/1/16", "2025.01.16", "20250116", "2025年1月16日", "2025-1-16 00:00"]
)
def test_sheet_date_is_read(text: str) -> None:
    assert parse_sheet_date(text) == date(2025, 1, 16)


@pytest.mark.parametrize("text", ["", "45673", "2025-02-30", "16.1.2025", "1月16日", "2025-01-16 08:30", "1025-01-16"])
def test_text_that_is_no_sheet_date(text: str) -> None:
    assert parse_sheet_date(text) is None


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.integers(1, 6), st.integers(1, 10**11), st.booleans(), st.booleans()),
        max_size=12,
    )
)
def test_whatever_the_sheet_the_books_balance_and_the_rows_add_up(
    make_workspace: MakeWorkspace,
    tmp_path_factory: pytest.TempPathFactory,
    vouchers: list[tuple[int, int, int, bool, bool]],
) -> None:
    folder = tmp_path_factory.mktemp("many")
    rows: list[Row] = []
    for month, number, fen, torn, interleaved in vouchers:
        amount = f"{fen // 100}.{fen % 100:02d}"
        pair: list[Row] = [
            (f"2025-{month:02d}-03", f"记-{number}", "收", "10201", "基本户", amount, "", "1"),
            (f"2025-{month:02d}-03", f"记-{number}", "收", "504", "其他收入", "", "1" if torn else amount, "1"),
        ]
        rows = [pair[0], *rows, pair[1]] if interleaved else [*rows, *pair]
    workspace = make_workspace(folder.name)
    take(workspace, folder, rows)
    with workspace.reader() as reader:
        assert totals_of(queries.trial_balance(reader, **YEAR)).balanced
    export = folder / "出.xlsx"
    written = export_vouchers(workspace, export)
    assert import_vouchers(workspace, export).unchanged == written
