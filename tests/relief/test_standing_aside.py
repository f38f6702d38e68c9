"""回避 wherever it is decided or paid: who is of the household or near to it neither records nor investigates."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from desktop_app.relief.case_facts import gather_facts, why_stand_aside
from desktop_app.relief.case_store import get_case
from desktop_app.relief.service import record_step
from desktop_app.staff import service as staff
from desktop_app.storage.access_log import list_access
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.storage.workspace import Workspace
from desktop_app.sync.decisions import decide_question
from tests.domain.relief.builder import FACTS, judge, said, step
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.staff.acting import add, sit_down
from tests.workspaces import do
from village_core.domain.errors import RuleRefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.facts import Kin
from village_core.domain.relief.payloads import ObjectionConcluded, ObjectionOutcome, ObjectionReceived, Recusal
from village_core.domain.relief.steps import StepKind
from village_core.domain.staff.names import Relatives, with_earlier_name, write_relatives
from village_core.exchange.change_log import access_log, change_log
from village_core.exchange.objections import Reason
from village_core.exchange.staff_roles import split_relatives
from village_core.records.held import HeldChange
from village_core.records.households import Person
from village_core.records.staff import StaffMember

ASIDE = (Recusal("王建平", "户主的兄弟"),)
MEETINGS = (
    StepKind.PARTY_PROPOSAL,
    StepKind.COMMITTEES_CONSULTATION,
    StepKind.PARTY_MEMBERS_REVIEW,
    StepKind.VILLAGERS_RESOLUTION,
)


@pytest.fixture
def brother(workspace: Workspace) -> UUID:
    """王建平 (支书) declared that 罗铉 is his brother."""
    furnish(workspace)
    return add(workspace, "王建平", "支书", relatives="罗铉 兄弟")


def case_up_to(workspace: Workspace, last: StepKind) -> UUID:
    """罗铉's case, from which the brother stood aside, with its steps up to `last`."""
    case = start_case(workspace, add_household(workspace))
    usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="张志强", recused=ASIDE)
    for kind in MEETINGS:
        usual_step(workspace, case, kind, chair="张志强", reasons={"RECUSAL-1": "没有参加"})
    for kind in (StepKind.RESOLUTION_PUBLISHED, StepKind.TOWNSHIP_REVIEW, StepKind.NOTICE_POSTED):
        if last not in MEETINGS:
            usual_step(workspace, case, kind)
        if kind is last:
            break
    return case


def test_a_brother_does_not_record_the_approval_of_the_township(workspace: Workspace, brother: UUID) -> None:
    me = workspace.actor.person_id
    case = case_up_to(workspace, StepKind.RESOLUTION_PUBLISHED)
    sit_down(workspace, brother)
    with pytest.raises(RuleRefusedError, match="王建平是罗铉的兄弟，要回避"):
        usual_step(workspace, case, StepKind.TOWNSHIP_REVIEW)
    sit_down(workspace, me)
    usual_step(workspace, case, StepKind.TOWNSHIP_REVIEW)


def test_a_brother_neither_investigates_an_objection_nor_writes_its_conclusion(
    workspace: Workspace, brother: UUID
) -> None:
    me = workspace.actor.person_id
    case = case_up_to(workspace, StepKind.NOTICE_POSTED)
    objection = do(
        workspace,
        lambda uow: record_step(
            uow,
            case,
            ObjectionReceived(content="他家有车"),
            kind=StepKind.OBJECTION_RECEIVED,
            done_on=date(2026, 10, 22),
        ),
    )

    def conclude(*investigators: str) -> None:
        payload = ObjectionConcluded(objection.step_id, ObjectionOutcome.UNFOUNDED, investigators, "没有车")
        day = date(2026, 10, 23)
        do(workspace, lambda uow: record_step(uow, case, payload, kind=StepKind.OBJECTION_CONCLUDED, done_on=day))

    with pytest.raises(RuleRefusedError, match="王建平是罗铉的兄弟，要回避") as refused:
        conclude("张志强", "王建平")
    assert refused.value.findings[0].field == "investigators"
    sit_down(workspace, brother)
    with pytest.raises(RuleRefusedError, match="要回避"):
        conclude("张志强")
    sit_down(workspace, me)
    conclude("张志强")


