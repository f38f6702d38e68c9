"""The papers of the books on their way to the preview: read in the database's lane, drawn outside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.ledger.queries import get_voucher, trial_balance
from desktop_app.pdf_kit.paper import Paper, safe_file_name
from desktop_app.settings.queries import get_village
from desktop_app.storage.watermark import watermark_of
from village_core.domain.ledger.voucher import spoken_number

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader
    from desktop_app.storage.workspace import Workspace


def prepare_voucher(workspace: Workspace, voucher_id: UUID) -> Callable[[], Paper]:
    """A posted voucher; calling the answer draws it."""
    with workspace.reader() as reader:
        detail = get_voucher(reader, voucher_id)
        organisation = organisation_name(reader)
        words = watermark_of(workspace, reader).words

    def draw() -> Paper:
        from desktop_app.ledger.pdf import render_voucher

        subject = f"{detail.period} {spoken_number(detail.number_text)}"
        return Paper(
            kind="voucher",
            title=f"记账凭证 {subject}",
            subject=subject,
            file_name=safe_file_name(f"记账凭证 {detail.period} {detail.number_text}.pdf"),
            rendered=render_voucher(detail, organisation, watermark=words),
            case_id=detail.case_id,
        )

    return draw


def prepare_balance_sheet(workspace: Workspace, start: date, end: date) -> Callable[[], Paper]:
    """The trial balance between two days; calling the answer draws it."""
    with workspace.reader() as reader:
        rows = trial_balance(reader, start=start, end=end)
        organisation, today = organisation_name(reader), reader.today
        words = watermark_of(workspace, reader).words

    def draw() -> Paper:
        from desktop_app.ledger.balance_pdf import BalanceSheet, render_balance_sheet

        sheet = BalanceSheet(organisation, start, end, rows, workspace.actor.name, today, words)
        return Paper(
            kind="trial_balance",
            title=f"科目余额表 {start} 至 {end}",
            subject=f"{start} 至 {end}",
            file_name=safe_file_name(f"科目余额表 {start} 至 {end}.pdf"),
            rendered=render_balance_sheet(sheet),
        )

    return draw


def organisation_name(reader: Reader) -> str:
    """Whose books these are."""
    village = get_village(reader)
    return village.collective_name or village.name
