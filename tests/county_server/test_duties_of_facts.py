"""A laptop whose program was tampered with records what a person might not do: it is held, and another one decides."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import func, select

from county_server.admin.people import set_roles
from desktop_app.ledger import service as ledger
from desktop_app.relief import case_facts
from desktop_app.sync.questions import Question
from tests.counties import County
from tests.county_server.test_decisions import decide, give_role, open_questions
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.ledger.books import open_accounts, post
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.seats import take_over
from tests.workspaces import VILLAGE
from village_core.domain.errors import RefusedError, RuleRefusedError
from village_core.domain.relief.steps import StepKind
from village_core.exchange.objections import Objection, Reason
from village_core.exchange.people import People
from village_core.exchange.seats import SeatKind
from village_core.records.held import HeldChange
from village_core.records.ledger import Voucher
from village_core.records.relief import ReliefStep

REASON = "另外的人看过，凭证和单据对得上"


@pytest.fixture
def tampered(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The checks of duties and 回避 are taken out of the laptops' services."""
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "judge_second_person", lambda *_: ())
        patch.setattr(case_facts, "list_kin", lambda *_: ())
        yield patch


def alone_at_the_books(county: County, make_laptop: LaptopMaker, *, combines: bool) -> tuple[Laptop, Laptop]:
    """李琼仙 (报账员) with the books, and 王建平 (会计) on another laptop."""
    first, second = make_laptop(county), make_laptop(county)
    open_accounts(first.workspace)
    sync_until_quiet(first, second)
    give_role(first, "报账员", combines=combines)
    give_role(second, "会计", combines=combines)
    sync_until_quiet(first, second)
    return first, second


def income(laptop: Laptop) -> UUID:
    return post(laptop.workspace, ("10201", 5000), ("50103", -5000)).voucher_id


def at_county(county: County, record: type[Voucher] | type[ReliefStep]) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(record)) or 0


def asked(laptop: Laptop) -> Question:
    return only(open_questions(laptop))


def test_a_voucher_made_and_reviewed_in_one_hand_is_held_until_another_person_says_yes(
    county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second = alone_at_the_books(county, make_laptop, combines=False)
    income(first)
    report = first.sync()
    assert (report.held, report.equal) == (1, True), "one question, its lines wait with it"
    assert at_county(county, Voucher) == 0
    sync_until_quiet(first, second)
    assert "制单和审核都是李琼仙一个人" in asked(second).sentence

    decide(first, "offered", reason=REASON)
    sync_until_quiet(first, second)
    assert at_county(county, Voucher) == 0
    assert "要由另一个人来定" in asked(second).sentence

    decide(second, "offered", reason=REASON)
    sync_until_quiet(first, second)
    assert at_county(county, Voucher) == 1
    assert [len(laptop.all(Voucher)) for laptop in (first, second)] == [1, 1]
    assert open_questions(first) == []


def test_one_hand_without_the_right_to_post_is_told_so_and_lets_nothing_of_his_own_through(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second = alone_at_the_books(small_county, make_laptop, combines=False)
    second.workspace.set_state("rights.may_post", "1")
    income(second)
    second.sync()
    sync_until_quiet(first, second)
    for words in ("没有记账权", "制单和审核都是王建平一个人"):
        assert words in asked(first).sentence

    with pytest.raises(RefusedError, match="理由"):
        decide(second, "offered")
    decide(second, "offered", reason=REASON)
    sync_until_quiet(first, second)
    assert at_county(small_county, Voucher) == 0
    assert "要由另一个人来定" in asked(first).sentence
    decide(first, "offered", reason=REASON)
    sync_until_quiet(first, second)
    assert at_county(small_county, Voucher) == 1
    assert open_questions(first) == []


def test_a_question_about_something_else_becomes_one_about_the_hands_before_it_is_let_through(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second = alone_at_the_books(small_county, make_laptop, combines=True)
    posted = income(first)
    sync_until_quiet(first, second)
    give_role(first, "报账员", combines=False)
    give_role(second, "会计", combines=False)
    first.do(lambda uow: ledger.reverse_voucher(uow, posted, reason="记错"))
    with tampered.context() as patch:
        patch.setattr(People, "judge", lambda *_: Objection(Reason.NOT_REVERSIBLE, "先放着。"))
        assert first.sync().held == 1
    sync_until_quiet(first, second)
    decide(second, "offered")
    sync_until_quiet(first, second)
    assert only(first.all(HeldChange)).reason_kind == "duty"
    assert "制单和审核都是李琼仙一个人" in asked(second).sentence
    decide(second, "offered", reason=REASON)
    sync_until_quiet(first, second)
    assert open_questions(second) == []
    assert at_county(small_county, Voucher) == 2


def test_the_same_is_refused_by_a_program_that_nobody_touched(small_county: County, make_laptop: LaptopMaker) -> None:
    first, _ = alone_at_the_books(small_county, make_laptop, combines=False)
    with pytest.raises(RuleRefusedError, match="不能是同一个人"):
        income(first)


def test_with_duties_combined_on_record_nothing_is_held(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, _ = alone_at_the_books(small_county, make_laptop, combines=True)
    income(first)
    assert first.sync().held == 0
    assert at_county(small_county, Voucher) == 1


def test_a_payment_that_nobody_reviewed_yet_is_taken_where_another_person_recorded_its_decision(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    furnish(first.workspace)
    case = start_case(first.workspace, add_household(first.workspace))
    walk(first.workspace, case, until=StepKind.TOWNSHIP_REVIEW)
    sync_until_quiet(first, second)
    give_role(first, "报账员,文书", combines=False)
    give_role(second, "支书", combines=False)
    usual_step(second.workspace, case, StepKind.TOWNSHIP_REVIEW)
    sync_until_quiet(second, first)
    for kind in (StepKind.NOTICE_POSTED, StepKind.NOTICE_TAKEN_DOWN, StepKind.PAYMENT):
        usual_step(first.workspace, case, kind)
    assert first.sync().held == 0
    assert only(first.all(Voucher)).reviewed_by is None
    assert at_county(small_county, Voucher) == 1


def test_a_reversal_by_who_made_the_voucher_is_held_and_one_by_another_is_not(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second = alone_at_the_books(small_county, make_laptop, combines=True)
    own, others = income(first), income(first)
    sync_until_quiet(first, second)
    give_role(first, "报账员", combines=False)
    give_role(second, "会计", combines=False)
    first.do(lambda uow: ledger.reverse_voucher(uow, own, reason="记错"))
    assert first.sync().held == 1
    take_over(second, SeatKind.LEDGER)
    second.sync()
    second.do(lambda uow: ledger.reverse_voucher(uow, others, reason="记错"))
    sync_until_quiet(second, first)
    assert "李琼仙一个人" in asked(second).sentence, "the one before, and no other"
    assert at_county(small_county, Voucher) == 3


def test_what_the_law_forbids_is_held_whoever_reviewed_it(
    small_county: County, make_laptop: LaptopMaker, tampered: pytest.MonkeyPatch
) -> None:
    first, second = alone_at_the_books(small_county, make_laptop, combines=True)
    person = str(first.workspace.actor.person_id)
    income(first)
    set_roles(small_county.engine, VILLAGE, person, roles=["出纳"], combines=False, note="", clock=small_county.clock)
    assert first.sync().held == 1
    sync_until_quiet(first, second)
    assert "是出纳" in asked(second).sentence
    assert "《中华人民共和国会计法》" in asked(second).sentence
