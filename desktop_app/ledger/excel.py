"""Vouchers from Excel and to Excel: what is exported, an import takes back with everything unchanged."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import and_, insert, or_, select
from sqlalchemy.orm import aliased

from desktop_app.ledger import sheet_lines as sheet
from desktop_app.ledger.chart import load_chart
from desktop_app.ledger.import_plan import ImportPlan, plan_import
from desktop_app.ledger.import_report import ImportReport
from desktop_app.ledger.import_review import list_reviewers, needs_reviewer, papers_of_import
from desktop_app.ledger.posting import CHANGED, VoucherPapers, posting_values, require_posting_right, voucher_values
from desktop_app.ledger.service import sub_account_values
from desktop_app.sheets.watermark import mark_workbook
from desktop_app.storage.access_log import EVERYBODY
from desktop_app.storage.changes import Changes
from desktop_app.storage.files import write_whole
from desktop_app.storage.watermark import Watermark, watermark_of
from village_core.domain.ledger.accounts import Chart
from village_core.domain.ledger.voucher import VoucherKind
from village_core.domain.money import plain_yuan
from village_core.domain.staff.rights import Right
from village_core.records import ledger as records

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader, UnitOfWork
    from desktop_app.storage.workspace import Workspace

_BATCH = 500
_WIDTHS = (12, 10, 36, 12, 18, 14, 14, 10, 14)
_MONEY_COLUMNS = (5, 6)
Progress = Callable[[int, int], None]


def import_vouchers(
    workspace: Workspace,
    path: Path,
    *,
    dry_run: bool = False,
    reviewed_by: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Take the vouchers of a sheet into the books, posted and marked 导入; a dry run gives the same figures.

    `reviewed_by` is who reviewed them where they come from; without 兼任 on record somebody has to be named.
    `progress(done, total)` is called between batches; what it raises stops the import and leaves nothing behind.
    """
    workspace.require(Right.POST_VOUCHER)
    content = sheet.read_voucher_sheet(path)
    if dry_run:
        with workspace.reader() as reader:
            reviewers = list_reviewers(reader) if needs_reviewer(reader) else None
            return _report(plan_import(reader, content), reviewers=reviewers)
    with workspace.unit_of_work(reason=f"导入凭证：{path.name}") as uow:
        plan = plan_import(uow, content)
        if plan.vouchers:
            _write(uow, plan, progress, reviewed_by=reviewed_by)
            uow.commit()
    return _report(plan, CHANGED if plan.vouchers else None)


def _write(uow: UnitOfWork, plan: ImportPlan, progress: Progress | None, *, reviewed_by: str) -> None:
    require_posting_right(uow)
    opening = VoucherPapers(prepared_by=uow.actor.name)
    papers = papers_of_import(uow, reviewed_by) if _counts(plan) else opening
    if plan.accounts:
        accounts = [sub_account_values(uow.village, code, name) for code, name in plan.accounts]
        uow.session.execute(insert(records.SubAccount), accounts)
    for start in range(0, len(plan.vouchers), _BATCH):
        if progress is not None:
            progress(start, len(plan.vouchers))
        batch = plan.vouchers[start : start + _BATCH]
        uow.session.execute(
            insert(records.Voucher),
            [
                voucher_values(
                    uow,
                    v.voucher_id,
                    v.voucher,
                    number=v.number,
                    papers=opening if v.voucher.kind is VoucherKind.OPENING else papers,
                )
                for v in batch
            ],
        )
        uow.session.execute(
            insert(records.Posting),
            [row for v in batch for row in posting_values(uow.village, v.voucher_id, v.voucher)],
        )


def _counts(plan: ImportPlan) -> int:
    """How many vouchers there are beside the opening balances, which nobody reviews."""
    return sum(planned.voucher.kind is not VoucherKind.OPENING for planned in plan.vouchers)


def _report(
    plan: ImportPlan, changes: Changes | None = None, *, reviewers: tuple[str, ...] | None = None
) -> ImportReport:
    return ImportReport(
        rows=plan.rows,
        created=plan.created,
        unchanged=plan.unchanged,
        vouchers=_counts(plan),
        rejected=tuple(plan.rejected),
        warnings=tuple(plan.warnings),
        new_accounts=tuple(code for code, _ in plan.accounts),
        reviewers=reviewers if _counts(plan) else None,
        changes=changes or Changes.of(),
    )


def export_vouchers(workspace: Workspace, path: Path) -> int:
    """Write all posted vouchers and the opening balances to an .xlsx file; the number of rows."""
    workspace.require(Right.EXPORT)
    with workspace.reader() as reader:
        rows = _export_rows(reader)
        mark = watermark_of(workspace, reader)
    workspace.log_access("export", "凭证", f"{len(rows)} 行，{path.name}", about=EVERYBODY)
    write_whole(path, _workbook(rows, mark))
    return len(rows)


def _export_rows(reader: Reader) -> list[tuple[str, ...]]:
    """One row a line, in the order of the books; opening balances that were taken back stay out."""
    voucher, line = records.Voucher, records.Posting
    original = aliased(voucher)
    chart = load_chart(reader)
    former = select(voucher.reverses).where(
        voucher.village == reader.village, voucher.kind == VoucherKind.OPENING, voucher.reverses.is_not(None)
    )
    rows = reader.session.execute(
        select(voucher, line, original.period, original.number_text)
        .join(line, (line.village == voucher.village) & (line.voucher_id == voucher.id))
        .outerjoin(original, (original.village == voucher.village) & (original.id == voucher.reverses))
        .where(
            voucher.village == reader.village,
            or_(
                voucher.kind != VoucherKind.OPENING,
                and_(voucher.reverses.is_(None), voucher.id.not_in(former)),
            ),
        )
        .order_by(voucher.period, voucher.number, voucher.number_text, voucher.id, line.line)
    )
    return [
        (
            head.voucher_date.isoformat(),
            head.number_text,
            row.summary,
            row.account,
            _export_name(chart, row.account),
            plain_yuan(row.debit_fen) if row.debit_fen else "",
            plain_yuan(row.credit_fen) if row.credit_fen else "",
            str(head.paper_count),
            f"{period} {text}" if text else "",
        )
        for head, row, period, text in rows
    ]


def _export_name(chart: Chart, code: str) -> str:
    """The account's own name; from the third level on with those above it, which an import may have to open."""
    account = chart.find(code)
    if account is None:
        return ""
    return chart.full_name(code) if account.level > 2 else account.name


def _workbook(rows: list[tuple[str, ...]], mark: Watermark) -> bytes:
    """The sheet in memory: nothing of it may lie unencrypted in a temporary file."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet("凭证")
        heading = workbook.add_format({"bold": True, "bg_color": "#E8F3EC", "border": 1})
        money = workbook.add_format({"num_format": "#,##0.00"})
        for column, (title, width) in enumerate(zip(sheet.COLUMNS, _WIDTHS, strict=True)):
            page.set_column(column, column, width)
            page.write_string(0, column, title, heading)
        page.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row):
                if column in _MONEY_COLUMNS and text:
                    page.write_number(number, column, float(text), money)
                elif text:
                    page.write_string(number, column, text)
        mark_workbook(workbook, [page], mark, title="凭证")
    return buffer.getvalue()
