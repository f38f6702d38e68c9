"""Services refuse what the roles of the person at the keyboard do not give, say why, and the refusal is on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from desktop_app.households.editing import save_household
from desktop_app.households.queries import get_full_numbers
from desktop_app.households.search import search_persons
from desktop_app.households.service import export_households
from desktop_app.ledger.excel import import_vouchers
from desktop_app.ledger.queries import get_draft, get_voucher, list_vouchers, posting_problem
from desktop_app.ledger.service import lock_month, post_entry, post_voucher, reverse_voucher, save_draft
from desktop_app.relief.queries import list_cases
from desktop_app.settings.service import record_income
from desktop_app.staff import service as staff
from desktop_app.storage.access_log import list_access
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.storage.workspace import Workspace
from tests.ledger.books import entry, open_accounts
from tests.ledger.sheets import OPENING, RENT, write_sheet
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.staff.acting import add, sit_down
from tests.workspaces import do
from village_core.domain.clock import FixedClock
from village_core.domain.errors import RefusedError, RuleRefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.payloads import Recusal
from village_core.domain.relief.steps import StepKind

GOOD = entry(("10201", 500_00), ("50103", -500_00))


@pytest.fixture
def books(workspace: Workspace) -> Workspace:
    open_accounts(workspace)
    return workspace


@pytest.mark.parametrize(
    ("role", "deed", "words"),
    [
        ("出纳", lambda uow: save_household(uow, None, {"head_name": "罗铉"}), "改农户"),
        ("只读", lambda uow: save_draft(uow, GOOD), "写凭证草稿"),
        ("文书", lambda uow: lock_month(uow, "2026-10"), "锁月"),
        ("报账员", lambda uow: staff.save_person(uow, name="张三", roles=["支书"]), "管人员"),
        ("会计", lambda uow: record_income(uow, 2025, net_income_fen=1, source="表"), "改村情和设置"),
        ("出纳", lambda uow: post_entry(uow, GOOD), "会计法"),
        ("村监委会", lambda uow: post_entry(uow, GOOD), "农村集体经济组织法"),
    ],
)
def test_a_deed_that_is_not_hers_is_refused_and_on_record(
    books: Workspace, role: str, deed: Callable[[UnitOfWork], Any], words: str
) -> None:
    sit_down(books, add(books, "起学英", role))
    with pytest.raises(RuleRefusedError, match=words) as refused:
        do(books, deed)
    assert refused.value.next_step
    with books.reader() as reader:
        newest = list_access(reader.session)[0]
    assert (newest.kind, newest.actor_name) == ("refusal", "起学英")
    assert "DUTY-" in newest.detail


@pytest.mark.parametrize(
    ("role", "query"),
    [
        ("管理员", list_cases),
        ("管理员", list_vouchers),
        ("管理员", lambda reader: search_persons(reader, "罗")),
        ("只读", lambda reader: get_full_numbers(reader, new_id())),
    ],
)
def test_what_is_not_for_her_is_not_read_and_the_try_is_on_record(
    books: Workspace, role: str, query: Callable[[Reader], Any]
) -> None:
    sit_down(books, add(books, "起学英", role))
    with pytest.raises(RuleRefusedError), books.reader() as reader:
        query(reader)
    with books.reader() as reader:
        assert list_access(reader.session)[0].kind == "refusal"


def test_an_export_is_refused_before_a_file_is_there(workspace: Workspace, tmp_path: Path) -> None:
    sit_down(workspace, add(workspace, "起学英", "只读"))
    target = tmp_path / "农户.xlsx"
    with pytest.raises(RuleRefusedError, match="导出"):
        export_households(workspace, target)
    assert not target.exists()


def test_who_made_a_voucher_does_not_review_it_and_another_does(books: Workspace) -> None:
    maker, reviewer = add(books, "杨文清", "报账员"), add(books, "罗会计", "会计")
    sit_down(books, maker)
    draft = do(books, lambda uow: save_draft(uow, GOOD)).draft_id
    with pytest.raises(RuleRefusedError, match="制单和审核不能是同一个人"):
        do(books, lambda uow: post_voucher(uow, draft))
    with pytest.raises(RuleRefusedError, match="制单和审核不能是同一个人"):
        do(books, lambda uow: post_entry(uow, GOOD))

    sit_down(books, reviewer)
    posted = do(books, lambda uow: post_voucher(uow, draft))
    with books.reader() as reader:
        (voucher,) = list_vouchers(reader)
    assert (voucher.prepared_by, voucher.voucher_id) == ("杨文清", posted.voucher_id)

    sit_down(books, maker)
    with pytest.raises(RuleRefusedError, match="制单和审核"):
        do(books, lambda uow: reverse_voucher(uow, posted.voucher_id, reason="记错了"))
    sit_down(books, reviewer)
    do(books, lambda uow: reverse_voucher(uow, posted.voucher_id, reason="记错了"))


EVIL = entry(("10201", 99_500_00), ("50103", -99_500_00))


def test_who_changes_what_a_draft_says_is_its_maker_and_does_not_review_it(books: Workspace) -> None:
    maker, other = add(books, "杨文清", "报账员"), add(books, "罗会计", "会计")
    sit_down(books, maker)
    draft = do(books, lambda uow: save_draft(uow, GOOD)).draft_id
    sit_down(books, other)
    do(books, lambda uow: save_draft(uow, EVIL, draft_id=draft))
    with pytest.raises(RuleRefusedError, match="制单和审核不能是同一个人"):
        do(books, lambda uow: post_voucher(uow, draft))
    sit_down(books, maker)
    posted = do(books, lambda uow: post_voucher(uow, draft))
    with books.reader() as reader:
        detail = get_voucher(reader, posted.voucher_id)
    assert (detail.prepared_by, detail.reviewed_by) == ("罗会计", "杨文清")


def test_who_keeps_the_archive_too_reviews_no_draft_of_another_and_is_not_named_as_reviewer(
    books: Workspace, tmp_path: Path
) -> None:
    maker, both = add(books, "起学英", "报账员"), add(books, "杨文清", "报账员", "文书")
    sit_down(books, maker)
    draft = do(books, lambda uow: save_draft(uow, GOOD)).draft_id
    sheet = write_sheet(tmp_path / "a.xlsx", RENT)
    assert "杨文清" not in (import_vouchers(books, sheet, dry_run=True).reviewers or ())
    sit_down(books, both)
    with pytest.raises(RuleRefusedError, match="杨文清是文书，不能“审核凭证”") as refused:
        do(books, lambda uow: post_voucher(uow, draft))
    assert "请由报账员、会计、乡镇审核来办" in refused.value.next_step
    with books.reader() as reader:
        assert list_vouchers(reader) == ()


def test_who_writes_a_draft_again_word_for_word_may_still_review_it(books: Workspace) -> None:
    maker, other = add(books, "杨文清", "报账员"), add(books, "罗会计", "会计")
    sit_down(books, maker)
    draft = do(books, lambda uow: save_draft(uow, replace(GOOD, template="rent"))).draft_id
    sit_down(books, other)
    do(books, lambda uow: save_draft(uow, GOOD, draft_id=draft))
    posted = do(books, lambda uow: post_voucher(uow, draft))
    with books.reader() as reader:
        detail = get_voucher(reader, posted.voucher_id)
    assert (detail.prepared_by, detail.reviewed_by) == ("杨文清", "罗会计")


def test_an_import_names_another_person_who_reviewed_it_and_says_who_named_him(
    books: Workspace, tmp_path: Path
) -> None:
    add(books, "罗会计", "会计")
    add(books, "张志强", "支书")
    sit_down(books, add(books, "杨文清", "报账员"))
    sheet = write_sheet(tmp_path / "a.xlsx", RENT)
    assert import_vouchers(books, sheet, dry_run=True).reviewers == ("李琼仙", "罗会计")
    for named in ("", "杨文清", "张志强", "无名"):
        with pytest.raises(RuleRefusedError, match="审核"):
            import_vouchers(books, sheet, reviewed_by=named)
    with books.reader() as reader:
        assert list_vouchers(reader) == ()
    import_vouchers(books, sheet, reviewed_by="罗会计")
    with books.reader() as reader:
        (row,) = list_vouchers(reader)
        detail = get_voucher(reader, row.voucher_id)
    assert (detail.prepared_by, detail.reviewed_by) == ("杨文清", "罗会计")
    assert "杨文清导入时写的" in detail.reason


def test_opening_balances_and_books_that_are_there_already_need_nobody(books: Workspace, tmp_path: Path) -> None:
    import_vouchers(books, write_sheet(tmp_path / "a.xlsx", RENT))
    sit_down(books, add(books, "杨文清", "报账员"))
    both = write_sheet(tmp_path / "b.xlsx", [*OPENING, *RENT])
    assert import_vouchers(books, both, dry_run=True).reviewers is None
    report = import_vouchers(books, both)
    assert (report.created, report.unchanged) == (len(OPENING), len(RENT))


def test_alone_in_a_small_village_she_does_both_once_it_is_on_record(books: Workspace) -> None:
    sit_down(books, add(books, "杨文清", "报账员", note="只有一人，2026年1月村两委定"))
    draft = do(books, lambda uow: save_draft(uow, GOOD)).draft_id
    assert do(books, lambda uow: post_voucher(uow, draft)).number_text


def test_nobody_raises_himself_while_another_may_change_people(workspace: Workspace) -> None:
    boss = add(workspace, "王建平", "支书")

    def save(uow: UnitOfWork, *roles: str, combine: bool = False) -> None:
        staff.save_person(uow, boss, name="王建平", roles=roles, may_combine_duties=combine, note="只有一人")

    sit_down(workspace, boss)
    for wanted in (("支书", "报账员"), ("支书", "会计")):
        with pytest.raises(RuleRefusedError, match="自己不能给自己加岗位") as refused:
            do(workspace, lambda uow, given=wanted: save(uow, *given))  # type: ignore[misc]
        assert "另一位管人员的人" in refused.value.next_step
    with pytest.raises(RuleRefusedError, match="自己不能给自己加岗位和兼任"):
        do(workspace, lambda uow: save(uow, "支书", combine=True))
    do(workspace, lambda uow: save(uow, "支书"))


def raise_oneself(workspace: Workspace) -> None:
    me = workspace.actor
    deed = partial(staff.save_person, name=me.name, roles=[me.role], may_combine_duties=True, note="只有一人")
    do(workspace, lambda uow: deed(uow, me.person_id))


@pytest.mark.parametrize("way", ["another role", "left"])
def test_nobody_makes_himself_the_only_one_to_raise_himself(workspace: Workspace, clock: FixedClock, way: str) -> None:
    boss, other = add(workspace, "王建平", "支书"), workspace.actor.person_id
    sit_down(workspace, boss)
    if way == "left":
        do(workspace, lambda uow: staff.mark_left(uow, other, left_on=uow.today))
    else:
        do(workspace, lambda uow: staff.save_person(uow, other, name="李琼仙", roles=["只读"]))
    for days in (0, 29):
        clock.moment += timedelta(days=days)
        with pytest.raises(RuleRefusedError, match="自己不能给自己加岗位和兼任") as refused:
            raise_oneself(workspace)
        assert "李琼仙不管人员还不满 30 天" in refused.value.next_step
        with pytest.raises(RuleRefusedError, match="自己的名字不能自己改"):
            do(workspace, lambda uow: staff.save_person(uow, boss, name="王建国", roles=["支书"]))
    clock.moment += timedelta(days=1)
    raise_oneself(workspace)


def test_who_leaves_on_a_day_to_come_is_another_until_then(workspace: Workspace, clock: FixedClock) -> None:
    boss, other = add(workspace, "王建平", "支书"), workspace.actor.person_id
    sit_down(workspace, boss)
    do(workspace, lambda uow: staff.mark_left(uow, other, left_on=uow.today + timedelta(days=90)))
    clock.moment += timedelta(days=89)
    with pytest.raises(RuleRefusedError, match="自己不能给自己加岗位和兼任") as refused:
        raise_oneself(workspace)
    assert "另一位管人员的人" in refused.value.next_step
    clock.moment += timedelta(days=1)
    raise_oneself(workspace)


def test_where_the_other_one_is_gone_a_new_one_confirms_it_at_once(workspace: Workspace) -> None:
    boss, other = add(workspace, "王建平", "支书"), workspace.actor.person_id
    sit_down(workspace, boss)
    do(workspace, lambda uow: staff.mark_left(uow, other, left_on=uow.today))
    sit_down(workspace, add(workspace, "起学英", "管理员"))
    deed = partial(staff.save_person, name="王建平", roles=["支书"], may_combine_duties=True, note="只有一人")
    do(workspace, lambda uow: deed(uow, boss))


def test_a_draft_under_the_name_from_before_is_still_his_own(books: Workspace) -> None:
    maker, me = add(books, "杨文清", "报账员"), books.actor
    sit_down(books, maker)
    draft = do(books, lambda uow: save_draft(uow, GOOD)).draft_id
    at_keyboard, books.actor = books.actor, me
    do(books, lambda uow: staff.save_person(uow, maker, name="杨文青", roles=["报账员"]))
    books.actor = at_keyboard
    with pytest.raises(RuleRefusedError, match="制单和审核不能是同一个人"):
        do(books, lambda uow: post_voucher(uow, draft))


def test_where_duties_are_combined_his_own_draft_has_no_reviewer_under_the_name_from_before_either(
    books: Workspace,
) -> None:
    me = books.actor
    draft = do(books, lambda uow: save_draft(uow, GOOD)).draft_id
    renamed = partial(staff.save_person, name="李琼先", roles=["报账员", "文书"], may_combine_duties=True)
    sit_down(books, add(books, "王建平", "支书"))
    do(books, lambda uow: renamed(uow, me.person_id))
    books.actor = me
    with books.reader() as reader:
        assert posting_problem(reader, get_draft(reader, draft)) == ""
    posted = do(books, lambda uow: post_voucher(uow, draft))
    with books.reader() as reader:
        voucher = get_voucher(reader, posted.voucher_id)
    assert (voucher.prepared_by, voucher.reviewed_by) == ("李琼先", "")


def test_combining_is_not_put_on_record_without_a_reason(workspace: Workspace) -> None:
    with pytest.raises(RefusedError, match="说明"):
        do(workspace, lambda uow: staff.save_person(uow, name="张", roles=["文书"], may_combine_duties=True))


def test_somebody_is_always_left_who_may_change_people(workspace: Workspace) -> None:
    me = workspace.actor.person_id
    with pytest.raises(RefusedError, match="没有人能管人员"):
        do(workspace, lambda uow: staff.save_person(uow, me, name="李琼仙", roles=["报账员"]))
    add(workspace, "王建平", "支书")
    do(workspace, lambda uow: staff.save_person(uow, me, name="李琼仙", roles=["报账员"]))


def test_who_has_left_may_do_nothing(workspace: Workspace) -> None:
    gone = add(workspace, "老陈", "文书")
    do(workspace, lambda uow: staff.mark_left(uow, gone, left_on=uow.today))
    sit_down(workspace, gone)
    with pytest.raises(RuleRefusedError, match="已经离任"):
        do(workspace, lambda uow: save_household(uow, None, {"head_name": "罗铉"}))


def test_a_step_of_a_case_needs_the_right_of_its_kind(workspace: Workspace) -> None:
    furnish(workspace)
    household = add_household(workspace)
    first = add(workspace, "岩温", "第一书记")
    sit_down(workspace, first)
    case_id = start_case(workspace, household)
    walk(workspace, case_id, until=StepKind.VILLAGERS_RESOLUTION)
    with pytest.raises(RuleRefusedError, match="记救助决议"):
        usual_step(workspace, case_id, StepKind.VILLAGERS_RESOLUTION)


def case_of_his_brother(workspace: Workspace, relatives: str) -> Any:
    furnish(workspace)
    household = add_household(workspace)
    add(workspace, "王建平", "支书", relatives=relatives)
    return start_case(workspace, household)


def test_the_brother_of_the_applicant_stands_aside_and_does_not_preside(workspace: Workspace) -> None:
    case_id = case_of_his_brother(workspace, "罗铉 兄弟")
    with pytest.raises(RuleRefusedError, match="王建平是罗铉的兄弟，要回避"):
        usual_step(workspace, case_id, StepKind.FIRST_REVIEW, secretary="王建平")
    aside = (Recusal("王建平", "户主的兄弟"),)
    with pytest.raises(RuleRefusedError, match="不能主持"):
        usual_step(workspace, case_id, StepKind.FIRST_REVIEW, secretary="王建平", recused=aside)
    usual_step(workspace, case_id, StepKind.FIRST_REVIEW, secretary="张志强", recused=aside)


def test_who_only_bears_the_name_of_a_relative_is_said_so_once(workspace: Workspace) -> None:
    case_id = case_of_his_brother(workspace, "罗铉 同名")
    usual_step(workspace, case_id, StepKind.FIRST_REVIEW, secretary="王建平")


def test_a_relative_who_was_not_there_is_answered_with_a_reason(workspace: Workspace) -> None:
    case_id = case_of_his_brother(workspace, "罗铉 兄弟")
    with pytest.raises(RuleRefusedError, match="没有参加，请写明"):
        usual_step(workspace, case_id, StepKind.FIRST_REVIEW, secretary="张志强")
    reasons = {"RECUSAL-1": "他那天在县里开会，没有参加"}
    usual_step(workspace, case_id, StepKind.FIRST_REVIEW, secretary="张志强", reasons=reasons)


def test_nobody_at_the_keyboard_decides_his_own_case(workspace: Workspace) -> None:
    furnish(workspace)
    household = add_household(workspace)
    case_id = start_case(workspace, household)
    sit_down(workspace, add(workspace, "李桂芳", "文书"))
    with pytest.raises(RuleRefusedError, match="李桂芳是申请户的人，要回避"):
        usual_step(workspace, case_id, StepKind.FIRST_REVIEW)
    usual_step(workspace, case_id, StepKind.FIRST_REVIEW, recused=(Recusal("李桂芳", "本户的人"),))