def test_nobody_pays_himself(workspace: Workspace) -> None:
    furnish(workspace)
    case = start_case(workspace, add_household(workspace))
    walk(workspace, case, until=StepKind.PAYMENT)
    me = workspace.actor.person_id
    sit_down(workspace, add(workspace, "罗铉", "报账员", note="只有一人"))
    with pytest.raises(RuleRefusedError, match="罗铉是申请户的人，要回避"):
        usual_step(workspace, case, StepKind.PAYMENT)
    sit_down(workspace, me)
    usual_step(workspace, case, StepKind.PAYMENT)


@pytest.mark.parametrize("kind", [StepKind.TOWNSHIP_REVIEW, StepKind.PAYMENT])
def test_who_perhaps_only_bears_the_name_says_so_in_writing(kind: StepKind) -> None:
    facts = replace(FACTS, kin=(Kin("李琼仙", "申请户的人", certain=False),))
    assert said(judge(step(kind), facts=facts)) == {("RECUSAL-1", False)}
    assert said(judge(step(kind, actor_name="张志强"), facts=facts)) == set()


def test_who_is_about_to_leave_still_stands_aside_and_who_had_left_before_that_day_does_not(
    workspace: Workspace, brother: UUID
) -> None:
    case = start_case(workspace, add_household(workspace))
    do(workspace, lambda uow: staff.mark_left(uow, brother, left_on=date(2027, 6, 1)))
    with pytest.raises(RuleRefusedError, match="王建平是罗铉的兄弟，要回避"):
        usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="王建平")
    do(workspace, lambda uow: staff.mark_left(uow, brother, left_on=date(2026, 11, 1)))
    with pytest.raises(RuleRefusedError, match="要回避"):
        usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="王建平")
    do(workspace, lambda uow: staff.mark_left(uow, brother, left_on=date(2026, 10, 1)))
    usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="张志强")


@pytest.mark.parametrize("lines", ["", "罗铉 远房", "罗铉 兄弟\n罗铉 同名", "李桂芳 表妹"])
def test_nobody_takes_his_own_declaration_back(workspace: Workspace, brother: UUID, lines: str) -> None:
    sit_down(workspace, brother)
    with pytest.raises(RuleRefusedError, match="另一个人") as refused:
        do(workspace, lambda uow: staff.declare_relatives(uow, brother, lines=lines))
    assert "人员" in refused.value.next_step
    with workspace.reader() as reader:
        assert list_access(reader.session)[0].kind == "refusal"


def test_another_person_who_may_confirms_it_and_further_relatives_need_nobody(
    workspace: Workspace, brother: UUID
) -> None:
    me = workspace.actor.person_id
    sit_down(workspace, brother)
    do(workspace, lambda uow: staff.declare_relatives(uow, brother, lines="李桂芳 表妹\n罗铉 兄弟"))
    sit_down(workspace, me)
    do(workspace, lambda uow: staff.declare_relatives(uow, brother, lines="罗铉 同名"))
    sit_down(workspace, brother)
    do(workspace, lambda uow: staff.declare_relatives(uow, brother, lines=""))
    case = start_case(workspace, add_household(workspace))
    usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="王建平")


def test_the_applicant_does_not_say_of_himself_that_he_is_another(workspace: Workspace) -> None:
    furnish(workspace)
    case = start_case(workspace, add_household(workspace))
    applicant = add(workspace, "罗铉", "支书")
    sit_down(workspace, applicant)
    with pytest.raises(RuleRefusedError, match="同名"):
        do(workspace, lambda uow: staff.declare_relatives(uow, applicant, lines="罗铉 同名"))
    with pytest.raises(RuleRefusedError, match="要回避"):
        usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="罗铉")


