"""Who may do what: the list of the year, word for word, and what no combination of roles gets round."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from village_core.domain.relief.steps import StepKind
from village_core.domain.staff.rights import Duties, Right, check_second_person, read_roles
from village_core.exchange.staff_roles import role_list, split_relatives
from village_core.resources import read_json

ROLES = role_list()
NAMES = tuple(ROLES.roles)

_LETTERS = {
    Right.READ_HOUSEHOLDS: "支文报出会监书乡..读",
    Right.EDIT_HOUSEHOLDS: "支文报...书....",
    Right.REVEAL_NUMBERS: "支文报出会.书乡...",
    Right.READ_CASES: "支文报出会监书乡..读",
    Right.OPEN_CASE: "支文报...书....",
    Right.RECORD_CASE: "支文报...书....",
    Right.RECORD_MEETING: "支文....书....",
    Right.DECIDE_GRANT: "支文.........",
    Right.RECORD_TOWNSHIP: "支文.....乡...",
    Right.RECORD_OBJECTION: "支文报..监书....",
    Right.INSPECT: "支....监书乡...",
    Right.PAY_GRANT: "..报.会......",
    Right.KEEP_ARCHIVE: ".文.........",
    Right.READ_LEDGER: "支文报出会监书乡..读",
    Right.DRAFT_VOUCHER: ".文报出会......",
    Right.REVIEW_VOUCHER: "..报.会..乡...",
    Right.POST_VOUCHER: "..报.会......",
    Right.KEEP_ACCOUNTS: "..报.会......",
    Right.LOCK_MONTH: "..报.会..乡...",
    Right.PRINT_PAPERS: "支文报出会监书乡...",
    Right.EXPORT: "支文报.会..乡...",
    Right.DECIDE_QUESTIONS: "支文报.会.书....",
    Right.MANAGE_PEOPLE: "支.......管..",
    Right.MANAGE_SETTINGS: "支文报.....管..",
    Right.BACK_UP: "支文报出会.书.管..",
    Right.RESTORE: "支.......管..",
    Right.READ_JOURNAL: "支文报.会监.乡...",
}
"""Each right with the roles that have it, by one letter of the name."""

_BY_LETTER = {
    "支": "支书",
    "文": "文书",
    "报": "报账员",
    "出": "出纳",
    "会": "会计",
    "监": "村监委会",
    "书": "第一书记",
    "乡": "乡镇审核",
    "管": "管理员",
    "读": "只读",
}


def duties(*roles: str, combines: bool = False, **more: Any) -> Duties:
    return Duties("李琼仙", roles, combines=combines, of=ROLES, **more)


@pytest.mark.parametrize("right", list(Right))
@pytest.mark.parametrize("role", NAMES)
def test_each_role_has_the_rights_of_the_table(role: str, right: Right) -> None:
    expected = role in {_BY_LETTER[letter] for letter in _LETTERS[right] if letter != "."}
    assert duties(role).may(right) is expected


def test_every_step_of_a_case_needs_a_right_that_some_role_has() -> None:
    assert set(ROLES.steps) == {kind.value for kind in StepKind}
    assert all(ROLES.who(right) for right in Right)


def test_who_does_all_the_work_of_a_small_village_may_do_it_once_that_is_on_record() -> None:
    alone = duties("报账员", "文书", combines=True)
    assert alone.rights == set(Right) - {Right.INSPECT} | ({Right.INSPECT} & alone.rights)
    assert not duties("报账员", "文书").may(Right.MANAGE_PEOPLE)


@pytest.mark.parametrize("role", ["出纳", "村监委会", "第一书记", "乡镇审核", "管理员", "只读"])
def test_on_record_or_not_these_roles_get_no_others(role: str) -> None:
    assert duties(role, combines=True).rights >= duties(role).rights
    if role != "管理员":
        assert duties(role, combines=True).rights == duties(role).rights


_any_roles = st.lists(st.sampled_from(NAMES), unique=True)


@given(_any_roles, st.booleans())
def test_no_combination_of_roles_gets_round_a_ban_of_the_law(roles: list[str], combines: bool) -> None:
    rights = duties(*roles, combines=combines).rights
    for ban in ROLES.bans:
        if ban.legal and ban.role in roles:
            assert not rights & ban.rights


@given(_any_roles)
def test_whoever_is_cashier_neither_reviews_nor_posts_nor_keeps_the_archive(roles: list[str]) -> None:
    cashier = duties("出纳", *roles, combines=True)
    for right in (Right.REVIEW_VOUCHER, Right.POST_VOUCHER, Right.KEEP_ARCHIVE, Right.KEEP_ACCOUNTS):
        refused = cashier.why_not(right)
        assert refused is not None
        assert "会计法" in refused.source
        assert refused.clause.startswith("出纳人员不得兼任")


@given(_any_roles, st.booleans())
def test_more_roles_never_take_a_right_away_but_by_a_ban(roles: list[str], combines: bool) -> None:
    banned = frozenset[Right]().union(*(ban.rights for ban in ROLES.bans if ban.role in roles))
    alone = frozenset[Right]().union(*(duties(role).rights for role in roles))
    assert alone - banned <= duties(*roles, combines=combines).rights


@given(_any_roles, st.booleans(), st.sampled_from(list(Right)))
def test_a_refusal_always_says_why_and_what_to_do(roles: list[str], combines: bool, right: Right) -> None:
    who = duties(*roles, combines=combines)
    refused = who.why_not(right)
    assert (refused is None) is who.may(right)
    if refused is not None:
        assert ROLES.titles[right] in refused.message
        assert who.who_else(right)


@pytest.mark.parametrize(
    ("roles", "combines", "rules"),
    [
        (("报账员", "文书"), False, []),
        (("出纳", "会计"), True, ["DUTY-1"]),
        (("出纳", "乡镇审核"), True, ["DUTY-1"]),
        (("出纳", "报账员"), False, ["DUTY-5"]),
        (("出纳", "报账员"), True, []),
        (("村监委会", "文书"), True, ["DUTY-2"]),
        (("文书", "会计"), False, ["DUTY-7"]),
        (("文书", "乡镇审核"), False, ["DUTY-7"]),
        (("文书", "会计"), True, []),
        (("管理员", "文书"), False, ["DUTY-3"]),
        (("管理员", "文书"), True, []),
    ],
)
def test_roles_that_one_person_does_not_have_together(roles: tuple[str, ...], combines: bool, rules: list[str]) -> None:
    assert [finding.rule_id for finding in ROLES.conflicts(roles, combines=combines)] == rules


@pytest.mark.parametrize("other", ["报账员", "会计", "乡镇审核"])
def test_who_keeps_the_archive_reviews_no_voucher_unless_on_record(other: str) -> None:
    both = duties(other, "文书")
    assert both.may(Right.KEEP_ARCHIVE)
    refused = both.why_not(Right.REVIEW_VOUCHER)
    assert refused is not None
    assert (refused.rule_id, refused.message) == ("DUTY-7", "李琼仙是文书，不能“审核凭证”。")
    assert "待核实" in refused.source
    assert duties(other).may(Right.REVIEW_VOUCHER)
    if other != "乡镇审核":
        alone = duties(other, "文书", combines=True)
        assert alone.may(Right.REVIEW_VOUCHER)
        assert alone.may(Right.KEEP_ARCHIVE)


@given(_any_roles)
def test_without_a_record_nobody_both_reviews_and_keeps_the_archive(roles: list[str]) -> None:
    assert not {Right.REVIEW_VOUCHER, Right.KEEP_ARCHIVE} <= duties(*roles).rights


def test_an_administrator_sees_no_case_even_with_another_role_unless_on_record() -> None:
    assert not duties("管理员", "文书").may(Right.READ_CASES)
    assert duties("管理员", "文书", combines=True).may(Right.READ_CASES)


def test_who_left_or_whose_laptop_was_taken_out_may_do_nothing() -> None:
    gone = duties("支书", combines=True, away="李琼仙已经离任")
    assert gone.rights == frozenset()
    refused = gone.why_not(Right.READ_HOUSEHOLDS)
    assert refused is not None
    assert refused.message == "李琼仙已经离任，不能“看农户”。"


@pytest.mark.parametrize(
    ("maker", "reviewer", "combines", "refused"),
    [
        ("李琼仙", "王建平", False, False),
        ("李琼仙", "李琼仙", False, True),
        ("李琼仙 ", "李琼仙", False, True),
        ("李琼仙", "李琼仙", True, False),
    ],
)
def test_maker_and_reviewer_are_two(maker: str, reviewer: str, combines: bool, refused: bool) -> None:
    found = check_second_person(duties("报账员", combines=combines), maker=maker, reviewer=reviewer)
    assert [one.rule_id for one in found] == (["DUTY-6"] if refused else [])


def test_a_new_name_makes_no_second_person() -> None:
    renamed = duties("报账员", relatives=(("李琼先", "原名"), ("王建国", "兄弟")))
    assert check_second_person(renamed, maker="李琼先", reviewer="李琼仙")
    assert not check_second_person(renamed, maker="王建国", reviewer="李琼仙")


def test_relatives_are_read_line_by_line() -> None:
    assert split_relatives("王建国 兄弟\n\n 李芳   妻子 \n张三") == (
        ("王建国", "兄弟"),
        ("李芳", "妻子"),
        ("张三", "近亲属"),
    )
    assert split_relatives(None) == ()


@pytest.mark.parametrize("spoilt", [{"roles": [{"name": "x"}]}, {"rights": {"fly": "飞"}}, {"steps": {"a": "fly"}}])
def test_a_spoilt_list_is_refused(spoilt: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        read_roles({**read_json("roles", "roles_2026.json"), **spoilt})
