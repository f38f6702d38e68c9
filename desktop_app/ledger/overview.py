"""What the books tell the start page, the search box and other pages of the window."""

from __future__ import annotations

from desktop_app.ledger.queries import balance_under, find_vouchers, list_drafts
from desktop_app.shell.due import DueItem
from desktop_app.shell.overview import Figure, Overview
from desktop_app.shell.search import SearchHit
from desktop_app.storage.unit_of_work import Reader
from village_core.domain.ledger.accounts import BANK, CASH
from village_core.domain.money import format_yuan


def list_due_items(reader: Reader) -> list[DueItem]:
    """Drafts that wait to be posted."""
    drafts = list_drafts(reader)
    if not drafts:
        return []
    oldest = drafts[0]
    detail = f"最早的一张是 {oldest.voucher_date.month}月{oldest.voucher_date.day}日 {oldest.summary}".rstrip()
    return [DueItem(f"{len(drafts)} 张凭证还是草稿，没有记账", page="ledger", action="去记账", detail=detail)]


def search_vouchers(reader: Reader, text: str, limit: int) -> list[SearchHit]:
    """Vouchers by number or summary."""
    return [
        SearchHit(
            title=f"{row.number_text}　{row.summary}",
            kind="凭证",
            page="voucher",
            detail=f"{row.voucher_date:%Y-%m-%d}　{format_yuan(row.amount_fen)} 元",
            arguments={"voucher_id": row.voucher_id},
        )
        for row in find_vouchers(reader, text, limit=limit)
    ]


def get_overview(reader: Reader) -> Overview:
    """What lies in the bank and in the cash box by the books."""
    money = balance_under(reader, BANK) + balance_under(reader, CASH)
    figure = Figure(f"¥ {format_yuan(money)}", "集体账上的现金和存款", order=60, page="trial_balance")
    return Overview(figures=(figure,))
