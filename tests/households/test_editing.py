"""Saving, moving and closing, with what is wrong told at its field; nothing is written when anything is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from desktop_app.households.editing import (
    change_head,
    close_household,
    close_person,
    move_person,
    reopen_household,
    reopen_person,
    save_household,
    save_person,
)
from desktop_app.households.queries import HouseholdFilter, HouseholdMissingError, count_kinds, list_households
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.storage.workspace import Workspace
from tests.domain.households.sheets import with_check
from tests.households.village import HEAD_NUMBER, SON_NUMBER, add_family, add_member, detail, state
from tests.workspaces import do
from village_core.domain.errors import RefusedError, RuleRefusedError
from village_core.domain.ids import new_id

DAY = date(2026, 11, 20)


def mistakes(workspace: Workspace, deed: Callable[[UnitOfWork], object]) -> dict[str, str]:
    """What the deed was refused for, by field; it must have changed nothing."""
    before = state(workspace)
    with pytest.raises(RuleRefusedError) as refused:
        do(workspace, deed)
    assert state(workspace) == before
    return {finding.field: finding.message for finding in refused.value.findings}


def save_son(workspace: Workspace, household: UUID, son: UUID, **values: Any) -> None:
    do(workspace, lambda uow: save_person(uow, son, household, values))


def test_the_number_fills_kind_birth_and_sex(workspace: Workspace) -> None:
    household, *_ = add_family(workspace)
    son = detail(workspace, household).members[1]
    assert (son.name, son.birth_date, son.sex, son.id_kind) == ("罗小松", date(2002, 8, 11), "男", "居民身份证")
    assert son.masked_id_number == f"5323**********{SON_NUMBER[-4:]}"
    assert SON_NUMBER not in repr(son)


def test_the_head_names_the_household_and_the_size_follows(workspace: Workspace) -> None:
    household, head, _ = add_family(workspace)
    shown = detail(workspace, household)
    assert (shown.title, shown.values["declared_size"]) == ("罗建国", 2)
    save_son(workspace, household, head, name="罗建国", relation="户主", phone="138 1234 5678")
    do(workspace, lambda uow: save_person(uow, head, household, {"name": "罗健国"}))
    assert detail(workspace, household).title == "罗健国"


def test_a_size_that_told_something_else_is_left_alone(workspace: Workspace) -> None:
    household, *_ = add_family(workspace, declared_size=5)
    assert detail(workspace, household).values["declared_size"] == 5


@pytest.mark.parametrize(
    ("values", "field", "word"),
    [
        ({"name": ""}, "name", "请填姓名"),
        ({"id_number": "532327200208117239"}, "id_number", "最后一位"),
        ({"id_number": "5.32327E+17"}, "id_number", "Excel"),
        ({"id_number": with_check("532327200202300170")}, "id_number", "不是真的日子"),
        ({"id_number": HEAD_NUMBER}, "id_number", "罗建国名下"),
        ({"id_number": SON_NUMBER, "sex": "女"}, "sex", "对不上"),
        ({"id_number": SON_NUMBER, "birth_date": date(2002, 8, 12)}, "birth_date", "2002年8月11日"),
        ({"birth_date": date(2027, 1, 1)}, "birth_date", "还没有到"),
        ({"relation": "户主"}, "relation", "已有户主罗建国"),
        ({"relation": ""}, "relation", "请选"),
        ({"work_months": "十二"}, "work_months", "整数"),
    ],
)
def test_what_is_wrong_with_a_person_is_told_at_its_field(
    workspace: Workspace, values: Mapping[str, Any], field: str, word: str
) -> None:
    household, _, son = add_family(workspace)
    found = mistakes(workspace, lambda uow: save_person(uow, son, household, values))
    assert word in found[field]


def test_the_same_number_in_its_older_form_is_the_same_person(workspace: Workspace) -> None:
    household, *_ = add_family(workspace)
    old = HEAD_NUMBER[:6] + HEAD_NUMBER[8:17]
    new = {"name": "别人", "id_number": old, "relation": "其他"}
    assert "罗建国" in mistakes(workspace, lambda uow: save_person(uow, None, household, new))["id_number"]


def test_a_namesake_needs_papers(workspace: Workspace) -> None:
    household, *_ = add_family(workspace)
    new = {"name": "罗小松", "relation": "之子"}
    assert "罗小松" in mistakes(workspace, lambda uow: save_person(uow, None, household, new))["id_number"]
    add_member(workspace, household, new | {"id_number": with_check("532327200508117214")})
    assert len(detail(workspace, household).members) == 3


def test_a_household_number_belongs_to_one_household(workspace: Workspace) -> None:
    add_family(workspace, number="53232710120100001")
    found = mistakes(workspace, lambda uow: save_household(uow, None, {"number": "53232710120100001"}))
    assert "罗建国" in found["number"]


def test_wrong_money_and_kind_are_told(workspace: Workspace) -> None:
    found = mistakes(workspace, lambda uow: save_household(uow, None, {"wage_fen": "约三千", "kind": "五保户"}))
    assert set(found) == {"wage_fen", "kind"}


def test_a_new_head_needs_a_word_for_the_old_one(workspace: Workspace) -> None:
    household, head, son = add_family(workspace)
    assert mistakes(workspace, lambda uow: change_head(uow, household, head=son, relations={}))
    do(workspace, lambda uow: change_head(uow, household, head=son, relations={head: "之父"}))
    shown = detail(workspace, household)
    assert shown.title == "罗小松"
    assert [(member.name, member.relation) for member in shown.members] == [("罗小松", "户主"), ("罗建国", "之父")]


def test_a_head_leaves_last(workspace: Workspace) -> None:
    household, head, son = add_family(workspace)
    with pytest.raises(RefusedError, match="换户主"):
        do(workspace, lambda uow: close_person(uow, head, on=DAY, reason="去世"))
    do(workspace, lambda uow: close_person(uow, son, on=DAY, reason="婚嫁迁出"))
    do(workspace, lambda uow: close_person(uow, head, on=DAY, reason="去世"))
    shown = detail(workspace, household)
    assert (len(shown.members), len(shown.former_members), shown.values["declared_size"]) == (0, 2, 0)


def test_leaving_needs_a_reason_and_a_day_that_was(workspace: Workspace) -> None:
    _, _, son = add_family(workspace)
    assert "reason" in mistakes(workspace, lambda uow: close_person(uow, son, on=DAY, reason=" "))
    assert "on" in mistakes(workspace, lambda uow: close_person(uow, son, on=date(2026, 12, 1), reason="去世"))
    assert "on" in mistakes(workspace, lambda uow: close_person(uow, son, on=date(2001, 1, 1), reason="去世"))


def test_leaving_can_be_taken_back(workspace: Workspace) -> None:
    household, _, son = add_family(workspace)
    do(workspace, lambda uow: close_person(uow, son, on=DAY, reason="登记错了"))
    do(workspace, lambda uow: reopen_person(uow, son))
    shown = detail(workspace, household)
    assert [member.name for member in shown.members] == ["罗建国", "罗小松"]
    assert shown.values["declared_size"] == 2


def test_moving_to_another_household(workspace: Workspace) -> None:
    household, head, son = add_family(workspace)
    other = do(workspace, lambda uow: save_household(uow, None, {"group_name": "上村"})).id
    with pytest.raises(RefusedError, match="换户主"):
        do(workspace, lambda uow: move_person(uow, head, to_household=other, relation="户主"))
    do(workspace, lambda uow: move_person(uow, son, to_household=other, relation="户主"))
    assert detail(workspace, other).title == "罗小松"
    assert detail(workspace, household).values["declared_size"] == 1
    with pytest.raises(RefusedError, match="本来就在"):
        do(workspace, lambda uow: move_person(uow, son, to_household=other, relation="户主"))


def test_a_closed_household_is_kept_and_can_come_back(workspace: Workspace) -> None:
    household, head, son = add_family(workspace)
    do(workspace, lambda uow: close_person(uow, son, on=date(2026, 3, 1), reason="婚嫁迁出"))
    do(workspace, lambda uow: close_household(uow, household, on=DAY, reason="整户迁出"))
    with workspace.reader() as reader:
        assert list_households(reader) == []
        assert len(list_households(reader, HouseholdFilter(closed=True))) == 1
        assert (count_kinds(reader).total, count_kinds(reader).closed) == (0, 1)
    with pytest.raises(RefusedError, match="已经销户"):
        do(workspace, lambda uow: save_person(uow, head, household, {"health": "健康"}))
    do(workspace, lambda uow: reopen_household(uow, household))
    shown = detail(workspace, household)
    assert [member.name for member in shown.members] == ["罗建国"]
    assert [member.name for member in shown.former_members] == ["罗小松"]


def test_what_is_not_there_says_so(workspace: Workspace) -> None:
    with pytest.raises(HouseholdMissingError):
        do(workspace, lambda uow: save_household(uow, new_id(), {"kind": "脱贫户"}))
    with pytest.raises(RefusedError, match="找不到这个人"):
        do(workspace, lambda uow: close_person(uow, new_id(), on=DAY, reason="去世"))
