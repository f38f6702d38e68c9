"""Accounts: the data of the chart, codes 3-2-2-2, sub-accounts that can and cannot be opened."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest

from village_core.domain.errors import RefusedError
from village_core.domain.ledger.accounts import (
    Chart,
    Side,
    code_path,
    display_code,
    parent_code,
    parse_account_code,
    read_chart,
    refuse_sub_account,
)
from village_core.resources import read_json

NATIONAL = read_chart(read_json("accounts", "chart_2024.json"))


def test_the_chart_has_42_accounts_of_five_categories() -> None:
    assert len(NATIONAL) == 42
    counted = Counter(account.category for account in NATIONAL)
    assert counted == {"资产": 19, "负债": 8, "所有者权益": 4, "成本": 1, "损益": 10}
    assert len({account.code for account in NATIONAL}) == len({account.name for account in NATIONAL}) == 42


def test_contra_accounts_stand_on_the_credit_side() -> None:
    credit_assets = {a.code for a in NATIONAL if a.category == "资产" and a.normal is Side.CREDIT}
    assert credit_assets == {"133", "152", "162"}
    assert {a.code for a in NATIONAL if a.both_sides} >= {"113", "154", "181", "231", "321", "322"}


def test_every_first_level_account_carries_its_mark() -> None:
    assert {account.certainty for account in NATIONAL} == {"待核实"}
    data = read_json("accounts", "chart_2024.json")
    assert data["document"] == "财会〔2023〕14号"
    assert data["year"] == 2024
    assert data["source"]
    assert all(entry["certainty"] and entry["source"] for entry in data["offered"])


def test_offered_sub_accounts_could_all_be_opened() -> None:
    chart = Chart(NATIONAL, ())
    for entry in read_json("accounts", "chart_2024.json")["offered"]:
        chart = chart.with_sub_account(entry["code"], entry["name"])
    assert chart.full_name("51401") == "公益支出—困难救助"


def test_old_chart_is_mapped_by_name_to_accounts_that_exist() -> None:
    data = read_json("accounts", "chart_2004_names.json")
    codes = {account.code for account in NATIONAL}
    names = [entry["name"] for entry in data["accounts"]]
    assert len(names) == len(set(names)) == 35
    for entry in data["accounts"]:
        assert set(entry["becomes"]) <= codes
        assert entry["becomes"] or entry["note"]
        assert entry["certainty"] == "待核实"
    assert next(e for e in data["accounts"] if e["name"] == "固定资产清理")["becomes"] == ["154"]
    assert json.dumps(data, ensure_ascii=False)


@pytest.mark.parametrize(
    ("text", "code"),
    [("102", "102"), ("10201", "10201"), ("102-01", "10201"), (" 514.01.02 ", "5140102"), ("１０２０１", "10201")],
)
def test_account_code_is_read(text: str, code: str) -> None:
    assert parse_account_code(text) == code


@pytest.mark.parametrize("text", ["", " ", "10", "1020", "102010101010", "银行存款", "102O1", "1.02E+10"])
def test_account_code_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="科目编码"):
        parse_account_code(text)


def test_code_parts() -> None:
    assert parent_code("51401") == "514"
    assert parent_code("514") is None
    assert code_path("5140102") == ("514", "51401", "5140102")
    assert display_code("5140102") == "514-01-02"


def test_sub_account_inherits_side_and_closes_its_parent_for_postings() -> None:
    chart = Chart(NATIONAL, [("15201", "办公楼", None)])
    account = chart.find("15201")
    assert account is not None
    assert (account.normal, account.category, account.level) == (Side.CREDIT, "资产", 2)
    assert chart.is_leaf("15201")
    assert not chart.is_leaf("152")
    assert chart.is_leaf("151")
    assert [a.code for a in chart.leaves("15")] == ["151", "15201", "153", "154"]
    assert chart.next_child_code("152") == "15202"


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("514", "公益", "不能作为明细"),
        ("5140", "公益", "不能作为明细"),
        ("10201", "基本户", "已经有了"),
        ("99901", "没有的", "还没有"),
        ("5140101", "孙科目", "还没有"),
        ("10200", "零号", "01 开始"),
        ("10203", " ", "名称"),
        ("10203", "基本户", "已经有叫"),
        ("1020201", "旧户分户", "停用"),
    ],
)
def test_sub_account_that_cannot_be_opened_says_why(code: str, name: str, reason: str) -> None:
    chart = Chart(NATIONAL, [("10201", "基本户", None), ("10202", "旧户", date(2025, 1, 1))])
    assert reason in refuse_sub_account(chart, code, name)
    with pytest.raises(RefusedError, match=reason):
        chart.with_sub_account(code, name)


def test_two_digits_give_99_sub_accounts() -> None:
    chart = Chart(NATIONAL, [(f"113{number:02d}", f"农户{number}", None) for number in range(1, 100)])
    with pytest.raises(RefusedError, match="用完"):
        chart.next_child_code("113")


@pytest.mark.parametrize("code", ["", "1", "5140", "../../etc", "51401\n", "５１４０１", "9" * 400])
def test_a_sub_account_from_another_computer_whose_code_is_none_is_passed_over(code: str) -> None:
    chart = Chart((), [(code, "坏的", None), ("51401", "困难救助", None)])
    assert [(account.code, account.level) for account in chart] == [("51401", 2)]
