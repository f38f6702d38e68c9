"""VOUCHER-1…11 and SANZI-4 as a table, and: whatever is posted and reversed, the books balance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from village_core.domain.ledger.accounts import Chart, read_chart
from village_core.domain.ledger.checks import check_reversal, check_voucher
from village_core.domain.ledger.trial_balance import AccountSums, totals_of, trial_balance
from village_core.domain.ledger.voucher import Posting, Voucher, VoucherKind, reversal_of
from village_core.domain.money import LIMIT_FEN
from village_core.resources import read_json

CHART = Chart(
    read_chart(read_json("accounts", "chart_2024.json")),
    [("10201", "基本户", None), ("10202", "旧户", date(2024, 1, 1)), ("51401", "困难救助", None)],
)
DAY = date(2025, 3, 5)
GOOD = Voucher(DAY, (Posting("51401", "发放救助", 300_000), Posting("10201", "发放救助", 0, 300_000)))
SOME_ID = UUID(int=7)


def rules(voucher: Voucher, **facts: object) -> list[tuple[str, bool]]:
    findings = check_voucher(voucher, chart=CHART, **facts)  # type: ignore[arg-type]  # facts are per case
    assert all(finding.message.endswith("。") for finding in findings)
    return [(finding.rule_id, finding.hard) for finding in findings]


def of(*lines: tuple[str, int, int]) -> Voucher:
    return Voucher(DAY, tuple(Posting(account, "摘要", debit, credit) for account, debit, credit in lines))


def test_a_good_voucher_passes() -> None:
    assert rules(GOOD, locked={"2025-02"}, today=DAY, cash_before_fen={}) == []


@pytest.mark.parametrize(
    ("voucher", "rule"),
    [
        (Voucher(DAY, ()), "VOUCHER-1"),
        (of(("10201", 5, 0)), "VOUCHER-1"),
        (of(("10201", 5, 0), ("504", 0, 0), ("504", 0, 5)), "VOUCHER-2"),
        (of(("10201", 5, 5), ("504", 5, 5)), "VOUCHER-2"),
        (of(("10201", -5, 0), ("504", 0, -5)), "VOUCHER-2"),
        (of(("10201", LIMIT_FEN, 0), ("504", 0, LIMIT_FEN)), "VOUCHER-2"),
        (of(("10201", 5, 0), ("504", 0, 4)), "VOUCHER-3"),
        (of(("999", 5, 0), ("504", 0, 5)), "VOUCHER-4"),
        (of(("", 5, 0), ("504", 0, 5)), "VOUCHER-4"),
        (of(("10202", 5, 0), ("504", 0, 5)), "VOUCHER-4"),
        (of(("102", 5, 0), ("504", 0, 5)), "VOUCHER-5"),
        (Voucher(DAY, (Posting("10201", " ", 5), Posting("504", "收", 0, 5))), "VOUCHER-6"),
        (replace(GOOD, paper_count=-1), "VOUCHER-10"),
        (replace(GOOD, reverses=SOME_ID), "VOUCHER-2"),
    ],
)
def test_a_bad_voucher_is_refused_by_its_rule(voucher: Voucher, rule: str) -> None:
    assert (rule, True) in rules(voucher)


def test_an_unbalanced_voucher_says_by_how_much() -> None:
    message = check_voucher(of(("10201", 500, 0), ("504", 0, 400)), chart=CHART)[0].message
    assert "借方合计 5.00" in message
    assert "借方比贷方多 1.00" in message


@pytest.mark.parametrize(("locked", "refused"), [({"2025-03"}, True), ({"2025-04"}, True), ({"2025-02"}, False)])
def test_a_locked_month_takes_no_voucher(locked: set[str], refused: bool) -> None:
    assert (("VOUCHER-7", True) in rules(GOOD, locked=locked)) is refused


def test_a_date_that_has_not_come_wants_a_reason() -> None:
    assert rules(GOOD, today=date(2025, 3, 4)) == [("VOUCHER-9", False)]


def test_cash_that_would_go_below_zero_is_a_warning() -> None:
    spending = of(("51302", 500, 0), ("101", 0, 500))
    spending = replace(spending, postings=(Posting("513", "办公", 500), spending.postings[1]))
    assert rules(spending, cash_before_fen={"101": 499}) == [("VOUCHER-8", False)]
    assert rules(spending, cash_before_fen={"101": 500}) == []
    assert rules(of(("101", 500, 0), ("504", 0, 500)), cash_before_fen={"101": -900}) == []


@pytest.mark.parametrize("account", ["201", "221"])
def test_borrowing_warns_with_its_clause_and_repaying_does_not(account: str) -> None:
    findings = check_voucher(of(("10201", 500, 0), (account, 0, 500)), chart=CHART)
    assert [(f.rule_id, f.hard) for f in findings] == [("SANZI-4", False)]
    assert findings[0].clause == "防范新增村级组织债务"
    assert rules(of((account, 500, 0), ("10201", 0, 500))) == []
    assert rules(replace(of(("10201", 500, 0), (account, 0, 500)), kind=VoucherKind.OPENING)) == []


def test_a_reversal_of_what_was_right_then_is_right_now() -> None:
    old = of(("102", 5, 0), ("504", 0, 5))
    assert rules(reversal_of(old, SOME_ID, on=DAY, number_text="记-1")) == []


def test_a_reversal_mirrors_its_original_or_is_refused() -> None:
    reversal = reversal_of(GOOD, SOME_ID, on=DAY, number_text="记-1")
    assert check_reversal(reversal, GOOD) == ()
    early = replace(reversal, voucher_date=date(2025, 3, 4))
    short = replace(reversal, postings=tuple(replace(p, debit_fen=p.debit_fen // 2) for p in reversal.postings))
    for wrong, original in ((early, GOOD), (short, GOOD), (reversal, replace(GOOD, reverses=SOME_ID))):
        assert next(f.rule_id for f in check_reversal(wrong, original)) == "VOUCHER-11"


LEAVES = [account.code for account in CHART.leaves()]
amounts = st.integers(min_value=1, max_value=10**12)


@st.composite
def balanced_vouchers(draw: st.DrawFn) -> Voucher:
    """One to five debit lines against one to five credit lines of the same sum."""
    debits = draw(st.lists(st.tuples(st.sampled_from(LEAVES), amounts), min_size=1, max_size=5))
    total = sum(amount for _, amount in debits)
    cuts = sorted(draw(st.sets(st.integers(1, max(total - 1, 1)), max_size=4)) - {total})
    parts = [high - low for low, high in zip([0, *cuts], [*cuts, total], strict=True)]
    postings = [Posting(account, "借", amount) for account, amount in debits]
    postings += [Posting(draw(st.sampled_from(LEAVES)), "贷", 0, part) for part in parts]
    month = draw(st.integers(1, 12))
    kind = draw(st.sampled_from([VoucherKind.NORMAL, VoucherKind.OPENING, VoucherKind.IMPORTED]))
    return Voucher(date(2025, month, 15), tuple(postings), kind)


@given(balanced_vouchers())
def test_every_balanced_voucher_on_leaves_passes(voucher: Voucher) -> None:
    assert not [finding for finding in check_voucher(voucher, chart=CHART) if finding.hard]


@given(balanced_vouchers(), st.integers(1, 10**9))
def test_one_changed_amount_is_always_seen(voucher: Voucher, more: int) -> None:
    first = replace(voucher.postings[0], debit_fen=voucher.postings[0].debit_fen + more)
    assert ("VOUCHER-3", True) in rules(replace(voucher, postings=(first, *voucher.postings[1:])))


@given(st.lists(st.tuples(balanced_vouchers(), st.booleans()), max_size=12))
def test_any_sequence_of_postings_and_reversals_balances(steps: list[tuple[Voucher, bool]]) -> None:
    books: list[Voucher] = []
    for voucher, taken_back in steps:
        books.append(voucher)
        if taken_back:
            reversal = reversal_of(voucher, SOME_ID, on=voucher.voucher_date, number_text="记-1")
            assert check_reversal(reversal, voucher) == ()
            assert check_voucher(reversal, chart=CHART) == ()
            books.append(reversal)
    rows = trial_balance(sums_of(books), CHART)
    assert totals_of(rows).balanced
    standing = [voucher for voucher, taken_back in steps if not taken_back]
    expected = {row.code: row.closing_fen for row in trial_balance(sums_of(standing), CHART)}
    assert {row.code: row.closing_fen for row in rows if row.closing_fen} == {c: f for c, f in expected.items() if f}


def sums_of(books: list[Voucher]) -> list[AccountSums]:
    sums: list[AccountSums] = []
    for voucher in books:
        for posting in voucher.postings:
            if voucher.kind is VoucherKind.OPENING:
                sums.append(AccountSums(posting.account, posting.debit_fen - posting.credit_fen, 0, 0))
            else:
                sums.append(AccountSums(posting.account, 0, posting.debit_fen, posting.credit_fen))
    return sums
