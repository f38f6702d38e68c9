"""The plain-language entries: each can be booked, on accounts that exist, and says how sure it is."""

from __future__ import annotations

from datetime import date

import pytest

from desktop_app.ledger.chart import national_accounts, offered_accounts
from desktop_app.ledger.screens.account_edit import AccountEdit
from desktop_app.ledger.templates import (
    EntryTemplate,
    choices_for,
    default_choice,
    entry_templates,
    fill_template,
    get_template,
)
from village_core.domain.ledger.accounts import BANK, Chart, Side
from village_core.domain.ledger.checks import check_voucher
from village_core.domain.ledger.voucher import Voucher

FRESH = Chart(national_accounts(), ())
GROWN = Chart(national_accounts(), [(one.code, one.name, None) for one in offered_accounts()])


def test_titles_and_keys_are_unique_and_cover_the_daily_business() -> None:
    templates = entry_templates()
    assert len({template.key for template in templates}) == len({template.title for template in templates})
    titles = {template.title for template in templates}
    daily = "收发包款 收租金 付集体救助金 提现 存现 收运转经费等补助 付办公费 发干部报酬 收回农户往来"
    assert titles >= {*daily.split()}
    assert [template.group for template in templates if template.group == "现金"]


@pytest.mark.parametrize("template", entry_templates(), ids=lambda template: template.key)
def test_every_template_makes_a_voucher_that_passes(template: EntryTemplate) -> None:
    assert template.source
    assert template.certainty
    accounts = {}
    for slot in template.slots:
        assert all(FRESH.find(code) for code in slot.accounts)
        offered = {one.code for one in offered_accounts()}
        assert not slot.suggest or slot.suggest in offered
        accounts[slot.side] = default_choice(slot, GROWN) or choices_for(slot, GROWN)[0].code
    postings = fill_template(template, accounts=accounts, amount_fen=500, summary=template.summary)
    findings = check_voucher(Voucher(date(2026, 3, 1), postings), chart=GROWN)
    assert [finding for finding in findings if finding.hard] == []
    assert bool(findings) == (template.key == "loan_received")


def test_grants_can_be_paid_from_a_bank_account_only() -> None:
    credit = next(slot for slot in get_template("relief_paid").slots if slot.side is Side.CREDIT)
    assert credit.accounts == (BANK,)


def test_suggested_sub_account_is_offered_unless_the_village_posts_on_its_parent() -> None:
    slot = next(slot for slot in get_template("subsidy_received").slots if slot.side is Side.CREDIT)
    assert default_choice(slot, FRESH) == "50301"
    assert default_choice(slot, FRESH, used={"503"}) == "503"
    assert default_choice(slot, GROWN, used={"503"}) == "50301"


def test_what_only_she_can_say_is_not_chosen_for_her() -> None:
    loan = next(slot for slot in get_template("loan_received").slots if slot.side is Side.CREDIT)
    assert default_choice(loan, FRESH) == ""
    two_banks = Chart(national_accounts(), [("10201", "基本户", None), ("10202", "专户", None)])
    bank = next(slot for slot in get_template("cash_drawn").slots if slot.side is Side.CREDIT)
    assert default_choice(bank, two_banks) == ""
    assert default_choice(bank, GROWN) == "10201"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("10201", "10201"), ("102-01", "10201"), ("基本户", "10201"), ("银行存款—基本户", "10201"), ("库存现", "101")],
)
def test_account_is_found_by_code_or_name(qtbot: object, typed: str, code: str) -> None:
    edit = AccountEdit()
    edit.set_chart(GROWN)
    edit.line.setText(typed)
    assert edit.value() == code
    assert edit.problem() == ""
    edit.deleteLater()


@pytest.mark.parametrize(
    ("typed", "words"), [("收入", "对得上"), ("没有的", "没有叫"), ("501", "记到它的明细上"), ("99999", "没有叫")]
)
def test_account_that_is_not_one_says_why(qtbot: object, typed: str, words: str) -> None:
    edit = AccountEdit()
    edit.set_chart(GROWN)
    edit.line.setText(typed)
    assert edit.value() == ""
    assert words in edit.problem()
    edit.deleteLater()