RENAMED = "罗玄"


def under_another_name(workspace: Workspace, person: UUID, name: str = RENAMED) -> None:
    do(workspace, lambda uow: staff.save_person(uow, person, name=name, roles=["支书"]))


def test_nobody_who_manages_people_changes_his_own_name_while_another_may(workspace: Workspace) -> None:
    furnish(workspace)
    applicant = add(workspace, "罗铉", "支书")
    sit_down(workspace, applicant)
    with pytest.raises(RuleRefusedError, match="自己的名字不能自己改") as refused:
        under_another_name(workspace, applicant)
    assert (refused.value.findings[0].field, "另一位" in refused.value.next_step) == ("name", True)
    with workspace.reader() as reader:
        assert list_access(reader.session)[0].kind == "refusal"
        assert staff.why_not_rename(reader, applicant)
        assert not staff.why_not_rename(reader, new_id())
    do(workspace, lambda uow: staff.save_person(uow, applicant, name="罗铉", roles=["支书"], note="在岗"))


@pytest.mark.parametrize("written", ["罗铉", RENAMED, "罗 玄"])
def test_whom_another_renamed_stands_aside_under_each_of_his_names(workspace: Workspace, written: str) -> None:
    furnish(workspace)
    case = start_case(workspace, add_household(workspace))
    under_another_name(workspace, add(workspace, "罗铉", "支书"))
    with pytest.raises(RuleRefusedError, match="罗玄是申请户的人（原名罗铉），要回避"):
        usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary=written)
    aside = (Recusal("罗铉", "本人"),)
    usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="张志强", recused=aside)


def test_a_name_of_several_words_is_one_name_and_names_without_end_are_not_all_kept() -> None:
    kept: Relatives = (("王建国", "兄弟"),)
    for number in range(100):
        kept = with_earlier_name(kept, f"Li Qiong {number}", now=RENAMED)
    assert kept[:2] == (("王建国", "兄弟"), ("LiQiong0", "原名"))
    assert len(kept) == 41
    assert split_relatives(write_relatives(kept)) == kept
    assert with_earlier_name(kept, "Li  Qiong 3", now=RENAMED) == kept
    assert Kin("罗玄", "申请户的人", earlier=("LiQiong0",)).is_among(["Li Qiong 0"])


def test_the_log_tells_the_name_where_an_older_program_changed_it(workspace: Workspace) -> None:
    furnish(workspace)
    case = start_case(workspace, add_household(workspace))
    applicant = add(workspace, "罗铉", "文书")

    def older(uow: UnitOfWork) -> None:
        uow.session.get_one(StaffMember, (uow.village, applicant)).name = RENAMED

    do(workspace, older)
    me = workspace.actor
    sit_down(workspace, applicant)
    with pytest.raises(RuleRefusedError, match="罗玄是申请户的人（原名罗铉），要回避"):
        usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="张志强")
    workspace.actor = me
    do(workspace, lambda uow: staff.declare_relatives(uow, applicant, lines="罗铉 同名"))
    usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary=RENAMED)


def test_who_is_renamed_while_at_the_keyboard_stands_aside_all_the_same(workspace: Workspace, brother: UUID) -> None:
    me = workspace.actor
    case = case_up_to(workspace, StepKind.RESOLUTION_PUBLISHED)
    sit_down(workspace, brother)
    at_keyboard, workspace.actor = workspace.actor, me
    under_another_name(workspace, brother, "王建国")
    workspace.actor = at_keyboard
    with pytest.raises(RuleRefusedError, match="王建国是罗铉的兄弟，要回避"):
        usual_step(workspace, case, StepKind.TOWNSHIP_REVIEW)


