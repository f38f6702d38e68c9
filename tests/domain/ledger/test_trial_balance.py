"""The trial balance: parents bear what stands below them, opening is never turnover, pairs agree."""

from __future__ import annotations

from village_core.domain.ledger.accounts import Chart, read_chart
from village_core.domain.ledger.trial_balance import AccountSums, totals_of, trial_balance
from village_core.resources import read_json

CHART = Chart(
    read_chart(read_json("accounts", "chart_2024.json")),
    [("10201", "基本户", None), ("10202", "专户", None), ("5010301", "鱼塘", None), ("50103", "发包收入", None)],
)


def test_parents_are_added_up_from_all_that_stands_below() -> None:
    rows = trial_balance(
        [
            AccountSums("10201", 1000, 500, 200),
            AccountSums("10202", 0, 0, 300),
            AccountSums("301", -1000, 0, 0),
            AccountSums("5010301", 0, 0, 0),
            AccountSums("50103", 0, 0, 0),
        ],
        CHART,
    )
    assert [(r.code, r.leaf, r.opening_fen, r.debit_fen, r.credit_fen, r.closing_fen) for r in rows] == [
        ("102", False, 1000, 500, 500, 1000),
        ("10201", True, 1000, 500, 200, 1300),
        ("10202", True, 0, 0, 300, -300),
        ("301", True, -1000, 0, 0, -1000),
    ]
    assert rows[1].name == "基本户"
    assert totals_of(rows).balanced


def test_three_levels_reach_the_first() -> None:
    rows = trial_balance([AccountSums("5010301", 0, 0, 700)], CHART)
    assert [(row.code, row.level, row.closing_fen) for row in rows] == [
        ("501", 1, -700), ("50103", 2, -700), ("5010301", 3, -700)
    ]  # fmt: skip
    assert not totals_of(rows).balanced


def test_what_was_posted_before_a_sub_account_existed_still_counts() -> None:
    rows = trial_balance([AccountSums("102", 0, 100, 0), AccountSums("10201", 0, 50, 0)], CHART)
    assert [(row.code, row.debit_fen) for row in rows] == [("102", 150), ("10201", 50)]


def test_an_account_that_nobody_named_is_shown_and_not_lost() -> None:
    row = trial_balance([AccountSums("99901", 0, 5, 0)], CHART)[1]
    assert (row.name, row.debit_fen) == ("（没有名称）", 5)


def test_empty_books_have_no_rows_and_balance() -> None:
    assert trial_balance([], CHART) == ()
    assert totals_of(()).balanced
