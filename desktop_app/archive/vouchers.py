"""A posted voucher as a 记账凭证: in the archive of its case, and by itself on A5."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.archive.print_model import VoucherLine, VoucherSheet
from desktop_app.archive.sheets import content_blocks
from desktop_app.ledger.queries import get_voucher
from desktop_app.notices.compose import committee_name
from desktop_app.pdf_kit.blocks import MM
from desktop_app.pdf_kit.document import PdfDocument, RenderedPdf
from desktop_app.pdf_kit.faces import Face, glyphs_of
from desktop_app.pdf_kit.flow import Flow, Frame
from desktop_app.pdf_kit.page import GREY, Page
from desktop_app.pdf_kit.paper import Paper, safe_file_name
from desktop_app.settings.queries import get_village

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader
    from desktop_app.storage.workspace import Workspace

VOUCHER = "voucher"
A5_ACROSS = (210 * MM, 148 * MM)
"""The usual size of a voucher that is not torn off continuous paper."""
_FRAME = Frame(left=20 * MM, top=10 * MM, width=180 * MM, height=126 * MM)


def voucher_sheet(reader: Reader, voucher_id: UUID) -> VoucherSheet:
    """The voucher with the names of its accounts."""
    detail, village = get_voucher(reader, voucher_id), get_village(reader)
    return VoucherSheet(
        unit=village.collective_name or committee_name(village),
        number_text=detail.number_text,
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


def prepare_voucher(workspace: Workspace, voucher_id: UUID) -> Callable[[], Paper]:
    """Gather a voucher; calling the answer draws it."""
    with workspace.reader() as reader:
        sheet = voucher_sheet(reader, voucher_id)
        case_id = get_voucher(reader, voucher_id).case_id
    return partial(_draw, sheet, case_id)


def _draw(sheet: VoucherSheet, case_id: UUID | None) -> Paper:
    title = f"记账凭证 {sheet.voucher_date:%Y-%m} {sheet.number_text}"
    return Paper(
        kind=VOUCHER,
        title=title,
        subject=f"{sheet.voucher_date:%Y-%m}　{sheet.number_text}",
        file_name=safe_file_name(f"{title.replace(' ', '_')}.pdf"),
        rendered=render_voucher(sheet),
        case_id=case_id,
    )


def render_voucher(sheet: VoucherSheet) -> RenderedPdf:
    """One voucher on A5 across; a long one goes on on further sheets with its head."""
    document = PdfDocument(title=f"记账凭证 {sheet.number_text}", created=sheet.voucher_date, size=A5_ACROSS)
    flow = Flow(document, _FRAME)
    flow.add(content_blocks([sheet]))
    flow.furnish(_furniture)
    return document.render()


def _furniture(page: Page, at: int, total: int) -> None:
    """n/m on each sheet of a voucher that has several."""
    if total > 1:
        glyphs = glyphs_of(f"{at}/{total}", Face.TABLE, field="页码")
        page.text(_FRAME.left, _FRAME.bottom + 6 * MM, glyphs, size=9, grey=GREY)
