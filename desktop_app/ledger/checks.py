"""What `verify` asks of the books: every voucher balances, and its lines say what it says."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, func, or_, select

from village_core.domain.ledger.voucher import VoucherKind
from village_core.domain.money import format_yuan
from village_core.records.ledger import Posting, Voucher


def check_books(connection: Connection) -> Iterable[str]:
    """One Chinese sentence for each voucher that cannot be right. Reads all of it; nothing is healed."""
    head, line = Voucher.__table__.c, Posting.__table__.c
    debit, credit = func.sum(line.debit_fen), func.sum(line.credit_fen)
    same = and_(line.village == head.village, line.voucher_id == head.id)
    unbalanced = (
        select(head.period, head.number_text, debit, credit)
        .join_from(Voucher.__table__, Posting.__table__, same)
        .group_by(head.village, head.id)
        .having(debit != credit)
    )
    for period, number, debit_fen, credit_fen in connection.execute(unbalanced):
        yield f"凭证 {period} {number} 借贷不平：借方 {format_yuan(debit_fen)}，贷方 {format_yuan(credit_fen)}。"
    empty = (
        select(head.period, head.number_text)
        .join_from(Voucher.__table__, Posting.__table__, same, isouter=True)
        .where(line.id.is_(None))
    )
    for period, number in connection.execute(empty):
        yield f"凭证 {period} {number} 一行都没有。"
    opening = head.kind == VoucherKind.OPENING
    astray = (
        select(head.period, head.number_text)
        .join_from(Voucher.__table__, Posting.__table__, same)
        .where(
            or_(
                and_(line.voucher_date != head.voucher_date, func.substr(line.voucher_date, 1, 7) != head.period),
                func.substr(head.voucher_date, 1, 7) > head.period,
                and_(opening, line.opening.is_(False)),
                and_(~opening, line.opening.is_(True)),
            )
        )
        .distinct()
    )
    for period, number in connection.execute(astray):
        yield f"凭证 {period} {number} 的明细行和凭证对不上。"
