"""Writing and reading 村情 on a real workspace."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_app.settings import queries, service
from desktop_app.staff import queries as staff_queries
from desktop_app.staff import service as staff_service
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.storage.workspace import Workspace
from tests.workspaces import do
from village_core.domain.errors import RefusedError


def test_the_village_starts_with_its_name_and_can_be_completed(workspace: Workspace) -> None:
    changes = do(
        workspace,
        lambda uow: service.update_village(
            uow, name="太平村", township="太平镇", supervision_phone="０８７８-6712345", posting_place=" 公开栏 "
        ),
    )
    with workspace.reader() as reader:
        village = queries.get_village(reader)
    assert (village.code, village.name, village.township) == (workspace.village, "太平村", "太平镇")
    assert (village.supervision_phone, village.posting_place) == ("0878-6712345", "公开栏")
    assert changes.topics == {"settings"}


def test_a_wrong_phone_is_refused_and_nothing_is_written(workspace: Workspace) -> None:
    with pytest.raises(RefusedError, match="村监督电话"):
        do(workspace, lambda uow: service.update_village(uow, name="别的村", supervision_phone="12"))
    with workspace.reader() as reader:
        assert queries.get_village_name(reader) == "太平村"


def test_a_year_of_income_is_corrected_and_not_doubled(workspace: Workspace) -> None:
    for fen in (20_401_300, -1_234_500):
        do(
            workspace,
            lambda uow, fen=fen: service.record_income(uow, 2025, net_income_fen=fen, source="收益分配表"),
        )
    with workspace.reader() as reader:
        assert queries.list_incomes(reader) == [queries.IncomeYear(2025, -1_234_500, "收益分配表")]
        assert queries.find_income(reader, 2024) is None


@pytest.mark.parametrize(("year", "source", "word"), [(2026, "表", "还没有过完"), (2025, " ", "从哪里来")])
def test_an_income_needs_a_finished_year_and_a_source(workspace: Workspace, year: int, source: str, word: str) -> None:
    with pytest.raises(RefusedError, match=word):
        do(workspace, lambda uow: service.record_income(uow, year, net_income_fen=1, source=source))


def test_more_names_than_members_are_refused(workspace: Workspace) -> None:
    do(workspace, lambda uow: service.update_body(uow, "delegates", size=2, names=["甲", "乙"]))
    with pytest.raises(RefusedError, match="比应到 1 人多"):
        do(workspace, lambda uow: service.update_body(uow, "delegates", size=1, names=["甲", "乙"]))
    with workspace.reader() as reader:
        body = queries.find_body(reader, "delegates")
        assert queries.find_body(reader, "villagers") is None
    assert body is not None
    assert (body.title, body.size, body.names) == ("村民代表会议", 2, ("甲", "乙"))


def add_account(uow: UnitOfWork, number: str = "62170012 34567890", ledger: str = "10201") -> Any:
    return service.save_bank_account(
        uow, name="太平村合作社", bank="农商行", account_number=number, ledger_account=ledger
    )


def test_a_bank_account_has_one_sub_account_and_can_be_closed_and_opened(workspace: Workspace) -> None:
    do(workspace, add_account)
    with pytest.raises(RefusedError, match="已经登记过"):
        do(workspace, lambda uow: add_account(uow, ledger="10202"))
    with pytest.raises(RefusedError, match="已经对着"):
        do(workspace, lambda uow: add_account(uow, number="999"))
    with workspace.reader() as reader:
        (account,) = queries.list_bank_accounts(reader)
    assert account.account_number == "6217001234567890"
    do(workspace, lambda uow: service.close_bank_account(uow, account.id, closed_on=uow.today))
    with workspace.reader() as reader:
        assert queries.list_bank_accounts(reader) == []
        assert len(queries.list_bank_accounts(reader, closed=True)) == 1
    do(workspace, lambda uow: service.close_bank_account(uow, account.id, closed_on=None))
    with workspace.reader() as reader:
        assert queries.find_bank_account(reader, account.id) == account


def test_what_the_village_still_lacks_is_due_until_it_is_there(workspace: Workspace) -> None:
    with workspace.reader() as reader:
        (item,) = queries.list_due_items(reader)
    assert item.detail == "还缺：监督电话、2025 年集体净收入、各种会议的应到人数。办救助、打公示要用。"

    def complete(uow: UnitOfWork) -> None:
        service.update_village(uow, name="太平村", supervision_phone="13812345678")
        service.record_income(uow, 2025, net_income_fen=100, source="表")
        service.update_body(uow, "delegates", size=31)
        service.update_body(uow, "party_members", size=30)

    do(workspace, complete)
    with workspace.reader() as reader:
        assert queries.list_due_items(reader) == []


def test_people_keep_their_first_role_and_leave_without_being_forgotten(workspace: Workspace) -> None:
    do(workspace, lambda uow: staff_service.save_person(uow, name="王建平", roles=["支书", "只读"]))
    with workspace.reader() as reader:
        people = {person.name: person for person in staff_queries.list_staff(reader)}
    assert people["李琼仙"].words == "李琼仙（报账员、文书）"
    boss = people["王建平"]
    do(workspace, lambda uow: staff_service.mark_left(uow, boss.id, left_on=uow.today))
    with workspace.reader() as reader:
        assert [person.name for person in staff_queries.list_staff(reader)] == ["李琼仙"]
        assert staff_queries.find_person(reader, boss.id) is not None


@pytest.mark.parametrize("combines", [False, True])
def test_the_law_keeps_cashier_and_accountant_apart_whatever_is_on_record(workspace: Workspace, combines: bool) -> None:
    with pytest.raises(RefusedError, match="会计法"):
        do(
            workspace,
            lambda uow: staff_service.save_person(uow, name="张", roles=["出纳", "会计"], may_combine_duties=combines),
        )


def test_cashier_and_clerk_of_accounts_in_one_hand_go_on_record(workspace: Workspace) -> None:
    with pytest.raises(RefusedError, match="兼任"):
        do(workspace, lambda uow: staff_service.save_person(uow, name="张", roles=["出纳", "报账员"]))
    do(
        workspace,
        lambda uow: staff_service.save_person(
            uow, name="张", roles=["出纳", "报账员"], may_combine_duties=True, note="只有一人"
        ),
    )


def test_who_is_at_the_keyboard_cannot_leave(workspace: Workspace) -> None:
    me = workspace.actor.person_id
    with pytest.raises(RefusedError, match="正在用"):
        do(workspace, lambda uow: staff_service.mark_left(uow, me, left_on=uow.today))
