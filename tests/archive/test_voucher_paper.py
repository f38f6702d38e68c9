"""A voucher by itself, on A5 across."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_app.archive.print_model import VoucherLine
from desktop_app.archive.vouchers import prepare_voucher, render_voucher
from desktop_app.ledger.queries import list_case_vouchers
from desktop_app.notices.screens.printing import new_printer
from desktop_app.storage.workspace import Workspace
from tests.archive.examples import voucher
from tests.notices.cases import carry_case, fill_in_village
from tests.pdf_kit.reading import open_pdf, page_count, squeezed
from village_core.domain.relief.steps import StepKind

pytestmark = pytest.mark.usefixtures("qapp")


def test_a_voucher_fills_one_sheet_of_a5() -> None:
    data = render_voucher(voucher()).data
    with open_pdf(data) as pdf:
        assert len(pdf.pages) == 1
        assert [round(float(edge) * 25.4 / 72) for edge in pdf.pages[0].MediaBox] == [0, 0, 210, 148]
    text = squeezed(data)
    for wanted in ("记账凭证", "记-12", "2026年12月2日", "人民币叁仟元整", "附单据3张", "制单：李琼仙", "审核：张会计"):
        assert wanted in text


def test_a_long_voucher_goes_on_with_its_head_and_numbers_its_sheets() -> None:
    lines = tuple(VoucherLine(f"发第{number}组劳务费", "应付劳务费", "临工", 100, 0) for number in range(40))
    data = render_voucher(replace(voucher(), lines=lines)).data
    total = page_count(data)
    assert total > 1
    text = squeezed(data)
    assert text.count("总账科目") == total
    assert f"{total}/{total}" in text
    assert text.count("人民币肆拾元整") == 1


def test_the_payment_of_a_case_prints_from_the_books(workspace: Workspace) -> None:
    fill_in_village(workspace)
    case_id = carry_case(workspace, upto=StepKind.PAYMENT, with_papers=False)
    with workspace.reader() as reader:
        (row,) = list_case_vouchers(reader, case_id)
    paper = prepare_voucher(workspace, row.voucher_id)()
    assert paper.kind == "voucher"
    assert paper.case_id == case_id
    assert paper.file_name == "记账凭证_2026-10_记-1.pdf"
    assert "4,000.00" in squeezed(paper.rendered.data)


def test_the_printer_takes_the_sheet_of_the_paper() -> None:
    layout = new_printer(render_voucher(voucher()).data).pageLayout()
    full = layout.fullRect(layout.Unit.Millimeter)
    assert (round(full.width()), round(full.height())) == (210, 148)
