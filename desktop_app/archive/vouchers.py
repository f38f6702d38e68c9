"""A posted voucher as the archive of its case prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.archive.print_model import VoucherLine, VoucherSheet
from desktop_app.ledger.queries import get_voucher
from desktop_app.notices.compose import committee_name
from desktop_app.settings.queries import get_village

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


def voucher_sheet(reader: Reader, voucher_id: UUID) -> VoucherSheet:
    """The voucher with the names of its accounts."""
    detail, village = get_voucher(reader, voucher_id), get_village(reader)
    return VoucherSheet(
        unit=village.collective_name or committee_name(village),
        number_text=detail.both_numbers,
        voucher_date=detail.voucher_date,
        paper_count=detail.paper_count,
        lines=tuple(
            VoucherLine(
                summary=line.summary,
                account=line.root_name,
                sub_account=line.detail_name,
                debit_fen=line.debit_fen,
                credit_fen=line.credit_fen,
            )
            for line in detail.lines
        ),
        prepared_by=detail.prepared_by,
        reviewed_by=detail.reviewed_by,
        bank_receipt=detail.bank_receipt,
    )
