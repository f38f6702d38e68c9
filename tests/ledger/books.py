"""Shorthand for books in tests: short vouchers and opened sub-accounts."""

from __future__ import annotations

from datetime import date

from desktop_app.ledger.entries import VoucherEntry
from desktop_app.ledger.posting import PostedVoucher
from desktop_app.ledger.queries import trial_balance
from desktop_app.ledger.service import add_sub_account, post_entry
from desktop_app.storage.workspace import Workspace
from tests.workspaces import do
from village_core.domain.ledger.voucher import Posting

DAY = date(2026, 3, 5)


def entry(*lines: tuple[str, int], on: date = DAY, summary: str = "收发包款", papers: int = 1) -> VoucherEntry:
    """An entry of (account, signed 分): debit positive."""
    return VoucherEntry(
        on,
        tuple(Posting(account, summary, max(fen, 0), max(-fen, 0)) for account, fen in lines),
        paper_count=papers,
    )


def post(workspace: Workspace, *lines: tuple[str, int], on: date = DAY, summary: str = "收发包款") -> PostedVoucher:
    return do(workspace, lambda uow: post_entry(uow, entry(*lines, on=on, summary=summary)))


def open_accounts(workspace: Workspace) -> None:
    """10201 基本户, 50103 发包收入, 51302 办公费."""
    for code, name in (("10201", "基本户"), ("50103", "发包收入"), ("51302", "办公费")):
        do(workspace, lambda uow, c=code, n=name: add_sub_account(uow, parent=c[:-2], name=n, code=c))  # type: ignore[misc]


def closing(workspace: Workspace, *, start: date = date(2026, 1, 1), end: date = date(2026, 12, 31)) -> dict[str, int]:
    with workspace.reader() as reader:
        return {row.code: row.closing_fen for row in trial_balance(reader, start=start, end=end)}
