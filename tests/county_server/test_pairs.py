"""Two rows that a person says are one: what the chosen side showed stands, what only one of them had stays."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from desktop_app.households.editing import close_household, reopen_household
from desktop_app.sync.questions import Question
from tests.counties import County
from tests.county_server.test_decisions import decide, open_questions, questions
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from village_core.domain.clock import stamp
from village_core.domain.ids import new_id
from village_core.exchange.words import to_json
from village_core.records.held import HeldDecision
from village_core.records.households import Household, Person

LEFT: dict[str, Any] = {
    "head_name": "李琼仙",
    "phone": "13900000001",
    "note": "左",
    "wage_fen": 100,
    "group_name": "一组",
}
RIGHT: dict[str, Any] = {
    "head_name": "李建国",
    "phone": "13900000002",
    "note": "右",
    "wage_fen": 200,
    "bank_name": "农行",
}
ID_NUMBER = "532327197203034567"


def registered_twice(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop, UUID, UUID]:
    first, second = make_laptop(county), make_laptop(county)
    one = first.add_household(number="0001", **LEFT)
    first.sync()
    other = second.add_household(number="0001", **RIGHT)
    sync_until_quiet(second, first)
    return first, second, one, other


def standing(laptop: Laptop, household: UUID) -> dict[str, Any]:
    row = laptop.get(Household, household)
    return {name: getattr(row, name) for name in {**LEFT, **RIGHT}}


def shown(question: Question) -> tuple[dict[str, str], dict[str, str]]:
    return dict(question.left.lines), dict(question.right.lines)


@pytest.mark.parametrize(("choice", "chosen", "other"), [("standing", LEFT, RIGHT), ("offered", RIGHT, LEFT)])
def test_all_that_the_chosen_side_showed_stands_and_what_only_the_other_had_stays(
    small_county: County, make_laptop: LaptopMaker, choice: str, chosen: dict[str, Any], other: dict[str, Any]
) -> None:
    first, second, household, joined = registered_twice(small_county, make_laptop)

    question = only(open_questions(first))
    decide(first, choice, seen=question.seen)
    sync_until_quiet(first, second)

    assert standing(second, household) == other | chosen
    assert second.get(Household, joined).merged_into == household
    assert open_questions(second) == []
    for side, then in zip(shown(only(questions(second))), (LEFT, RIGHT), strict=True):
        assert (side["户主姓名"], side["其他备注"]) == (then["head_name"], then["note"])


def test_everything_in_which_the_two_differ_is_shown(small_county: County, make_laptop: LaptopMaker) -> None:
    first, *_ = registered_twice(small_county, make_laptop)

    left, right = shown(only(open_questions(first)))

    assert left["户主姓名"] == "李琼仙"
    assert (left["工资性收入"], right["工资性收入"]) == ("1.00 元", "2.00 元")
    assert (left["其他备注"], right["其他备注"]) == ("左", "右")
    assert (left["户联系电话"], right["户联系电话"]) == ("139****0001", "139****0002")
    assert "开户银行" not in left | right  # only one of them has it: it stays in any case


def test_what_was_changed_after_it_was_shown_is_not_taken_for_decided(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household, joined = registered_twice(small_county, make_laptop)
    question = only(open_questions(first))
    second.edit(Household, joined, wage_fen=300, note="后来改的")
    second.sync()

    decide(first, "standing", seen=question.seen)
    sync_until_quiet(first, second)

    assert standing(second, household)["note"] == "后来改的"
    assert standing(second, household)["phone"] == LEFT["phone"]
    assert only(open_questions(second)).value_label == "工资性收入"


@pytest.mark.parametrize(("choice", "chosen", "other"), [("standing", LEFT, RIGHT), ("offered", RIGHT, LEFT)])
def test_a_program_that_does_not_say_what_it_showed_is_taken_at_its_word(
    small_county: County, make_laptop: LaptopMaker, choice: str, chosen: dict[str, Any], other: dict[str, Any]
) -> None:
    first, second, household, _ = registered_twice(small_county, make_laptop)

    say_like_an_older_program(first, only(open_questions(first)).id, choice)
    sync_until_quiet(first, second)

    assert standing(second, household) == other | chosen | {"wage_fen": LEFT["wage_fen"]}
    assert only(open_questions(second)).value_label == "工资性收入"  # which it did not show


def test_a_person_in_two_households_is_shown_with_both_and_moves_to_the_chosen_one(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    homes = [first.add_household(number=number, head_name=name) for number, name in (("1", "李家"), ("2", "王家"))]
    sync_until_quiet(first, second)
    one = first.add_person(homes[0], "李小妹", id_number=ID_NUMBER, relation="女儿")
    first.sync()
    second.add_person(homes[1], "李小妹", id_number=ID_NUMBER, relation="儿媳")
    sync_until_quiet(second, first)
    left, right = shown(only(open_questions(first)))
    assert (left["属于哪一户"], right["属于哪一户"]) == ("户“李家”", "户“王家”")

    decide(first, "offered")
    sync_until_quiet(first, second)

    person = second.get(Person, one)
    assert (person.household_id, person.relation) == (homes[1], "儿媳")
    assert open_questions(second) == []


def test_of_two_who_contradict_each_other_the_later_one_s_sides_count_when_he_is_followed(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household, _ = registered_twice(small_county, make_laptop)
    decide(first, "neither")
    decide(second, "offered")
    sync_until_quiet(first, second)

    decide(first, "offered")
    sync_until_quiet(first, second)

    assert standing(second, household) == LEFT | RIGHT
    assert open_questions(second) == []
    assert len(questions(second)) == 2


def test_what_was_kept_of_a_pair_is_not_written_over_by_an_edit_that_knew_nothing_of_it(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household, _ = registered_twice(small_county, make_laptop)
    second.edit(Household, household, wage_fen=777)
    decide(first, "standing", seen=only(open_questions(first)).seen)
    first.sync()
    sync_until_quiet(second, first)
    assert standing(first, household)["wage_fen"] == LEFT["wage_fen"]
    assert only(open_questions(second)).value_label == "工资性收入"


def test_who_keeps_the_left_one_of_a_pair_may_go_on_editing_it(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second, household, _ = registered_twice(small_county, make_laptop)
    decide(first, "standing", seen=only(open_questions(first)).seen)
    first.edit(Household, household, wage_fen=777)
    sync_until_quiet(first, second)
    assert standing(second, household)["wage_fen"] == 777
    assert open_questions(second) == []


def test_a_name_that_was_corrected_while_the_two_were_being_compared_is_not_lost(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household, joined = registered_twice(small_county, make_laptop)
    seen = only(open_questions(first)).seen
    second.edit(Household, household, head_name="李琼")
    second.sync()
    decide(first, "offered", seen=seen)
    sync_until_quiet(first, second)
    assert second.get(Household, joined).merged_into == household
    assert standing(second, household)["head_name"] == "李琼"
    question = only(open_questions(second))
    assert (question.value_label, dict(question.right.lines)) == ("户主姓名", {"户主姓名": RIGHT["head_name"]})


def test_nothing_is_joined_to_a_household_that_was_closed_meanwhile_until_it_is_open_again(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household, joined = registered_twice(small_county, make_laptop)
    second.do(lambda uow: close_household(uow, household, on=date(2026, 1, 2), reason="重复"))
    second.sync()
    decide(first, "offered")
    sync_until_quiet(first, second)
    assert first.get(Household, joined).merged_into is None
    assert "恢复这户" in only(open_questions(first)).sentence

    first.do(lambda uow: reopen_household(uow, household))
    decide(first, "offered")
    sync_until_quiet(first, second)
    assert (second.get(Household, joined).merged_into, open_questions(second)) == (household, [])


def test_of_two_who_join_with_different_sides_the_later_one_is_asked_about_what_does_not_stand(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household, joined = registered_twice(small_county, make_laptop)
    decide(first, "standing", seen=only(open_questions(first)).seen)
    decide(second, "offered", seen=only(open_questions(second)).seen)
    sync_until_quiet(first, second)
    assert second.get(Household, joined).merged_into == household
    assert standing(second, household)["head_name"] == LEFT["head_name"]
    assert sorted(one.value_label for one in open_questions(first)) == ["工资性收入", "户主姓名"]

    for question in open_questions(first):
        decide(first, "offered", question.id)
    sync_until_quiet(first, second)
    assert {name: standing(second, household)[name] for name in ("head_name", "wage_fen")} == {
        name: RIGHT[name] for name in ("head_name", "wage_fen")
    }
    assert open_questions(second) == []


def say_like_an_older_program(laptop: Laptop, question: UUID, choice: str) -> None:
    person = laptop.workspace.actor
    laptop.do(
        lambda uow: uow.session.add(
            HeldDecision(
                village=uow.village,
                id=new_id(),
                held_id=question,
                choice=choice,
                value="{}",
                reason="",
                made_at=stamp(uow.clock),
                made_by=person.person_id,
                made_by_name=person.name,
            )
        )
    )


def test_a_question_of_a_joined_household_shows_and_changes_what_stands_in_the_other_one(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household, joined = registered_twice(small_county, make_laptop)
    for laptop, phone in ((first, "13900000003"), (second, "13900000004")):
        laptop.edit(Household, joined, bank_account=phone)
    sync_until_quiet(first, second)
    first.edit(Household, household, bank_account="1")
    sync_until_quiet(first, second)
    about = next(one for one in open_questions(first) if one.value_label)
    pair = next(one for one in open_questions(first) if one.id != about.id)
    decide(first, "standing", pair.id, seen=pair.seen)
    decide(second, "offered", about.id, seen=about.seen, offered=about.offered)
    sync_until_quiet(first, second)

    assert first.get(Household, household).bank_account == "1", "he had the joined one's account on his left"
    again = next(one for one in open_questions(second) if one.id == about.id)
    assert again.seen == to_json({"bank_account": "1"})
    assert again.sentence.endswith("它已经并到户“李琼仙”，左边是那里现在用的。")
    decide(second, "offered", again.id, seen=again.seen, offered=again.offered)
    sync_until_quiet(second, first)
    assert first.get(Household, household).bank_account == "13900000004"
    assert open_questions(first) == []
