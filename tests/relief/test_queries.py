"""What lists, pages, start page and search are told of relief cases."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from desktop_app.relief.queries import (
    find_case_of_voucher,
    get_case_detail,
    get_new_case,
    get_pool,
    list_cases,
    list_cases_of_household,
    list_households_for_relief,
)
from desktop_app.relief.service import withdraw_case
from desktop_app.relief.start_page import get_overview, list_due_items, search_cases
from desktop_app.storage.workspace import Workspace
from tests.domain.relief.builder import AMOUNT
from tests.relief.village import add_household, start_case, usual_step, walk
from tests.workspaces import do
from village_core.domain.clock import FixedClock
from village_core.domain.errors import RefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.guidance import StationStatus
from village_core.domain.relief.state import CaseStatus
from village_core.domain.relief.steps import StepKind


@pytest.mark.parametrize(
    ("until", "step_label", "amount"),
    [
        (StepKind.FIRST_REVIEW, "村初审", 500_000),
        (StepKind.PARTY_MEMBERS_REVIEW, "四议两公开", 500_000),
        (StepKind.NOTICE_TAKEN_DOWN, "公示公开", AMOUNT),
        (StepKind.RESULT_PUBLISHED, "发放救助金", AMOUNT),
        (StepKind.ARCHIVE, "资料归档", AMOUNT),
    ],
)
def test_a_list_says_where_each_case_stands(
    village: Workspace, household: UUID, until: StepKind, step_label: str, amount: int
) -> None:
    walk(village, start_case(village, household), until=until)
    with village.reader() as reader:
        (row,) = list_cases(reader)
    assert (row.household_name, row.group_name, row.kind_label) == ("罗铉", "大平地", "集体经济临时救助")
    assert (row.step_label, row.amount_fen, row.next_kind) == (step_label, amount, until)


def test_the_newest_case_comes_first(village: Workspace, household: UUID) -> None:
    start_case(village, household)
    start_case(village, add_household(village, "杨正华"), on=date(2026, 11, 3), applicant_name="杨正华")
    with village.reader() as reader:
        assert [row.household_name for row in list_cases(reader)] == ["杨正华", "罗铉"]
        assert [row.number for row in list_cases_of_household(reader, household)] == ["2026-001"]


def test_an_ended_case_says_how_it_ended(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    do(village, lambda uow: withdraw_case(uow, case_id, by_whom="罗铉", reason="不用了", done_on=date(2026, 10, 9)))
    with village.reader() as reader:
        (row,) = list_cases(reader)
        assert list_due_items(reader) == []
    assert (row.step_label, row.status, row.next_kind) == ("已撤回", CaseStatus.WITHDRAWN, None)


def test_a_case_page_has_all_that_it_shows(village: Workspace, household: UUID, clock: FixedClock) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.NOTICE_TAKEN_DOWN)
    with village.reader() as reader:
        detail = get_case_detail(reader, case_id)
    assert detail.title == "罗铉家"
    assert detail.household.people == 3
    assert detail.household.types == ("边缘易致贫户",)
    assert detail.household.member_names == ("罗铉", "李桂芳", "罗小妹")
    assert [view.status for view in detail.stations][4] is StationStatus.NOW
    assert detail.next_steps[0].kind is StepKind.NOTICE_TAKEN_DOWN
    assert [account.ledger_account for account in detail.bank_accounts] == ["10201"]
    assert (detail.no_grant, detail.no_posting) == ("", "")
    assert (detail.pool.limit_fen, detail.pool.committed_fen) == (6_120_390, AMOUNT)
    assert detail.waiting == ()  # the notice has hung since October; it is November


def test_a_form_for_a_new_case_knows_its_household(village: Workspace, household: UUID) -> None:
    with village.reader() as reader:
        detail = get_new_case(reader, household)
        assert (detail.case_id, detail.household.head_name) == (None, "罗铉")
        with pytest.raises(RefusedError):
            get_new_case(reader, new_id())


def test_a_voucher_leads_to_its_case(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.RESULT_PUBLISHED)
    with village.reader() as reader:
        detail = get_case_detail(reader, case_id)
        (voucher_id,) = detail.vouchers.values()
        assert find_case_of_voucher(reader, voucher_id) == case_id
        assert find_case_of_voucher(reader, new_id()) is None


def test_the_start_page_tells_when_a_notice_comes_down(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.NOTICE_TAKEN_DOWN)
    with village.reader() as reader:
        (item,) = list_due_items(reader)
    assert (item.title, item.due, item.action) == ("罗铉家：公示期满，取下公示", date(2026, 10, 28), "记下取下")
    assert item.arguments == {"case_id": case_id}
    usual_step(village, case_id, StepKind.OBJECTION_RECEIVED, on=date(2026, 10, 23))
    with village.reader() as reader:
        titles = {item.title for item in list_due_items(reader)}
    assert titles == {"罗铉家：核查异议", "罗铉家：公示期满，取下公示"}


def test_the_start_page_tells_of_a_visit_within_thirty_days(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    walk(village, case_id, until=StepKind.FOLLOW_UP)
    with village.reader() as reader:
        (item,) = list_due_items(reader)
    assert (item.due, item.action) == (date(2026, 11, 28), "记回访")


def test_every_station_has_a_deed_on_the_start_page(village: Workspace, household: UUID) -> None:
    case_id = start_case(village, household)
    with village.reader() as reader:
        assert [item.title for item in list_due_items(reader)] == ["罗铉家：村初审"]
    walk(village, case_id, until=StepKind.ARCHIVE)
    with village.reader() as reader:
        assert [item.title for item in list_due_items(reader)] == ["罗铉家：资料归档"]


def test_the_overview_shows_the_pool(village: Workspace, household: UUID) -> None:
    walk(village, start_case(village, household), until=StepKind.RESULT_PUBLISHED)
    with village.reader() as reader:
        overview = get_overview(reader)
        assert get_pool(reader, 2025).limit_fen is None
    assert [figure.value for figure in overview.figures] == ["0", "¥ 4,000.00"]
    assert overview.charts[0].sentence == "今年救助款还剩 57,203.90 元"


def test_without_an_income_there_is_no_chart(workspace: Workspace) -> None:
    with workspace.reader() as reader:
        assert get_overview(reader).charts == ()


@pytest.mark.parametrize(("text", "hits"), [("罗", 1), ("2026-001", 1), ("杨", 0), ("  ", 0)])
def test_search_finds_cases(village: Workspace, household: UUID, text: str, hits: int) -> None:
    start_case(village, household)
    with village.reader() as reader:
        assert len(search_cases(reader, text, 5)) == hits


def test_households_that_may_apply_come_first(village: Workspace, household: UUID) -> None:
    add_household(village, "安家贵", kind="一般农户", group="安家")
    start_case(village, add_household(village, "毕成", group="安家"), applicant_name="毕成")
    with village.reader() as reader:
        choices = list_households_for_relief(reader)
        assert [choice.head_name for choice in list_households_for_relief(reader, text="大平")] == ["罗铉"]
    assert choices[0].id == household
    assert {choice.head_name: choice.note for choice in choices} == {
        "罗铉": "",
        "安家贵": "户类型不在救助范围",
        "毕成": "2026-001 号正在办",
    }