def test_who_is_all_alone_mends_a_mistyped_name_and_stands_aside_under_both(workspace: Workspace) -> None:
    furnish(workspace)
    me = workspace.actor.person_id

    def rename(uow: UnitOfWork, name: str) -> None:
        staff.save_person(uow, me, name=name, roles=["报账员", "文书"], may_combine_duties=True)

    do(workspace, lambda uow: rename(uow, "罗铉"))
    do(workspace, lambda uow: rename(uow, RENAMED))
    with pytest.raises(RuleRefusedError, match="不能自己去掉"):
        do(workspace, lambda uow: staff.declare_relatives(uow, me, lines=""))
    case = start_case(workspace, add_household(workspace))
    with pytest.raises(RuleRefusedError, match="罗玄是申请户的人（原名罗铉），要回避"):
        usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="张志强")


def test_who_stands_aside_reviews_nothing_all_the_same(workspace: Workspace, brother: UUID) -> None:
    case = start_case(workspace, add_household(workspace))
    for name in ("王建平", "王 建平"):
        with pytest.raises(RuleRefusedError, match="要回避，不能又参加审核"):
            usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="张志强", reviewers=(name,), recused=ASIDE)


@pytest.mark.parametrize(
    "change",
    [{"name": "罗金"}, {"closed_on": date(2026, 10, 9)}, {"merged_into": "elsewhere"}, {"household_id": "elsewhere"}],
)
def test_nobody_gets_round_it_by_changing_the_household_meanwhile(
    workspace: Workspace, brother: UUID, change: dict[str, object]
) -> None:
    """李桂芳 is his cousin and of the household; since the application she is hidden in one way or another."""
    cousin = add(workspace, "起学英", "文书", relatives="李桂芳 表妹")
    household, other = add_household(workspace), add_household(workspace, "张三")
    case = start_case(workspace, household)

    def hide(uow: UnitOfWork) -> None:
        people = {one.name: one for one in uow.session.scalars(select(Person).where(Person.village == uow.village))}
        places = {"merged_into": people["张三"].id, "household_id": other}
        for name, value in change.items():
            setattr(people["李桂芳"], name, places.get(name, value))

    do(workspace, hide)
    with workspace.reader() as reader:
        assert "起学英是李桂芳的表妹" in why_stand_aside(reader, case, "起学英", person=cousin)
    with pytest.raises(RuleRefusedError, match="起学英是李桂芳的表妹，要回避"):
        usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="起学英", recused=ASIDE)


def change_member(workspace: Workspace, household: UUID, changes: dict[str, object]) -> None:
    """Of 李桂芳 in this household."""

    def change(uow: UnitOfWork) -> None:
        query = select(Person).where(Person.name == "李桂芳", Person.household_id == household)
        one = uow.session.scalars(query).one()
        for name, value in changes.items():
            setattr(one, name, value)

    do(workspace, change)


def certainty(workspace: Workspace, case: UUID, name: str) -> list[bool]:
    with workspace.reader() as reader:
        found = get_case(reader, case)
        kin = gather_facts(reader, found.household_id, case=found).kin
        return [one.certain for one in kin if one.name == name]


@pytest.mark.parametrize("change", [{"name": "李桂芬"}, {"closed_on": date(2026, 10, 9)}])
def test_who_shares_a_name_with_a_member_is_not_that_one_because_the_member_was_corrected(
    workspace: Workspace, brother: UUID, change: dict[str, object]
) -> None:
    clerk = add(workspace, "李桂芳", "文书")
    household, _ = add_household(workspace), add_household(workspace, "李桂芳")
    case = start_case(workspace, household)
    assert certainty(workspace, case, "李桂芳") == [False]
    change_member(workspace, household, change)
    assert certainty(workspace, case, "李桂芳") == [False]
    with workspace.reader() as reader:
        assert not why_stand_aside(reader, case, "李桂芳", person=clerk)
    said_why = {"RECUSAL-1": "只是同名，不是一家"}
    usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="李桂芳", recused=ASIDE, reasons=said_why)


