"""CRELIEF-22 where it is felt: the books ask for a reason while households still wait for their grant."""

from __future__ import annotations

from uuid import UUID

import pytest

from desktop_app.ledger.queries import get_voucher
from desktop_app.ledger.service import add_sub_account, post_entry
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.storage.workspace import Workspace
from tests.ledger.books import entry
from tests.relief.village import add_household, start_case, walk
from tests.workspaces import do
from village_core.domain.errors import RuleRefusedError
from village_core.domain.relief.steps import StepKind

ROAD_REPAIR = (("51402", 300_000), ("10201", -300_000))


@pytest.fixture
def village(village: Workspace) -> Workspace:
    do(village, lambda uow: add_sub_account(uow, parent="514", name="公益事业", code="51402"))
    return village


def spend(workspace: Workspace, reason: str = "") -> UUID:
    return do(workspace, lambda uow: post_entry(uow, entry(*ROAD_REPAIR, summary="修村组路"), reason=reason)).voucher_id


def test_public_works_ask_for_a_reason_while_a_case_is_under_way(village: Workspace) -> None:
    start_case(village, add_household(village))
    with pytest.raises(RuleRefusedError, match="还有 1 户的救助没有办完") as refused:
        spend(village)
    assert [(finding.rule_id, finding.hard) for finding in refused.value.findings] == [("CRELIEF-22", False)]


def test_a_written_reason_lets_them_pass_and_stays_on_the_voucher(village: Workspace) -> None:
    start_case(village, add_household(village))
    voucher_id = spend(village, reason="路基塌方，影响出行，经村民代表会议决议")
    with village.reader() as reader:
        assert get_voucher(reader, voucher_id).reason == "路基塌方，影响出行，经村民代表会议决议"


def test_nothing_is_asked_without_a_case_or_after_its_payment(village: Workspace) -> None:
    spend(village)
    case_id = start_case(village, add_household(village))
    walk(village, case_id, until=StepKind.RESULT_PUBLISHED)
    spend(village)


def test_relief_is_never_booked_out_of_the_cash_box(village: Workspace) -> None:
    def pay(uow: UnitOfWork) -> object:
        add_sub_account(uow, parent="514", name="困难救助", code="51401")
        return post_entry(uow, entry(("51401", 400_000), ("101", -400_000)), reason="现金方便")

    with pytest.raises(RuleRefusedError, match="不得以现金方式发放") as refused:
        do(village, pay)
    assert ("CRELIEF-11", True) in [(finding.rule_id, finding.hard) for finding in refused.value.findings]
