"""What the books print: the voucher as on the screen, over as many sheets as it needs, and the trial balance."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from desktop_app.ledger.papers import prepare_balance_sheet, prepare_voucher
from desktop_app.ledger.service import post_entry, reverse_voucher
from desktop_app.storage.workspace import Workspace
from tests.ledger.books import DAY, entry, open_accounts, post
from tests.pdf_kit.reading import printed_lines, qt_text, squeezed
from tests.workspaces import do
from village_core.domain.errors import RefusedError


@pytest.fixture
def books(workspace: Workspace) -> Workspace:
    open_accounts(workspace)
    return workspace


def voucher_text(workspace: Workspace, voucher_id: UUID) -> str:
    return squeezed(prepare_voucher(workspace, voucher_id)().rendered.data)


def test_voucher_has_its_lines_digits_capitals_and_names(books: Workspace) -> None:
    posted = post(books, ("10201", 1234_05), ("50103", -1234_05), summary="收王建平鱼塘发包款")
    paper = prepare_voucher(books, posted.voucher_id)()
    text = squeezed(paper.rendered.data)
    for words in (
        "记账凭证",
        "太平村",
        "2026年3月5日",
        "记字第1号",
        "银行存款基本户",
        "经营收入发包收入",
        "制单：李琼仙",
    ):
        assert words in text
    assert "合计（大写）人民币壹仟贰佰叁拾肆元零伍分¥123405¥123405" in text
    assert (paper.kind, paper.file_name) == ("voucher", "记账凭证 2026-03 记-1.pdf")
    assert paper.rendered.pages == 1
    assert text.endswith("田埂太平村李琼仙2026-11-2210:00")


def test_reversal_prints_its_minus_its_reason_and_the_original_says_so(books: Workspace) -> None:
    posted = post(books, ("10201", 500), ("50103", -500))
    red = do(books, lambda uow: reverse_voucher(uow, posted.voucher_id, reason="金额记错", on=DAY))
    text = voucher_text(books, red.voucher_id)
    assert "冲销记-1" in text
    assert "-500" in text
    assert "人民币负伍元整" in text
    assert "原因：金额记错" in text
    assert "已由记-2冲销" in voucher_text(books, posted.voucher_id)


def test_a_long_reason_does_not_run_into_the_line_that_says_who_printed(books: Workspace) -> None:
    posted = post(books, ("10201", 500), ("50103", -500))
    reason = "金额记错，" + "经理事会同意按单据更正" * 8
    red = do(books, lambda uow: reverse_voucher(uow, posted.voucher_id, reason=reason, on=DAY))
    lines = printed_lines(prepare_voucher(books, red.voucher_id)().rendered.data)
    (mark,) = [line for line in lines if "2026-11-22" in line.text]
    notes = [line for line in lines if "理事会" in line.text]
    assert len(notes) == 2
    assert max(line.baseline + 0.2 * line.size for line in notes) < mark.baseline - 0.8 * mark.size


def test_long_voucher_goes_on_and_sums_up_on_its_last_sheet(books: Workspace) -> None:
    lines = [("51302", 100 * number) for number in range(1, 20)]
    total = sum(fen for _, fen in lines)
    posted = do(books, lambda uow: post_entry(uow, entry(*lines, ("10201", -total)), reason="年底"))
    rendered = prepare_voucher(books, posted.voucher_id)().rendered
    pages = ["".join(page.split()) for page in qt_text(rendered.data)]
    assert rendered.pages == len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert f"{number}/3" in page
        assert ("合计（大写）" in page) is (number == 3)
        assert ("接下页" in page) is (number < 3)
        assert page.endswith("田埂太平村李琼仙2026-11-2210:00")
    assert sum(page.count("办公费") for page in pages) == 19


def test_name_that_no_font_has_is_refused_and_named(books: Workspace) -> None:
    posted = post(books, ("10201", 5), ("50103", -5), summary="收\U0003fffd款")
    with pytest.raises(RefusedError, match="摘要"):
        prepare_voucher(books, posted.voucher_id)()


def test_trial_balance_prints_pairs_that_agree(books: Workspace) -> None:
    post(books, ("10201", 1234_05), ("50103", -1234_05))
    paper = prepare_balance_sheet(books, date(2026, 1, 1), date(2026, 12, 31))()
    text = squeezed(paper.rendered.data)
    assert "2026年1月1日至2026年12月31日" in text
    assert "102-01基本户1,234.051,234.05" in text
    assert "合计1,234.051,234.051,234.051,234.05" in text
    assert paper.rendered.pages == 1
    assert "第1页共1页" in text
