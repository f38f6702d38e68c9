"""CRELIEF-22, asked when the books take a voucher: households in need come before public works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.relief.case_store import list_running_cases
from desktop_app.relief.policies import relief_pack
from village_core.domain.errors import Finding
from village_core.domain.ledger.accounts import RELIEF, RELIEF_PARENT
from village_core.domain.ledger.voucher import Voucher, VoucherKind
from village_core.domain.relief.guidance import judge_public_spending

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


def advise_on_voucher(reader: Reader, voucher: object) -> tuple[Finding, ...]:
    """Spending on 公益支出 other than relief, while grants are still on their way, asks for a written reason."""
    assert isinstance(voucher, Voucher)
    if voucher.kind is not VoucherKind.NORMAL or not any(
        line.debit_fen > 0 and line.account.startswith(RELIEF_PARENT) and line.account != RELIEF
        for line in voucher.postings
    ):
        return ()
    waiting = sum(case.state.paid_on is None for case in list_running_cases(reader))
    return judge_public_spending(waiting, pack=relief_pack(), on=voucher.voucher_date)
