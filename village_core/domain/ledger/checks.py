"""May this voucher stand? The same decision before posting, at import, and again at the county."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from village_core.domain.errors import Finding
from village_core.domain.ledger.accounts import BORROWING, CASH, Chart, display_code
from village_core.domain.ledger.periods import is_locked, period_label
from village_core.domain.ledger.voucher import Posting, Voucher, VoucherKind
from village_core.domain.money import LIMIT_FEN, format_yuan

_DEBT_CLAUSE = "防范新增村级组织债务"
_DEBT_SOURCE = "楚贫组发〔2021〕1号 附件3 四（二）"


def check_voucher(
    voucher: Voucher,
    *,
    chart: Chart,
    locked: Collection[str] = (),
    cash_before_fen: Mapping[str, int] | None = None,
    today: date | None = None,
) -> tuple[Finding, ...]:
    """All that speaks against the voucher: hard findings refuse, soft ones want a reason.

    `locked` are locked months; `cash_before_fen` the balances of cash accounts without this voucher (not looked
    at when None); `today` marks dates that have not come yet.
    """
    findings = [*_check_lines(voucher), *_check_accounts(voucher, chart), *_check_period(voucher, locked, today)]
    if cash_before_fen is not None:
        findings += _check_cash(voucher, cash_before_fen)
    findings += _check_borrowing(voucher, chart)
    return tuple(findings)


def check_reversal(reversal: Voucher, original: Voucher) -> tuple[Finding, ...]:
    """A reversal takes back exactly what was posted, not before its day, and is itself never reversed."""
    findings: list[Finding] = []
    if original.reverses is not None:
        findings.append(_hard("VOUCHER-11", "这一张本身就是冲销凭证，不能再冲销；请重新记一张。", "reverses"))
    if reversal.voucher_date < original.voucher_date:
        findings.append(_hard("VOUCHER-11", "冲销的日期不能早于原凭证的日期。", "voucher_date"))
    expected = [(posting.account, -posting.debit_fen, -posting.credit_fen) for posting in original.postings]
    if [(posting.account, posting.debit_fen, posting.credit_fen) for posting in reversal.postings] != expected:
        findings.append(_hard("VOUCHER-11", "冲销凭证要和原凭证的科目、金额一一对应。", "postings"))
    return tuple(findings)


def _check_lines(voucher: Voucher) -> list[Finding]:
    findings: list[Finding] = []
    postings = voucher.postings
    if len(postings) < 2:
        findings.append(_hard("VOUCHER-1", "一张凭证至少要有一借一贷两行。", "postings"))
    for line, posting in enumerate(postings, start=1):
        findings += _check_amount(voucher, line, posting)
        if not posting.summary.strip():
            findings.append(_hard("VOUCHER-6", f"第 {line} 行没有写摘要。", f"{line}.summary"))
    difference = voucher.debit_fen - voucher.credit_fen
    if difference:
        more, less = ("借方", "贷方") if difference > 0 else ("贷方", "借方")
        findings.append(
            _hard(
                "VOUCHER-3",
                f"借贷不平：借方合计 {format_yuan(voucher.debit_fen)}，贷方合计 {format_yuan(voucher.credit_fen)}，"
                f"{more}比{less}多 {format_yuan(abs(difference))}。",
                "postings",
            )
        )
    if voucher.paper_count < 0:
        findings.append(_hard("VOUCHER-10", "附单据张数不能是负数。", "paper_count"))
    return findings


def _check_amount(voucher: Voucher, line: int, posting: Posting) -> list[Finding]:
    field = f"{line}.amount"
    if posting.debit_fen and posting.credit_fen:
        return [_hard("VOUCHER-2", f"第 {line} 行的借方和贷方只能填一个。", field)]
    amount = posting.debit_fen or posting.credit_fen
    if amount == 0:
        return [_hard("VOUCHER-2", f"第 {line} 行没有金额。", field)]
    if abs(amount) >= LIMIT_FEN:
        return [_hard("VOUCHER-2", f"第 {line} 行的金额太大了，可能多打了几位。", field)]
    if (amount < 0) != (voucher.reverses is not None):
        message = "冲销凭证的金额要用红字（负数）" if amount > 0 else "金额不能是负数；要冲销，请用“冲销”"
        return [_hard("VOUCHER-2", f"第 {line} 行：{message}。", field)]
    return []


def _check_accounts(voucher: Voucher, chart: Chart) -> list[Finding]:
    findings: list[Finding] = []
    for line, posting in enumerate(voucher.postings, start=1):
        field = f"{line}.account"
        account = chart.find(posting.account)
        if account is None:
            findings.append(_hard("VOUCHER-4", f"第 {line} 行的科目 {posting.account or '（空）'} 没有。", field))
        elif voucher.reverses is not None:
            continue  # What a reversal takes back was right when it was posted.
        elif not chart.is_leaf(posting.account):
            findings.append(
                _hard(
                    "VOUCHER-5",
                    f"第 {line} 行：{display_code(posting.account)} {account.name}有明细，要记到它的明细上。",
                    field,
                )
            )
        elif account.closed_on is not None:
            findings.append(_hard("VOUCHER-4", f"第 {line} 行：{chart.full_name(posting.account)}已经停用。", field))
    return findings


def _check_period(voucher: Voucher, locked: Collection[str], today: date | None) -> list[Finding]:
    if is_locked(voucher.period, locked):
        return [
            _hard(
                "VOUCHER-7",
                f"{period_label(voucher.period)}已经锁账，不能再记凭证。",
                "voucher_date",
            )
        ]
    if today is not None and voucher.voucher_date > today:
        return [
            Finding("VOUCHER-9", hard=False, message="凭证日期还没有到。", field="voucher_date"),
        ]
    return []


def _check_cash(voucher: Voucher, cash_before_fen: Mapping[str, int]) -> list[Finding]:
    moved: dict[str, int] = {}
    for posting in voucher.postings:
        if posting.account.startswith(CASH):
            moved[posting.account] = moved.get(posting.account, 0) + posting.debit_fen - posting.credit_fen
    return [
        Finding(
            "VOUCHER-8",
            hard=False,
            message=f"记完这笔，库存现金会变成负数（{format_yuan(cash_before_fen.get(account, 0) + change)} 元）。",
            field="postings",
        )
        for account, change in moved.items()
        if change < 0 and cash_before_fen.get(account, 0) + change < 0
    ]


def _check_borrowing(voucher: Voucher, chart: Chart) -> list[Finding]:
    if voucher.kind is VoucherKind.OPENING:
        return []
    return [
        Finding(
            "SANZI-4",
            hard=False,
            message=f"这一笔会让村集体多欠 {format_yuan(posting.credit_fen)} 元（{chart.full_name(posting.account)}），"
            "要先有决议并报乡镇，请写明决议的时间和名称。",
            clause=_DEBT_CLAUSE,
            source=_DEBT_SOURCE,
            field=f"{line}.account",
        )
        for line, posting in enumerate(voucher.postings, start=1)
        if posting.credit_fen > 0 and posting.account.startswith(BORROWING)
    ]


def _hard(rule_id: str, message: str, field: str) -> Finding:
    return Finding(rule_id, hard=True, message=message, field=field)
