"""Drafts, posting, reversal, opening balances, locks and the grant's payment, on a real encrypted workspace."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from desktop_app.ledger import queries
from desktop_app.ledger.chart import load_chart
from desktop_app.ledger.service import (
    add_sub_account,
    delete_draft,
    enter_opening_balances,
    lock_month,
    post_entry,
    post_relief_payment,
    post_voucher,
    reverse_voucher,
    save_draft,
)
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.storage.workspace import Workspace
from tests.ledger.books import DAY, closing, entry, open_accounts, post
from tests.workspaces import MakeWorkspace, do
from village_core.domain.errors import RefusedError, RuleRefusedError
from village_core.domain.ids import new_id
from village_core.domain.ledger.trial_balance import totals_of
from village_core.records import ledger as records

CASE = UUID(int=77)
GOOD = (("10201", 500_00), ("50103", -500_00))


@pytest.fixture
def books(workspace: Workspace) -> Workspace:
    open_accounts(workspace)
    return workspace


def test_draft_is_posted_under_the_months_next_number_and_gone(books: Workspace) -> None:
    first = do(books, lambda uow: save_draft(uow, entry(*GOOD)))
    second = do(books, lambda uow: save_draft(uow, entry(*GOOD)))
    assert (first.draft_number, second.draft_number) == ("D00-0001", "D00-0002")
    posted = do(books, lambda uow: post_voucher(uow, second.draft_id))
    assert posted.number_text == "记-1"
    assert do(books, lambda uow: post_voucher(uow, first.draft_id)).number_text == "记-2"
    assert post(books, *GOOD, on=date(2026, 4, 1)).number_text == "记-1"
    with books.reader() as reader:
        assert queries.list_drafts(reader) == ()
        detail = queries.get_voucher(reader, posted.voucher_id)
        assert [(line.root_name, line.detail_name, line.debit_fen, line.credit_fen) for line in detail.lines] == [
            ("银行存款", "基本户", 500_00, 0),
            ("经营收入", "发包收入", 0, 500_00),
        ]
        assert (detail.prepared_by, detail.reviewed_by, detail.paper_count) == ("李琼仙", "", 1)
        assert [row.number_text for row in queries.list_vouchers(reader, period="2026-03")] == ["记-1", "记-2"]
        assert queries.next_voucher_number(reader, "2026-03").text == "记-3"


def test_unfinished_draft_is_kept_and_its_posting_refused(books: Workspace) -> None:
    saved = do(books, lambda uow: save_draft(uow, entry(("10201", 500_00))))
    with pytest.raises(RuleRefusedError) as refusal:
        do(books, lambda uow: post_voucher(uow, saved.draft_id))
    assert {finding.rule_id for finding in refusal.value.findings} == {"VOUCHER-1", "VOUCHER-3"}
    again = do(books, lambda uow: save_draft(uow, entry(*GOOD, summary="改好了"), draft_id=saved.draft_id))
    assert again.draft_id == saved.draft_id
    with books.reader() as reader:
        assert queries.get_draft(reader, saved.draft_id).entry == entry(*GOOD, summary="改好了")
        assert queries.list_drafts(reader, period="2026-03")[0].amount_fen == 500_00
        assert queries.list_vouchers(reader) == ()


@pytest.mark.parametrize("body", ["", "[[", "null", '{"postings": [[]]}', '{"postings":[{"account":1}]}', "[" * 9000])
def test_a_draft_that_makes_no_sense_stands_in_the_list_and_can_be_thrown_away(books: Workspace, body: str) -> None:
    saved = do(books, lambda uow: save_draft(uow, entry(*GOOD)))
    do(books, lambda uow: uow.session.execute(update(records.VoucherDraft).values(body=body)))
    with books.reader() as reader:
        [row] = queries.list_drafts(reader)
        assert (row.summary, row.amount_fen) == ("（内容读不出来）收发包款", 0)
        assert not queries.get_draft(reader, saved.draft_id).entry.readable
    with pytest.raises(RuleRefusedError):
        do(books, lambda uow: post_voucher(uow, saved.draft_id))
    do(books, lambda uow: delete_draft(uow, saved.draft_id))
    with books.reader() as reader:
        assert queries.list_drafts(reader) == ()


def test_draft_thrown_away_is_gone_and_says_so(books: Workspace) -> None:
    saved = do(books, lambda uow: save_draft(uow, entry(*GOOD)))
    do(books, lambda uow: delete_draft(uow, saved.draft_id))
    with books.reader() as reader, pytest.raises(RefusedError, match="草稿已经不在"):
        queries.get_draft(reader, saved.draft_id)


def test_second_person_reviews_what_the_first_one_wrote(books: Workspace) -> None:
    saved = do(books, lambda uow: save_draft(uow, entry(*GOOD)))

    def post_as_another(uow: UnitOfWork) -> UUID:
        uow.actor = type(uow.actor)(new_id(), "普建国", "会计", 0)
        return post_voucher(uow, saved.draft_id).voucher_id

    voucher_id = do(books, post_as_another)
    with books.reader() as reader:
        detail = queries.get_voucher(reader, voucher_id)
    assert (detail.prepared_by, detail.reviewed_by) == ("李琼仙", "普建国")


def test_posted_rows_can_neither_be_changed_nor_deleted(books: Workspace) -> None:
    posted = post(books, *GOOD)
    for statement in (
        update(records.Voucher).values(paper_count=9),
        update(records.Posting).values(debit_fen=1),
        delete(records.Posting),
    ):
        with pytest.raises(IntegrityError), books.unit_of_work() as uow:
            uow.session.execute(statement)
    with books.reader() as reader:
        assert queries.get_voucher(reader, posted.voucher_id).paper_count == 1


def test_laptop_without_the_right_writes_drafts_only(books: Workspace) -> None:
    saved = do(books, lambda uow: save_draft(uow, entry(*GOOD)))
    books.set_state("rights.may_post", "0")
    for deed in (
        lambda uow: post_voucher(uow, saved.draft_id),
        lambda uow: post_entry(uow, entry(*GOOD)),
        lambda uow: lock_month(uow, "2026-03"),
        lambda uow: enter_opening_balances(uow, on=DAY, balances={"101": 1, "301": -1}),
        lambda uow: pay(uow, CASE),
    ):
        with pytest.raises(RefusedError, match="只能写草稿"):
            do(books, deed)
    with books.reader() as reader:
        assert queries.list_vouchers(reader) == ()
        assert len(queries.list_drafts(reader)) == 1


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ((("10201", 500), ("50103", -499)), "VOUCHER-3"),
        ((("102", 500), ("50103", -500)), "VOUCHER-5"),
        ((("10209", 500), ("50103", -500)), "VOUCHER-4"),
        ((("10201", 500), ("50103", 0)), "VOUCHER-2"),
    ],
)
def test_bad_voucher_is_refused_and_leaves_the_books_as_they_were(
    books: Workspace, lines: tuple[tuple[str, int], ...], rule: str
) -> None:
    with pytest.raises(RuleRefusedError) as refusal:
        post(books, *lines)
    assert rule in {finding.rule_id for finding in refusal.value.findings}
    assert closing(books) == {}


def test_loan_and_empty_cash_box_want_a_reason_which_is_kept(books: Workspace) -> None:
    loan = entry(("10201", 500), ("201", -500))
    with pytest.raises(RuleRefusedError, match="防范新增村级组织债务") as refusal:
        do(books, lambda uow: post_entry(uow, loan))
    assert "请写明理由" in refusal.value.next_step
    posted = do(books, lambda uow: post_entry(uow, loan, reason="2026年3月1日村民代表会议决议"))
    with books.reader() as reader:
        assert queries.get_voucher(reader, posted.voucher_id).reason == "2026年3月1日村民代表会议决议"
    with pytest.raises(RuleRefusedError, match="库存现金会变成负数"):
        post(books, ("51302", 100), ("101", -100))


def test_reversal_takes_back_and_both_know_of_each_other(books: Workspace) -> None:
    posted = post(books, *GOOD)
    reversal = do(books, lambda uow: reverse_voucher(uow, posted.voucher_id, reason="金额记错", on=date(2026, 4, 2)))
    assert reversal.number_text == "记-1"
    with books.reader() as reader:
        original = queries.get_voucher(reader, posted.voucher_id)
        red = queries.get_voucher(reader, reversal.voucher_id)
        assert original.reversed_by == (reversal.voucher_id, "记-1")
        assert red.reverses == (posted.voucher_id, "记-1")
        assert red.reason == "金额记错"
        assert [line.debit_fen for line in red.lines] == [-500_00, 0]
        assert [row.status for row in queries.list_vouchers(reader)] == ["reversed", "reversal"]
    assert set(closing(books).values()) == {0}


@pytest.mark.parametrize(
    ("reason", "on", "words"),
    [
        (" ", date(2026, 4, 1), "没有写冲销的原因"),
        ("错", date(2026, 3, 4), "不能早于"),
        ("错", date(2026, 2, 1), "锁账"),
    ],
)
def test_reversal_without_reason_too_early_or_in_a_locked_month_is_refused(
    books: Workspace, reason: str, on: date, words: str
) -> None:
    posted = post(books, *GOOD)
    do(books, lambda uow: lock_month(uow, "2026-02"))
    with pytest.raises(RefusedError) as refusal:
        do(books, lambda uow: reverse_voucher(uow, posted.voucher_id, reason=reason, on=on))
    assert words in "".join(finding.message for finding in getattr(refusal.value, "findings", ())) + refusal.value.what


def test_nothing_is_reversed_twice_and_no_reversal_is_reversed(books: Workspace) -> None:
    posted = post(books, *GOOD)
    reversal = do(books, lambda uow: reverse_voucher(uow, posted.voucher_id, reason="错"))
    with pytest.raises(RefusedError, match="已经由"):
        do(books, lambda uow: reverse_voucher(uow, posted.voucher_id, reason="错"))
    with pytest.raises(RuleRefusedError, match="本身就是冲销"):
        do(books, lambda uow: reverse_voucher(uow, reversal.voucher_id, reason="错"))


def test_locked_month_and_all_before_take_nothing_more(books: Workspace) -> None:
    post(books, *GOOD)
    do(books, lambda uow: lock_month(uow, "2026-03"))
    for day in (date(2026, 3, 31), date(2025, 12, 1)):
        with pytest.raises(RuleRefusedError, match="已经锁账"):
            post(books, *GOOD, on=day)
    assert post(books, *GOOD, on=date(2026, 4, 1)).number_text == "记-1"
    with books.reader() as reader:
        assert {month.period: month.locked for month in queries.list_months(reader)} == {
            "2026-11": False,
            "2026-04": False,
            "2026-03": True,
        }
    with pytest.raises(RefusedError, match="已经锁过"):
        do(books, lambda uow: lock_month(uow, "2026-02"))


def test_month_with_drafts_or_to_come_cannot_be_locked(books: Workspace) -> None:
    do(books, lambda uow: save_draft(uow, entry(*GOOD)))
    with pytest.raises(RefusedError, match="1 张草稿"):
        do(books, lambda uow: lock_month(uow, "2026-03"))
    with pytest.raises(RefusedError, match="还没有到"):
        do(books, lambda uow: lock_month(uow, "2026-12"))


def test_opening_balances_are_no_turnover_and_can_be_mended_in_red(books: Workspace) -> None:
    day = date(2026, 1, 1)
    balances = {"10201": 900, "152": -100, "301": -800}
    do(books, lambda uow: enter_opening_balances(uow, on=day, balances=balances))
    with pytest.raises(RefusedError, match="写明原因"):
        do(books, lambda uow: enter_opening_balances(uow, on=day, balances=balances))
    mended = {"10201": 950, "152": -150, "301": -800}
    do(books, lambda uow: enter_opening_balances(uow, on=day, balances=mended, reason="折旧抄错"))
    with books.reader() as reader:
        rows = queries.trial_balance(reader, start=day, end=date(2026, 12, 31))
        opening = queries.find_opening(reader)
        assert queries.numbers_of(reader, "2026-01") == ()
    assert {row.code: row.opening_fen for row in rows} == {"102": 950, "10201": 950, "152": -150, "301": -800}
    assert all(row.debit_fen == row.credit_fen == 0 for row in rows)
    assert opening is not None
    assert opening.amount_fen == 950
    with pytest.raises(RefusedError, match="期初"):
        do(books, lambda uow: reverse_voucher(uow, opening.voucher_id, reason="错"))


def test_opening_balances_that_do_not_agree_or_come_after_a_lock_are_refused(books: Workspace) -> None:
    day = date(2026, 1, 1)
    with pytest.raises(RuleRefusedError, match="借贷不平"):
        do(books, lambda uow: enter_opening_balances(uow, on=day, balances={"101": 5, "301": -4}))
    do(books, lambda uow: lock_month(uow, "2026-01"))
    with pytest.raises(RuleRefusedError, match="锁账"):
        do(books, lambda uow: enter_opening_balances(uow, on=day, balances={"101": 5, "301": -5}))


def pay(uow: UnitOfWork, case_id: UUID, *, bank: str = "10201", amount_fen: int = 3000_00) -> UUID:
    return post_relief_payment(
        uow,
        case_id=case_id,
        household_name="罗铉",
        amount_fen=amount_fen,
        paid_on=date(2026, 10, 30),
        bank_account_code=bank,
        bank_receipt_no="20261030-0017",
    ).voucher_id


def test_grant_is_booked_on_its_own_account_and_refers_to_its_case_and_receipt(books: Workspace) -> None:
    voucher_id = do(books, lambda uow: pay(uow, CASE))
    with books.reader() as reader:
        detail = queries.get_voucher(reader, voucher_id)
        assert [row.voucher_id for row in queries.list_case_vouchers(reader, CASE)] == [voucher_id]
    assert [(line.account, line.debit_fen, line.credit_fen) for line in detail.lines] == [
        ("51401", 3000_00, 0),
        ("10201", 0, 3000_00),
    ]
    assert detail.lines[0].summary == "发放罗铉家集体经济临时救助金"
    assert (detail.case_id, detail.bank_receipt, detail.paper_count) == (CASE, "20261030-0017", 1)
    with pytest.raises(RefusedError, match="已经记过发放凭证 记-1"):
        do(books, lambda uow: pay(uow, CASE))
    do(books, lambda uow: reverse_voucher(uow, voucher_id, reason="银行退回"))
    with books.reader() as reader:
        assert [row.status for row in queries.list_case_vouchers(reader, CASE)] == ["reversed", "reversal"]
    assert do(books, lambda uow: pay(uow, CASE)) != voucher_id


@pytest.mark.parametrize(("bank", "amount_fen"), [("101", 1), ("10201", 0), ("10201", -5), ("102", 5), ("10299", 5)])
def test_grant_in_cash_or_without_amount_or_account_is_refused(books: Workspace, bank: str, amount_fen: int) -> None:
    with pytest.raises(RefusedError):
        do(books, lambda uow: pay(uow, CASE, bank=bank, amount_fen=amount_fen))
    with books.reader() as reader:
        assert queries.list_vouchers(reader) == ()
        assert load_chart(reader).find("51401") is None


def test_grant_uses_the_relief_account_that_the_village_has(books: Workspace) -> None:
    do(books, lambda uow: add_sub_account(uow, parent="514", name="公益事业", code="51401"))
    do(books, lambda uow: pay(uow, CASE))
    assert closing(books)["51402"] == 3000_00
    do(books, lambda uow: pay(uow, UUID(int=78)))
    assert closing(books)["51402"] == 6000_00


def test_sub_account_gets_the_next_code_and_the_same_id_on_every_laptop(make_workspace: MakeWorkspace) -> None:
    laptops = [make_workspace("one"), make_workspace("two")]
    ids = []
    for laptop in laptops:
        assert do(laptop, lambda uow: add_sub_account(uow, parent="102", name="基本户")).code == "10201"
        assert do(laptop, lambda uow: add_sub_account(uow, parent="102", name="专户")).code == "10202"
        with laptop.reader() as reader:
            ids.append([row.id for row in reader.session.query(records.SubAccount).order_by("code")])
    assert ids[0] == ids[1]
    with pytest.raises(RefusedError, match="已经有叫"):
        do(laptops[0], lambda uow: add_sub_account(uow, parent="102", name="专户"))


def test_accounts_show_their_balances_and_search_finds_vouchers(books: Workspace) -> None:
    posted = post(books, *GOOD, summary="收鱼塘发包款")
    with books.reader() as reader:
        accounts = {row.code: row for row in queries.list_accounts(reader)}
        assert accounts["102"].balance_fen == accounts["10201"].balance_fen == 500_00
        assert not accounts["102"].leaf
        assert accounts["10201"].full_name == "银行存款—基本户"
        assert len(accounts) == 45
        assert [row.voucher_id for row in queries.find_vouchers(reader, "鱼塘")] == [posted.voucher_id]
        assert queries.find_vouchers(reader, "%") != ()
        assert queries.find_vouchers(reader, "没有的") == ()
        assert queries.list_vouchers(reader, limit=5)[0].voucher_id == posted.voucher_id


def test_trial_balance_splits_at_the_dates(books: Workspace) -> None:
    post(books, *GOOD, on=date(2026, 1, 31))
    post(books, *GOOD, on=date(2026, 2, 1))
    post(books, *GOOD, on=date(2026, 2, 28))
    post(books, *GOOD, on=date(2026, 3, 1))
    with books.reader() as reader:
        rows = queries.trial_balance(reader, start=date(2026, 2, 1), end=date(2026, 2, 28))
    leaf = next(row for row in rows if row.code == "10201")
    assert (leaf.opening_fen, leaf.debit_fen, leaf.credit_fen, leaf.closing_fen) == (500_00, 1000_00, 0, 1500_00)
    assert totals_of(rows).balanced


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["post", "reverse", "opening", "draft"]),
        st.integers(1, 28),
        st.integers(1, 10**9),
        st.sampled_from(["10201", "101", "112", "50103"]),
        st.sampled_from(["301", "50103", "211", "503"]),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_any_sequence_of_deeds_leaves_balanced_books_without_gaps_in_numbers(
    books: Workspace, deeds: list[tuple[str, int, int, str, str]]
) -> None:
    for kind, day, amount, debit, credit in deeds:
        on = date(2026, 5, day)
        with books.unit_of_work(reason="试") as uow:
            try:
                if kind == "post":
                    post_entry(uow, entry((debit, amount), (credit, -amount), on=on))
                elif kind == "draft":
                    post_voucher(uow, save_draft(uow, entry((debit, amount), (credit, -amount), on=on)).draft_id)
                elif kind == "opening":
                    balances = {debit: amount, credit: -amount} if debit != credit else {"101": 1, "301": -1}
                    enter_opening_balances(uow, on=on, balances=balances, reason="重来")
                else:
                    rows = [row for row in queries.list_vouchers(uow) if row.status == "posted"]
                    if rows:
                        reverse_voucher(uow, rows[amount % len(rows)].voucher_id, reason="错")
                uow.commit()
            except RefusedError:
                continue
    with books.reader() as reader:
        rows_now = queries.trial_balance(reader, start=date(2026, 5, 10), end=date(2026, 12, 31))
        gaps = [queries.list_missing_numbers(reader, period) for period in ("2026-05", "2026-11")]
    assert totals_of(rows_now).balanced
    assert gaps == [(), ()]
