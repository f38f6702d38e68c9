"""What people decided about a field is written over by nobody who did not know it, and no offer goes unseen."""

from __future__ import annotations

from tests.exchange.examples import insert, row, update
from tests.exchange.village import HOME, Village, word
from tests.laptops import only
from village_core.exchange.questions import Question


def disputed() -> tuple[Village, Question]:
    """The first device wrote 1, the second one 2: 1 stands, and there is a question of the second device."""
    village = Village()
    made = insert(0, "household", HOME, number="0001", head_name="李琼仙", bank_account="0")
    village.send(1, (made,), base=0)
    base = village.last
    village.edit(1, base=base, bank_account="1")
    village.edit(2, base=base, bank_account="2")
    return village, only(village.open())


def test_two_who_decide_two_questions_about_one_account_otherwise_are_asked() -> None:
    village, about_second = disputed()
    village.edit(3, base=1, bank_account="3")
    about_third = next(one for one in village.open() if one is not about_second)
    base = village.last
    village.decide(1, about_second, "offered", seen="2", base=base)
    village.decide(2, about_third, "standing", seen="1", base=base)
    assert (village.account(), village.offers()) == ("2", ["1"])


def test_who_decides_two_questions_in_one_sitting_is_not_asked_again() -> None:
    for choice, seen, stands in (("standing", "1", "2"), ("offered", "3", "3"), ("neither", "7", "7")):
        village, about_second = disputed()
        village.edit(3, base=1, bank_account="3")
        about_third = next(one for one in village.open() if one is not about_second)
        village.send(
            1,
            (word(about_second, "offered", {"bank_account": "2"}),),
            (word(about_third, choice, {"bank_account": seen}),),
            base=village.last,
        )
        assert (village.account(), village.offers()) == (stands, [])


def test_who_changes_his_mind_does_not_write_over_what_somebody_wrote_behind_his_first_word() -> None:
    for written, stands, offers in ((False, "7", []), (True, "9", ["7"])):
        village, question = disputed()
        base = village.last
        village.decide(3, question, "offered", seen="2", base=base)  # and the answer is lost
        if written:
            village.edit(1, base=village.last, bank_account="9")
        village.decide(3, question, "neither", seen="7", base=base)
        assert (village.account(), village.offers()) == (stands, offers)


def test_who_changes_his_mind_about_a_question_that_was_closed_with_his_other_one_is_not_asked() -> None:
    village, about_second = disputed()
    village.edit(3, base=1, bank_account="2")
    also = next(one for one in village.open() if one is not about_second)
    parts = (word(about_second, "offered", {"bank_account": "2"}),), (word(also, "neither", {"bank_account": "7"}),)
    village.send(4, *parts, base=village.last)
    assert (village.account(), village.offers()) == ("7", [])


def test_an_offer_that_the_decider_did_not_see_is_not_lost_when_he_is_asked_once_more() -> None:
    for choice, seen in (("offered", "2"), ("standing", "1")):
        village, question = disputed()
        base = village.last
        village.edit(1, base=base, bank_account="5")
        village.edit(2, base=base, bank_account="4")
        village.decide(3, question, choice, seen=seen, base=base)
        assert (village.account(), village.offers()) == ("5", [seen, "4"] if seen < "4" else ["4", seen])
        for one in village.open():
            village.decide(3, one, "standing", seen="5", base=village.last)
        assert (village.account(), village.offers()) == ("5", [])


def test_an_offer_that_was_replaced_in_the_same_batch_is_not_closed_with_the_one_before_it() -> None:
    village, about_second = disputed()
    base = village.last
    village.edit(3, base=1, bank_account="2")
    newer = update(0, "household", HOME, bank_account="4")
    village.send(3, (newer,), (word(about_second, "offered", {"bank_account": "2"}),), base=base)
    assert (village.account(), village.offers()) == ("2", ["4"])


def test_what_was_decided_is_known_as_such_also_where_the_question_stays_open_for_a_newer_offer() -> None:
    village, question = disputed()
    base = village.last
    village.edit(2, base=1, bank_account="3")
    village.decide(3, question, "standing", seen="1", base=base)
    assert village.offers() == ["3"]
    village.edit(4, base=base, bank_account="8")
    assert (village.account(), village.offers()) == ("1", ["3", "8"])


def test_of_two_edits_that_were_put_aside_a_decision_about_one_does_not_close_the_other() -> None:
    for choice in ("offered", "standing"):
        village = Village()
        person = insert(0, "person", row(20), household_id=HOME.bytes, name="罗")
        village.send(1, (insert(0, "household", HOME, number="1"), person), base=0)
        village.send(1, (update(0, "person", row(20), household_id=row(8).bytes, phone="138"),), base=2)
        village.send(2, (update(0, "person", row(20), household_id=row(9).bytes, name="罗二"),), base=2)
        about, other = village.open()
        village.send(3, (insert(0, "household", row(8), number="8"),), base=village.last)
        village.decide(3, about, choice, seen="", base=village.last)
        assert only(village.open()) is other
        assert village.known.rows["person", row(20)].values["name"] == "罗"


def test_who_chose_the_right_side_as_it_stood_on_his_screen_did_not_choose_for_a_newer_one() -> None:
    village, question = disputed()
    village.edit(2, base=1, bank_account="4")
    village.decide(3, question, "offered", seen="2", base=village.last)
    assert (village.account(), village.offers()) == ("2", ["4"])
