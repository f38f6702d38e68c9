"""Cases on a real encrypted workspace: opened, carried, corrected, withdrawn, refused without a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from desktop_app.ledger.queries import get_voucher, list_case_vouchers
from desktop_app.ledger.service import lock_month, reverse_voucher
from desktop_app.relief.queries import get_case_detail, get_pool
from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.service import correct_step, next_case_number, open_case, withdraw_case
from desktop_app.storage.access_log import list_access
from desktop_app.storage.unit_of_work import Actor
from desktop_app.storage.workspace import Workspace
from tests.domain.relief.builder import AMOUNT, DAYS, PAYLOADS
from tests.relief.village import add_household, add_papers, furnish, picture, start_case, usual_step, walk
from tests.staff.acting import add, sit_down
from tests.workspaces import MakeWorkspace, do
from village_core.domain.errors import RefusedError, RuleRefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.payloads import (
    Application,
    ObjectionConcluded,
    ObjectionOutcome,
    Payment,
    PaymentMethod,
)
from village_core.domain.relief.state import CaseStatus
from village_core.domain.relief.steps import StepKind, StepRecord
from village_core.exchange.change_log import COUNTY_ORIGIN, change_context, device_state
from village_core.records.held import HeldChange
from village_core.records.households import Household
from village_core.records.ledger import Voucher
from village_core.records.relief import ReliefCase, ReliefStep


def counts(workspace: Workspace) -> tuple[int, int, int]:
    """Cases, steps and vouchers there are."""
    with workspace.reader() as reader:
        return tuple(  # type: ignore[return-value]
            reader.session.scalar(select(func.count()).select_from(table)) or 0
            for table in (ReliefCase, ReliefStep, Voucher)
        )


def status(workspace: Workspace, case_id: UUID) -> CaseStatus:
    with workspace.reader() as reader:
        return get_case_detail(reader, case_id).state.status


def paid_case(village: Workspace, household: UUID) -> tuple[UUID, CaseDetail, StepRecord]:
    """A case whose grant has been paid and is not yet published, and the record of the payment."""
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.RESULT_PUBLISHED)
    with village.reader() as reader:
        detail = get_case_detail(reader, case_id)
    paid = detail.state.last(StepKind.PAYMENT)
    assert paid is not None
    return case_id, detail, paid


def test_a_case_is_carried_from_application_to_archive(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    with village.reader() as reader:
        application = get_case_detail(reader, case_id).state.last(StepKind.APPLICATION)
    assert application is not None
    add_papers(village, case_id, application.id, StepKind.APPLICATION)
    walk(village, case_id, until=StepKind.ARCHIVE, papers=True)
    usual_step(village, case_id, StepKind.ARCHIVE)
    with village.reader() as reader:
        detail = get_case_detail(reader, case_id)
    assert detail.state.status is CaseStatus.ARCHIVED
    assert detail.number == "2026-001"
    assert (detail.pool.paid_fen, detail.pool.committed_fen) == (AMOUNT, 0)


def test_the_payment_is_a_voucher_and_both_name_each_other(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.PAYMENT)
    paid = usual_step(village, case_id, StepKind.PAYMENT)
    assert paid.voucher_number == "记-1"
    assert paid.changes.topics == {"relief", "ledger"}
    with village.reader() as reader:
        detail = get_case_detail(reader, case_id)
        (row,) = list_case_vouchers(reader, case_id)
        voucher = get_voucher(reader, row.voucher_id)
    assert detail.vouchers == {paid.step_id: row.voucher_id}
    record = detail.state.last(StepKind.PAYMENT)
    assert record is not None
    assert isinstance(record.payload, Payment)
    assert record.payload.voucher_number == row.number_text
    assert (row.case_id, row.amount_fen, row.voucher_date) == (case_id, AMOUNT, DAYS[StepKind.PAYMENT])
    assert voucher.bank_receipt == "2026102900017"
    assert "罗铉家" in row.summary
    assert "2026-001号" in row.summary


def test_case_numbers_run_by_year_and_carry_a_letter_from_the_second_laptop_on(
    village: Workspace, household: UUID
) -> None:
    start_case(village, household)
    start_case(village, add_household(village, "杨正华"), applicant_name="杨正华")
    start_case(village, add_household(village, "李明"), on=date(2025, 12, 1), applicant_name="李明")

    def numbers(device: int) -> tuple[str, str]:
        with village.unit_of_work() as uow:
            uow.actor = Actor(uow.actor.person_id, uow.actor.name, uow.actor.role, device)
            return next_case_number(uow, 2026), next_case_number(uow, 2025)

    assert numbers(1) == ("2026-003", "2025-002")
    assert numbers(2) == ("2026-003B", "2025-002B")
    assert numbers(30) == ("2026-003-30", "2025-002-30")


# Bad input: refused in Chinese, and everything stays as it was
def test_a_second_case_in_the_year_is_refused(village: Workspace, household: UUID) -> None:
    start_case(village, household)
    before = counts(village)
    with pytest.raises(RuleRefusedError, match="还没有办完，不能再开一个") as refused:
        start_case(village, household, on=date(2026, 11, 2))
    assert refused.value.findings[0].rule_id == "CRELIEF-3"
    assert refused.value.safe == "资料没有改动。"
    assert counts(village) == before


@pytest.mark.parametrize(
    ("kind", "changes", "rule_id"),
    [
        (StepKind.VILLAGERS_RESOLUTION, {"present": 19, "votes_for": 17}, "QUORUM-3"),
        (
            StepKind.VILLAGERS_RESOLUTION,
            {"present": 20, "votes_for": 19, "votes_against": 1, "abstained": 1},
            "QUORUM-3",
        ),
        (StepKind.NOTICE_TAKEN_DOWN, {"on": date(2026, 10, 26)}, "NOTICE-4"),
        (StepKind.PAYMENT, {"method": PaymentMethod.CASH}, "CRELIEF-11"),
        (StepKind.PAYMENT, {"amount_fen": AMOUNT - 100}, "CRELIEF-12"),
        (StepKind.PAYMENT, {"payee_name": "王建平"}, "CRELIEF-2"),
        (StepKind.ARCHIVE, {}, "CRELIEF-14"),
    ],
)
def test_a_refused_step_leaves_everything_as_it_was(
    village: Workspace, household: UUID, kind: StepKind, changes: dict[str, Any], rule_id: str
) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=kind)
    before = counts(village)
    with pytest.raises(RuleRefusedError) as refused:
        usual_step(village, case_id, kind, **changes)
    assert refused.value.findings[0].rule_id == rule_id
    assert refused.value.next_step == "请改好再存。"
    assert counts(village) == before


def test_a_payment_into_a_locked_month_leaves_neither_voucher_nor_step(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.PAYMENT)
    do(village, lambda uow: lock_month(uow, "2026-10"))
    before = counts(village)
    with pytest.raises(RuleRefusedError, match="锁"):
        usual_step(village, case_id, StepKind.PAYMENT)
    assert counts(village) == before
    assert status(village, case_id) is CaseStatus.OPEN


def test_a_laptop_without_the_right_to_post_does_not_pay(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.PAYMENT)
    with village.engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(device_state).values(key="rights.may_post", value="0"))
    with pytest.raises(RefusedError, match="没有记账权"):
        usual_step(village, case_id, StepKind.PAYMENT)
    assert status(village, case_id) is CaseStatus.OPEN


def test_a_refusal_is_on_record(village: Workspace) -> None:
    other = add_household(village, "杨富", kind="一般农户")
    with pytest.raises(RuleRefusedError):
        start_case(village, other, applicant_name="杨富")
    with village.reader() as reader:
        entry = list_access(reader.session)[0]
    assert entry.kind == "refusal"
    assert entry.detail.startswith("CRELIEF-1 ")


def test_an_unknown_household_or_case_is_a_sentence(village: Workspace) -> None:
    with pytest.raises(RefusedError, match="找不到这一户"):
        start_case(village, new_id())
    with pytest.raises(RefusedError, match="找不到这一件救助"):
        usual_step(village, new_id(), StepKind.FIRST_REVIEW)


# Soft rules: a written reason, kept
def test_more_than_5000_needs_a_reason_which_is_kept(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.VILLAGERS_RESOLUTION)
    with pytest.raises(RuleRefusedError) as refused:
        usual_step(village, case_id, StepKind.VILLAGERS_RESOLUTION, amount_fen=500_001)
    assert [(one.rule_id, one.hard) for one in refused.value.findings] == [("CRELIEF-4", False)]
    assert refused.value.next_step == "确实要这样办，请写明理由。"
    reasons = {"CRELIEF-4": " 两人住院 ", "CRELIEF-5": "没有人问"}
    usual_step(village, case_id, StepKind.VILLAGERS_RESOLUTION, amount_fen=500_001, reasons=reasons)
    with village.reader() as reader:
        record = get_case_detail(reader, case_id).state.last(StepKind.VILLAGERS_RESOLUTION)
    assert record is not None
    assert record.reasons == {"CRELIEF-4": "两人住院"}


def test_an_unknown_net_income_is_asked_about(workspace: Workspace) -> None:
    furnish(workspace, net_income_fen=None)
    case_id = start_case(workspace, add_household(workspace))
    walk(workspace, case_id, until=StepKind.VILLAGERS_RESOLUTION)
    with pytest.raises(RuleRefusedError, match="还没有填2025年集体经济纯收入"):
        usual_step(workspace, case_id, StepKind.VILLAGERS_RESOLUTION)
    usual_step(workspace, case_id, StepKind.VILLAGERS_RESOLUTION, reasons={"CRELIEF-5": "年报还没有核定"})
    with workspace.reader() as reader:
        pool = get_pool(reader, 2026)
    assert (pool.limit_fen, pool.committed_fen) == (None, AMOUNT)


def test_the_pool_counts_what_other_households_were_promised(village: Workspace, household: UUID) -> None:
    other = add_household(village, "杨正华")
    first = start_case(village, other, applicant_name="杨正华")
    walk(village, first, until=StepKind.VILLAGERS_RESOLUTION)
    reasons = {"CRELIEF-4": "特大事故"}
    usual_step(village, first, StepKind.VILLAGERS_RESOLUTION, amount_fen=6_120_390 - AMOUNT + 1, reasons=reasons)
    second = start_case(village, household)
    walk(village, second, until=StepKind.VILLAGERS_RESOLUTION)
    with pytest.raises(RuleRefusedError, match=r"就超了 0\.01 元"):
        usual_step(village, second, StepKind.VILLAGERS_RESOLUTION)
    do(village, lambda uow: withdraw_case(uow, first, by_whom="杨正华", reason="不用了", done_on=date(2026, 10, 20)))
    usual_step(village, second, StepKind.VILLAGERS_RESOLUTION)


def test_a_household_entered_twice_is_one_household(village: Workspace, household: UUID) -> None:
    twin = add_household(village, "罗铉", group="大平地二组")

    def join(uow: Any) -> None:
        uow.session.get_one(Household, (uow.village, twin)).merged_into = household

    start_case(village, twin)
    do(village, join)
    with pytest.raises(RuleRefusedError, match="还没有办完"):
        start_case(village, household)


# Objections
def test_an_objection_blocks_the_payment_until_it_is_concluded(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.NOTICE_TAKEN_DOWN)
    objection = usual_step(village, case_id, StepKind.OBJECTION_RECEIVED, on=date(2026, 10, 23))
    usual_step(village, case_id, StepKind.NOTICE_TAKEN_DOWN)
    with pytest.raises(RuleRefusedError, match="1 条异议没有核查结论"):
        usual_step(village, case_id, StepKind.PAYMENT)
    conclusion = ObjectionConcluded(objection.step_id, ObjectionOutcome.UNFOUNDED, ("杨正华",), "车是邻居的。")
    usual_step(village, case_id, StepKind.OBJECTION_CONCLUDED, on=date(2026, 10, 26), payload=conclusion)
    usual_step(village, case_id, StepKind.PAYMENT)
    assert status(village, case_id) is CaseStatus.PAID


def test_a_true_objection_ends_the_case_and_frees_the_pool(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.NOTICE_TAKEN_DOWN)
    objection = usual_step(village, case_id, StepKind.OBJECTION_RECEIVED, on=date(2026, 10, 23))
    conclusion = ObjectionConcluded(objection.step_id, ObjectionOutcome.DISQUALIFIED, ("杨正华",), "有商品房。")
    ended = usual_step(village, case_id, StepKind.OBJECTION_CONCLUDED, on=date(2026, 10, 26), payload=conclusion)
    assert ended.ended
    assert status(village, case_id) is CaseStatus.REFUSED
    with village.reader() as reader:
        assert get_pool(reader, 2026).used_fen == 0


# Corrections and withdrawal
def test_a_step_is_corrected_with_a_reason_until_the_next_is_done(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    with village.reader() as reader:
        first = get_case_detail(reader, case_id).state.last(StepKind.APPLICATION)
    assert first is not None
    assert isinstance(first.payload, Application)
    fixed = replace(first.payload, reason="妻子住院，自付三万多元。")

    def correct(reason: str) -> Any:
        return do(
            village,
            lambda uow: correct_step(uow, first.id, fixed, case_id=case_id, done_on=first.done_on, reason=reason),
        )

    with pytest.raises(RuleRefusedError, match="更正要写明原因"):
        correct(" ")
    correct("理由写得不全")
    with village.reader() as reader:
        detail = get_case_detail(reader, case_id)
    assert detail.state.application == fixed
    assert detail.state.superseded == (first,)
    usual_step(village, case_id, StepKind.FIRST_REVIEW)
    record = detail.state.last(StepKind.APPLICATION)
    assert record is not None
    with pytest.raises(RuleRefusedError, match="下一步已经办了"):
        do(
            village,
            lambda uow: correct_step(uow, record.id, fixed, case_id=case_id, done_on=first.done_on, reason="再改"),
        )


def test_a_corrected_receipt_keeps_the_voucher(village: Workspace, household: UUID) -> None:
    case_id, detail, paid = paid_case(village, household)
    fixed = replace(paid.payload, payee_bank="永仁农商行")

    def correct(day: date) -> Any:
        return do(
            village, lambda uow: correct_step(uow, paid.id, fixed, case_id=case_id, done_on=day, reason="银行名写错")
        )

    with pytest.raises(RuleRefusedError, match="冲销"):
        correct(date(2026, 10, 30))
    corrected = correct(paid.done_on)
    with village.reader() as reader:
        again = get_case_detail(reader, case_id)
        assert len(list_case_vouchers(reader, case_id)) == 1
    assert again.vouchers[corrected.step_id] == detail.vouchers[paid.id]


def test_a_payment_whose_voucher_was_taken_back_is_booked_anew(village: Workspace, household: UUID) -> None:
    case_id, detail, paid = paid_case(village, household)
    voucher_id = detail.vouchers[paid.id]
    do(village, lambda uow: reverse_voucher(uow, voucher_id, reason="日期记错", on=date(2026, 10, 31)))
    with village.reader() as reader:
        assert any("已经冲销" in one.message for one in get_case_detail(reader, case_id).waiting)
    corrected = do(
        village,
        lambda uow: correct_step(
            uow, paid.id, paid.payload, case_id=case_id, done_on=date(2026, 10, 30), reason="日期记错"
        ),
    )
    assert corrected.voucher_number == "记-3"
    with village.reader() as reader:
        again = get_case_detail(reader, case_id)
    assert again.state.paid_on == date(2026, 10, 30)
    assert again.vouchers[corrected.step_id] != voucher_id
    assert again.waiting == ()


def test_a_withdrawn_household_applies_again_with_a_reason(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    do(village, lambda uow: withdraw_case(uow, case_id, by_whom="罗铉", reason="亲戚帮上了", done_on=date(2026, 10, 9)))
    assert status(village, case_id) is CaseStatus.WITHDRAWN
    with pytest.raises(RuleRefusedError, match="一年内再申请要写明理由"):
        start_case(village, household, on=date(2026, 11, 2))
    start_case(village, household, on=date(2026, 11, 2), reasons={"CRELIEF-3": "又查出新的病"})


def test_what_the_county_holds_is_told_and_not_paid(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.PAYMENT)
    with village.reader() as reader:
        resolution = get_case_detail(reader, case_id).state.last(StepKind.VILLAGERS_RESOLUTION)
    assert resolution is not None

    def hold(uow: Any) -> None:
        uow.session.execute(update(change_context).values(origin=COUNTY_ORIGIN))
        uow.session.add(
            HeldChange(
                village=uow.village,
                id=new_id(),
                subject_table="relief_step",
                subject_id=resolution.id,
                field="",
                standing="{}",
                offered="{}",
                reason_kind="duplicate_grant",
                reason="这一户一年内已有一笔救助，这一笔先放着。",
                offered_by="",
                offered_at="",
                offered_device=1,
                offered_seq=1,
            )
        )

    do(village, hold)
    with village.reader() as reader:
        assert "先放着" in get_case_detail(reader, case_id).waiting[0].message
    with pytest.raises(RuleRefusedError, match="先放着"):
        usual_step(village, case_id, StepKind.PAYMENT)


def test_two_workspaces_know_nothing_of_each_other(make_workspace: MakeWorkspace) -> None:
    here, there = make_workspace("here"), make_workspace("there")
    for one in (here, there):
        furnish(one)
    case_id = start_case(here, add_household(here))
    with pytest.raises(RefusedError):
        status(there, case_id)


def test_an_application_keeps_the_types_it_was_judged_under(village: Workspace, household: UUID) -> None:
    payload = PAYLOADS[StepKind.APPLICATION]
    assert isinstance(payload, Application)
    opened = do(
        village,
        lambda uow: open_case(
            uow,
            household,
            application=replace(payload, household_types=("一般农户",)),
            done_on=DAYS[StepKind.APPLICATION],
        ),
    )
    with village.reader() as reader:
        application = get_case_detail(reader, opened.case_id).state.application
    assert application is not None
    assert application.household_types == ("边缘易致贫户",)
    assert picture() != picture(9)


def test_nobody_stands_as_reviewer_on_a_payment_that_he_never_saw(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.PAYMENT)
    sit_down(village, add(village, "杨文清", "报账员"))
    paid = usual_step(village, case_id, StepKind.PAYMENT)
    assert paid.voucher_number == "记-1"
    with village.reader() as reader:
        (row,) = list_case_vouchers(reader, case_id)
        detail = get_voucher(reader, row.voucher_id)
    assert (detail.prepared_by, detail.reviewed_by) == ("杨文清", "")


def test_who_recorded_the_whole_decision_does_not_pay_as_well(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    me, both = village.actor.person_id, add(village, "杨文清", "报账员", "文书")
    accountant = add(village, "罗会计", "会计")
    walk(village, case_id, until=StepKind.VILLAGERS_RESOLUTION)
    sit_down(village, both)
    for kind in (StepKind.VILLAGERS_RESOLUTION, StepKind.RESOLUTION_PUBLISHED, StepKind.TOWNSHIP_REVIEW):
        usual_step(village, case_id, kind)
    sit_down(village, me)
    for kind in (StepKind.NOTICE_POSTED, StepKind.NOTICE_TAKEN_DOWN):
        usual_step(village, case_id, kind)
    sit_down(village, both)
    with pytest.raises(RuleRefusedError, match="制单和审核不能是同一个人"):
        usual_step(village, case_id, StepKind.PAYMENT)
    sit_down(village, accountant)
    usual_step(village, case_id, StepKind.PAYMENT)
