"""What relief has to say when the books take a voucher: no grant in cash (CRELIEF-11), and households in need come
before public works (CRELIEF-22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.relief.case_store import list_running_cases
from desktop_app.relief.policies import relief_pack
from village_core.domain.errors import Finding
from village_core.domain.ledger.accounts import CASH, RELIEF, RELIEF_PARENT
from village_core.domain.ledger.voucher import Voucher, VoucherKind
from village_core.domain.relief.guidance import judge_public_spending

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


def advise_on_voucher(reader: Reader, voucher: object) -> tuple[Finding, ...]:
    """Relief booked out of the cash box is refused; other 公益支出 while grants are on their way asks for a reason."""
    assert isinstance(voucher, Voucher)
    pack = relief_pack()
    if _is_relief_in_cash(voucher):
        message = "救助金不能从现金里发，要从银行账户转到这一户的账号。"
        return (pack.rule("CRELIEF-11", voucher.voucher_date).finding(message, field="lines", hard=True),)
    if voucher.kind is not VoucherKind.NORMAL or not any(
        line.debit_fen > 0 and line.account.startswith(RELIEF_PARENT) and line.account != RELIEF
        for line in voucher.postings
    ):
        return ()
    waiting = sum(case.state.paid_on is None for case in list_running_cases(reader))
    return judge_public_spending(waiting, pack=pack, on=voucher.voucher_date)


def _is_relief_in_cash(voucher: Voucher) -> bool:
    to_relief = any(line.account == RELIEF and line.debit_fen > 0 for line in voucher.postings)
    return to_relief and any(line.account.startswith(CASH) and line.credit_fen > 0 for line in voucher.postings)
