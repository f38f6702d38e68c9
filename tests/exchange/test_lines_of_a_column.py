"""Near relatives are a set of lines: what was written apart from each other comes together, whoever arrives first."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.examples import arrive, insert, row, transaction, update
from village_core.domain.staff.names import EARLIER_NAME
from village_core.exchange.merge import FieldOutcome, Row, Stamp, Verdict, judge_field, unite_lines
from village_core.exchange.plan import Known, Plan
from village_core.exchange.values import LONGEST_TEXT, Value

STAFF = "staff_member"
WHO = row(1)


def village(relatives: str | None = None) -> Known:
    """李琼仙, as laptop 9 listed her under number 1."""
    known = Known()
    values: dict[str, Value] = {"name": "李琼仙", "roles": "", "may_combine_duties": False, "relatives": relatives}
    arrive(known, transaction(insert(1, STAFF, WHO, **values)), device=9)
    return known


def send(known: Known, *offers: str | None, device: int, base: int, number: int) -> Plan:
    sent = [
        transaction(update(seq, STAFF, WHO, relatives=offered), base=base)
        for seq, offered in enumerate(offers, start=1)
    ]
    return arrive(known, *sent, device=device, first_number=number)


def relatives(known: Known) -> Value:
    return known.rows[STAFF, WHO].values["relatives"]


def test_lines_that_were_written_apart_stand_together_and_their_maker_follows() -> None:
    known = village("罗小妹 女儿")
    send(known, "罗小妹 女儿\n罗铉 兄弟", device=1, base=1, number=10)
    (decision,) = send(known, "罗小妹 女儿\n李琼仙 原名", device=2, base=1, number=11).decisions

    both = "罗小妹 女儿\n罗铉 兄弟\n李琼仙 原名"
    assert relatives(known) == both
    assert (decision.verdict, decision.stands) == (Verdict.MERGED, {"relatives": both})
    assert decision.effect is not None
    assert decision.effect.values == {"relatives": both}


def test_what_the_same_laptop_wrote_before_it_saw_the_others_line_does_not_take_it_away() -> None:
    known = village()
    send(known, "罗铉 兄弟", device=1, base=1, number=10)
    plan = send(known, "罗小妹 女儿", "罗小妹 女儿\n李桂芳 妻子", device=2, base=1, number=11)
    send(known, "罗小妹 女儿\n李桂芳 妻子\n罗大 叔叔", device=2, base=1, number=13)
    assert relatives(known) == "罗铉 兄弟\n罗小妹 女儿\n李桂芳 妻子\n罗大 叔叔"
    assert [one.verdict for one in plan.decisions] == [Verdict.MERGED, Verdict.MERGED]


def test_who_saw_what_stands_takes_a_line_away_and_who_did_not_see_it_takes_nothing() -> None:
    known = village("罗小妹 女儿")
    send(known, "罗小妹 女儿\n罗铉 兄弟", device=1, base=1, number=10)
    (late,) = send(known, None, device=2, base=1, number=11).decisions
    assert relatives(known) == "罗小妹 女儿\n罗铉 兄弟"
    assert (late.verdict, late.stands) == (Verdict.MERGED, {"relatives": relatives(known)})
    send(known, "罗铉 兄弟", device=2, base=11, number=12)
    assert relatives(known) == "罗铉 兄弟"


def test_a_text_that_says_all_that_stands_is_taken_word_for_word() -> None:
    known = village("罗小妹 女儿")
    send(known, "罗小妹  女儿\n罗铉 兄弟", device=1, base=1, number=10)
    (decision,) = send(known, "罗铉 兄弟\n罗大 叔叔\n罗小妹 女儿", device=2, base=1, number=11).decisions
    assert relatives(known) == "罗铉 兄弟\n罗大 叔叔\n罗小妹 女儿"
    assert (decision.verdict, decision.stands) == (Verdict.APPLIED, {})


def test_no_text_grows_beyond_what_a_column_holds() -> None:
    known = village("罗小妹 女儿")
    send(known, "甲" * (LONGEST_TEXT - 10), device=1, base=1, number=10)
    standing = relatives(known)
    (decision,) = send(known, "乙" * LONGEST_TEXT, device=2, base=1, number=11).decisions
    assert (relatives(known), decision.verdict) == (standing, Verdict.MERGED)


def test_only_what_is_said_to_be_lines_is_united() -> None:
    standing, arriving = Row({"note": "甲"}, Stamp(5, 500, 2, 1)), Stamp(9, 900, 1, 1)
    plain = judge_field(standing, "note", offered="乙", arriving=arriving, base=4, sensitive=False)
    lines = judge_field(standing, "note", offered="乙", arriving=arriving, base=4, sensitive=False, lines=True)
    assert (plain, lines) == (FieldOutcome.TAKEN, FieldOutcome.UNITED)
    assert unite_lines(None, "") is None


def test_a_renamed_person_who_declares_a_brother_keeps_both_lines_in_one_transaction_and_in_two() -> None:
    for split in (False, True):
        known = village("罗小妹 女儿")
        named = update(1, STAFF, WHO, name="李琼先")
        declared = update(2, STAFF, WHO, relatives="罗小妹 女儿\n罗铉 兄弟")
        sent = [transaction(named), transaction(declared)] if split else [transaction(named, declared)]
        plan = arrive(known, *sent, device=9, first_number=10)
        written = [one.effect for one in plan.decisions if one.effect] + [one for _, one in plan.county]
        last = max((one for one in written if "relatives" in one.values), key=lambda one: one.number)
        for text in (relatives(known), last.values["relatives"]):
            assert set(str(text).splitlines()) == {"罗小妹 女儿", "罗铉 兄弟", f"李琼仙 {EARLIER_NAME}"}


@pytest.mark.parametrize("standing", ["罗铉\n罗小妹  女儿", "甲" * LONGEST_TEXT, "甲\n" * (LONGEST_TEXT // 2)])
def test_a_name_from_before_is_written_beneath_what_stands_and_never_too_long(standing: str) -> None:
    known = village(standing)
    arrive(known, transaction(update(1, STAFF, WHO, name="李琼先"), base=9), device=1, first_number=10)
    *lines, last = str(relatives(known)).splitlines()
    assert last == f"李琼仙 {EARLIER_NAME}"
    assert standing.startswith("\n".join(lines))
    assert len(str(relatives(known))) <= LONGEST_TEXT


def test_a_name_that_fills_its_column_is_not_written_a_second_time() -> None:
    known = village("罗铉 兄弟")
    for number, name in enumerate(["甲" * LONGEST_TEXT, "李琼先"]):
        arrive(known, transaction(update(1, STAFF, WHO, name=name), base=99), device=1, first_number=10 + 2 * number)
    assert relatives(known) == f"罗铉 兄弟\n李琼仙 {EARLIER_NAME}"


_LINES = st.sampled_from("甲乙丙丁戊己")
_CHAINS = st.fixed_dictionaries({device: st.lists(_LINES, max_size=4) for device in (1, 2, 3)})


def test_what_was_typed_over_an_own_text_that_was_on_its_way_takes_nothing_from_another() -> None:
    known = village("始")
    send(known, "始\n甲", device=1, base=1, number=10)
    send(known, "始\n乙", device=2, base=1, number=11)
    send(known, "始", device=2, base=1, number=12)
    send(known, "始\n丙", device=2, base=11, number=13)
    assert set(str(relatives(known)).splitlines()) == {"始", "甲", "乙", "丙"}


@settings(deadline=None)
@given(chains=_CHAINS, order=st.permutations([1, 2, 3] * 4))
def test_whatever_the_order_of_arrival_nobodys_line_is_lost(chains: dict[int, list[str]], order: list[int]) -> None:
    """Each laptop adds a line at a time to what it shows itself, and hears nothing of the others."""
    known, number, shown = village("始"), 10, {device: ["始"] for device in chains}
    waiting = {device: list(lines) for device, lines in chains.items()}
    table: Value = "始"
    for device in order:
        if not waiting[device]:
            continue
        shown[device].append(waiting[device].pop(0))
        (decision,) = send(known, "\n".join(shown[device]), device=device, base=1, number=number).decisions
        number += 1
        if decision.effect is not None:
            table = decision.effect.values["relatives"]
        assert decision.stands.get("relatives", decision.operation.values["relatives"]) == relatives(known) == table
    assert set(str(table).splitlines()) == {"始"}.union(*chains.values())


@dataclass
class Screen:
    """A laptop: what it shows, what it wrote and did not send yet, and up to where it heard of the others."""

    shown: set[str]
    cursor: int = 1
    unsent: list[tuple[set[str], set[str], int]] = field(default_factory=list)
    """Of each change what was shown before, what then, and the base."""

    def write(self, lines: set[str]) -> None:
        self.unsent.append((self.shown, lines, self.cursor))
        self.shown = lines

    def hear(self, number: int, standing: Value) -> None:
        """An answer: its own value stays while a change is on its way."""
        self.cursor = number
        if not self.unsent:
            self.shown = _set(standing)


def _set(text: Value) -> set[str]:
    return set(str(text or "").splitlines())


_DEEDS = st.sampled_from(["adds", "takes", "sends", "hears"])
_STEPS = st.lists(st.tuples(st.sampled_from([1, 2]), _DEEDS, st.sampled_from("甲乙丙")), min_size=25, max_size=40)


@settings(deadline=None, max_examples=200)
@given(steps=_STEPS)
def test_a_line_goes_only_where_somebody_who_had_it_before_him_takes_it_away(steps: list[tuple[int, str, str]]) -> None:
    known, number, laptops = village("始"), 1, {device: Screen({"始"}) for device in (1, 2)}
    for device, deed, line in steps:
        laptop = laptops[device]
        if deed in ("adds", "takes"):
            laptop.write(laptop.shown | {line} if deed == "adds" else laptop.shown - {line})
        elif deed == "sends" and laptop.unsent:
            before, after, base = laptop.unsent.pop(0)
            stood, number = _set(relatives(known)), number + 1
            send(known, "\n".join(sorted(after)) or None, device=device, base=base, number=number)
            stands = _set(relatives(known))
            assert stood - stands <= before - after
            assert after - before <= stands, "and what somebody adds is there"
            laptop.hear(number, relatives(known))
        elif deed == "hears":
            laptop.hear(number, relatives(known))