@pytest.mark.parametrize("change", ["name", "closed_on", "household_id", "merged_into"])
def test_the_member_herself_stays_it_under_a_name_that_nobody_else_bears(
    workspace: Workspace, brother: UUID, change: str
) -> None:
    clerk = add(workspace, "李桂芳", "文书")
    household, other = add_household(workspace), add_household(workspace, "张三")
    case = start_case(workspace, household)
    values = {"name": "李桂芬", "closed_on": date(2026, 10, 9), "household_id": other}
    if change == "merged_into":
        other = add_household(workspace, "李桂芳")
        with workspace.reader() as reader:
            query = select(Person.id).where(Person.name == "李桂芳", Person.household_id == other)
            values[change] = reader.session.scalars(query).one()
    change_member(workspace, household, {change: values[change]})
    assert certainty(workspace, case, "李桂芳") == [True]
    with workspace.reader() as reader:
        assert "要回避" in why_stand_aside(reader, case, "李桂芳", person=clerk)


def put_question(workspace: Workspace, step: UUID, offered: dict[str, str], *, kind: Reason) -> UUID:
    """A question of the county about a step."""
    question = new_id()
    texts = {"reason": "", "offered_by": "起学英", "offered_at": "2026-11-22T02:00:00.000Z", "field": ""}
    asked = HeldChange(village=workspace.village, id=question, subject_table="relief_step", subject_id=step, **texts)
    asked.reason_kind, asked.standing, asked.offered = kind, "{}", json.dumps(offered)
    asked.offered_device = asked.offered_seq = 1

    def ask(uow: UnitOfWork) -> None:
        uow.session.connection().exec_driver_sql("UPDATE change_context SET origin = -1")
        uow.session.add(asked)

    do(workspace, ask)
    return question


@pytest.mark.parametrize("step_is_here", [True, False])
def test_a_brother_decides_nothing_where_two_decided_differently_about_a_step(
    workspace: Workspace, brother: UUID, step_is_here: bool
) -> None:
    case, another = start_case(workspace, add_household(workspace)), add(workspace, "普建国", "支书")
    with workspace.reader() as reader:
        step = get_case(reader, case).records[0].id if step_is_here else new_id()
    first = new_id() if step_is_here else put_question(workspace, step, {"case_id": case.hex}, kind=Reason.RECUSAL)
    said_then = {"question": first.hex, "choice": "offered", "reason": "已经核实"}
    question = put_question(workspace, step, said_then, kind=Reason.DECIDED_TWICE)

    def decide() -> None:
        do(workspace, lambda uow: decide_question(uow, question, "standing"))

    sit_down(workspace, brother)
    with pytest.raises(RuleRefusedError, match="王建平是罗铉的兄弟，要回避"):
        decide()
    with workspace.reader() as reader:
        noted = reader.session.scalars(select(access_log.c.about).order_by(access_log.c.id.desc())).first()
        assert noted == case.hex
    sit_down(workspace, another)
    decide()


def test_who_left_the_household_before_it_applied_is_nobody_of_it(workspace: Workspace, brother: UUID) -> None:
    add(workspace, "起学英", "文书", relatives="李桂芳 表妹")
    household = add_household(workspace)

    def strike_off(uow: UnitOfWork) -> None:
        uow.session.scalars(select(Person).where(Person.name == "李桂芳")).one().closed_on = date(2026, 9, 1)

    do(workspace, strike_off)
    case = start_case(workspace, household)
    usual_step(workspace, case, StepKind.FIRST_REVIEW, secretary="起学英", recused=ASIDE)


def test_what_happened_to_other_households_is_not_read(workspace: Workspace, brother: UUID) -> None:
    """A log of years holds tens of thousands of such changes, and each page of a case asks."""
    case = start_case(workspace, add_household(workspace))
    others = insert(change_log).values(
        [
            {**dict.fromkeys(("tx", "clock", "base", "origin"), 0), "schema": 2, "op": "U"}
            | {"actor": "", "reason": "", "table_name": table, "row_id": new_id().hex, "old": "not to be read"}
            for table in ("household", "person")
        ]
    )
    with workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(others)
    assert certainty(workspace, case, "王建平") == [True]
