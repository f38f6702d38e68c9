"""The trial balance (科目余额表) from plain sums per account: parents are added up, columns must agree in pairs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from village_core.domain.ledger.accounts import Chart, code_path


@dataclass(frozen=True)
class AccountSums:
    """What one account itself bears, in 分. `opening_fen` is signed, debit positive; the others are plain sums.

    `moved` is true when there was turnover, also when red letters took all of it back.
    """

    code: str
    opening_fen: int
    debit_fen: int
    credit_fen: int
    moved: bool = False


@dataclass(frozen=True)
class TrialBalanceRow:
    """One account with all that stands below it. Opening and closing are signed, debit positive."""

    code: str
    name: str
    leaf: bool
    opening_fen: int
    debit_fen: int
    credit_fen: int

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.debit_fen - self.credit_fen

    @property
    def level(self) -> int:
        return (len(self.code) - 1) // 2


def trial_balance(sums: Iterable[AccountSums], chart: Chart) -> tuple[TrialBalanceRow, ...]:
    """Every account with a balance or a movement, by code; a parent stands where one of its own does."""
    totals: dict[str, list[int]] = {}
    for entry in sums:
        if not (entry.opening_fen or entry.debit_fen or entry.credit_fen or entry.moved):
            continue
        for code in code_path(entry.code):
            total = totals.setdefault(code, [0, 0, 0])
            total[0] += entry.opening_fen
            total[1] += entry.debit_fen
            total[2] += entry.credit_fen
    return tuple(
        TrialBalanceRow(
            code,
            account.name if (account := chart.find(code)) else "（没有名称）",
            chart.is_leaf(code),
            *totals[code],
        )
        for code in sorted(totals)
    )


@dataclass(frozen=True)
class TrialBalanceTotals:
    """The bottom line: three pairs, each of which must agree."""

    opening_debit_fen: int
    opening_credit_fen: int
    debit_fen: int
    credit_fen: int
    closing_debit_fen: int
    closing_credit_fen: int

    @property
    def balanced(self) -> bool:
        return (
            self.opening_debit_fen == self.opening_credit_fen
            and self.debit_fen == self.credit_fen
            and self.closing_debit_fen == self.closing_credit_fen
        )


def totals_of(rows: Iterable[TrialBalanceRow]) -> TrialBalanceTotals:
    """The totals over the first level, each balance on the side where it stands."""
    first = [row for row in rows if row.level == 1]
    return TrialBalanceTotals(
        opening_debit_fen=sum(max(row.opening_fen, 0) for row in first),
        opening_credit_fen=sum(max(-row.opening_fen, 0) for row in first),
        debit_fen=sum(row.debit_fen for row in first),
        credit_fen=sum(row.credit_fen for row in first),
        closing_debit_fen=sum(max(row.closing_fen, 0) for row in first),
        closing_credit_fen=sum(max(-row.closing_fen, 0) for row in first),
    )
