"""Each offer keeps a question of its own: only what a hand wrote again takes the place of what it wrote before."""

from __future__ import annotations

from tests.exchange.examples import insert, row, update
from tests.exchange.village import HOME, Village, word
from tests.laptops import only
from village_core.exchange.questions import Question
from village_core.exchange.values import Value

OTHER, PERSON = row(2), row(20)


def disputed() -> tuple[Village, Question]:
    """The first device wrote 1, the second one 2: 1 stands, and there is a question of the second device."""
    village = Village()
    village.send(1, (insert(0, "household", HOME, number="0001", head_name="李琼仙", bank_account="0"),), base=0)
    base = village.last
    village.edit(1, base=base, bank_account="1")
    village.edit(2, base=base, bank_account="2")
    return village, only(village.open())


def with_person() -> tuple[Village, int]:
    """A household with one person; and up to where everybody knows the village."""
    village = Village()
    home = insert(0, "household", HOME, number="1", head_name="罗正明")
    village.send(1, (home, insert(0, "person", PERSON, household_id=HOME.bytes, name="罗正明")), base=0)
    return village, village.last


def registered_twice(*accounts: str) -> Village:
    """Households of one number, whose heads are written differently where there are only two."""
    village = Village()
    for device, account in enumerate(accounts, start=1):
        head = "李琼仙" if len(accounts) > 2 else f"户主{device}"
        columns: dict[str, Value] = {"number": "0001", "head_name": head, "bank_account": account}
        village.send(device, (insert(0, "household", row(device), **columns),), base=0)
    return village


def test_what_a_laptop_writes_again_takes_the_place_of_its_own_offer() -> None:
    village, _ = disputed()
    village.edit(2, base=1, bank_account="3")
    assert village.offers() == ["3"]


def test_the_other_machine_of_one_copied_disk_has_an_offer_of_its_own() -> None:
    village, first = disputed()
    village.send(2, (update(0, "household", HOME, bank_account="3"),), base=1, incarnation=2)
    assert village.offers() == ["2", "3"]
    village.decide(2, first, "standing", seen="1", base=village.last)
    assert village.offers() == ["3"]


def test_a_second_edit_that_was_put_aside_whole_does_not_hide_what_only_the_first_one_brought() -> None:
    village, base = with_person()
    village.send(1, (update(0, "person", PERSON, household_id=row(8).bytes, id_number="ABC"),), base=base)
    village.send(1, (update(0, "person", PERSON, household_id=row(9).bytes),), base=base)
    assert [sorted(one.offered) for one in village.open()] == [["household_id", "id_number"], ["household_id"]]


def test_a_second_edit_of_the_same_fields_that_was_put_aside_whole_is_what_counts() -> None:
    village, base = with_person()
    for household in (8, 9):
        village.send(1, (update(0, "person", PERSON, household_id=row(household).bytes),), base=base)
    assert only(village.open()).offered == {"household_id": row(9).hex}


def test_a_pair_does_not_hide_an_edit_that_was_put_aside() -> None:
    village, base = with_person()
    twin: dict[str, Value] = {"household_id": HOME.bytes, "name": "王建平", "id_number": "A1"}
    village.send(1, (insert(0, "person", row(10), **twin),), base=base)
    village.send(2, (update(0, "person", PERSON, household_id=row(8).bytes, phone="138"),), base=village.last)
    village.send(2, (update(0, "person", PERSON, id_number="A1"),), base=village.last)
    assert sorted(one.kind for one in village.open()) == ["missing", "two_rows"]


def test_joining_a_pair_does_not_hide_what_the_decider_himself_offered() -> None:
    village = registered_twice("1", "2")
    pair, base = only(village.open()), village.last
    village.edit(1, base=base, bank_account="11")
    village.edit(3, base=base, bank_account="33")
    village.send(2, (update(0, "household", OTHER, bank_account="222"),), base=base)
    shown = {
        "standing": {"head_name": "户主1", "bank_account": "11"},
        "offered": {"head_name": "户主2", "bank_account": "2"},
    }
    village.send(3, (word(pair, "standing", shown),), base=village.last - 1)
    assert village.account() == "11"
    assert village.offers() == ["222", "33"]
    assert {one.offered["bank_account"]: one.device for one in village.open()} == {"33": 3, "222": 2}


def test_of_three_that_are_one_each_account_is_offered() -> None:
    village = registered_twice("1", "2", "3")
    assert (village.account(), village.offers()) == ("1", ["2", "3"])


def test_a_question_of_a_joined_household_is_put_anew_with_what_stands_in_the_other_one() -> None:
    village = registered_twice("1", "2")
    pair, base = only(village.open()), village.last
    for device, account in ((1, "22"), (2, "23")):
        village.send(device, (update(0, "household", OTHER, bank_account=account),), base=base - 1)
    about = next(one for one in village.open() if one.kind == "sensitive")
    stood = str(about.standing["bank_account"])
    shown = {
        "standing": {"head_name": "户主1", "bank_account": "1"},
        "offered": {"head_name": "户主2", "bank_account": stood},
    }
    base = village.last
    village.send(1, (word(pair, "standing", shown),), base=base)
    wanted = str(about.offered["bank_account"])
    seen: dict[str, object] = {"bank_account": wanted, "standing": {"bank_account": stood}}
    village.send(3, (word(about, "offered", seen),), base=base)
    assert village.account() == "1"
    assert (about.decision_id, about.standing) == (None, {"bank_account": "1"})
    seen["standing"] = {"bank_account": "1"}
    village.send(3, (word(about, "offered", seen),), base=village.last)
    assert village.account() == wanted


def test_who_had_on_his_left_what_stands_is_heard_however_long_his_decision_took() -> None:
    for left, stands, offers in (("1", "2", []), ("0", "1", ["2"])):
        village, question = disputed()
        seen = {"bank_account": "2", "standing": {"bank_account": left}}
        village.send(3, (word(question, "offered", seen),), base=0)
        assert (village.account(), village.offers()) == (stands, offers)


def test_later_decisions_that_want_different_things_are_each_asked_about() -> None:
    village = registered_twice("1", "2")
    pair, base = only(village.open()), village.last
    shown = {"standing": pair.standing, "offered": pair.offered}
    for device, choice in ((1, "neither"), (2, "standing"), (2, "offered")):
        village.send(device, (word(pair, choice, shown),), base=base)
    assert [one.offered["choice"] for one in village.open()] == ["standing", "offered"]
    village.send(3, (word(village.open()[0], "standing", {}),), base=village.last)
    assert only(village.open()).offered["choice"] == "offered"
