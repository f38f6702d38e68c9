"""What becomes of one field, as a table; and what must hold whatever the order of arrival."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.examples import arrive, insert, row, transaction, update
from village_core.exchange.merge import FieldOutcome, Row, Stamp, judge_field
from village_core.exchange.operations import Kind
from village_core.exchange.plan import Known
from village_core.records import synced_tables
from village_core.records.base import Merge, rule_of

HERE, THERE = 1, 2


def standing(value: str | None, *, edited_at: int | None = 5, device: int = THERE, clock: int = 500) -> Row:
    """A row inserted at 1 by device 2 whose field was perhaps edited since."""
    made = Row({"phone": value}, Stamp(1, 100, THERE, 1))
    if edited_at is not None:
        made.edited["phone"] = Stamp(edited_at, clock, device, 1)
    return made


CASES = [
    # what stands                                     base clock sensitive  outcome
    (standing("a"), "a", 0, 1, True, FieldOutcome.SAME),
    (standing("a"), "b", 5, 1, True, FieldOutcome.TAKEN),
    (standing("a"), "b", 4, 900, False, FieldOutcome.TAKEN),
    (standing("a"), "b", 4, 100, False, FieldOutcome.LOST),
    (standing("a"), "b", 4, 900, True, FieldOutcome.HELD),
    (standing("a", device=HERE), "b", 0, 1, True, FieldOutcome.TAKEN),
    (standing("a", edited_at=None), "b", 0, 900, True, FieldOutcome.HELD),
    (standing(None, edited_at=None), "b", 0, 1, True, FieldOutcome.TAKEN),
    (standing(None), "b", 0, 900, True, FieldOutcome.HELD),
    (standing("a"), None, 4, 900, True, FieldOutcome.HELD),
]


@pytest.mark.parametrize(("row_now", "offered", "base", "clock", "sensitive", "outcome"), CASES)
def test_a_field_is_judged_by_what_its_writer_knew(
    row_now: Row, offered: str | None, base: int, clock: int, sensitive: bool, outcome: FieldOutcome
) -> None:
    arriving = Stamp(9, clock, HERE, 1)
    judged = judge_field(row_now, "phone", offered=offered, arriving=arriving, base=base, sensitive=sensitive)
    assert judged is outcome


def test_a_restored_laptop_is_another_hand_than_it_was() -> None:
    row_now = standing("a", device=HERE)
    arriving = Stamp(9, 900, HERE, 2)
    assert judge_field(row_now, "phone", offered="b", arriving=arriving, base=0, sensitive=True) is FieldOutcome.HELD


def test_a_row_that_comes_twice_fills_gaps_and_empties_nothing() -> None:
    row_now = standing("a", edited_at=None)
    arriving = Stamp(9, 900, HERE, 1)
    judged = judge_field(row_now, "phone", offered=None, arriving=arriving, base=0, sensitive=True, gap_filling=True)
    assert judged is FieldOutcome.SAME


edits = st.lists(
    st.tuples(st.sampled_from([1, 2, 3]), st.sampled_from(["phone", "note", "group_name"]), st.text("ab", max_size=2)),
    max_size=12,
)


@settings(deadline=None)
@given(edits)
def test_plain_fields_end_the_same_in_whatever_order_the_laptops_arrive(edits: list[tuple[int, str, str]]) -> None:
    """Each laptop worked apart from the same base; the clock of each edit is its place in the list."""
    ends = []
    for order in ([1, 2, 3], [3, 1, 2]):
        known = Known()
        arrive(known, transaction(insert(1, "household", row(1), number="0001")), device=9)
        first_number = 100
        for device in order:
            sent = [
                transaction(update(place + 1, "household", row(1), **{name: value}), base=1, clock=(place + 2) << 16)
                for place, (by, name, value) in enumerate(edits)
                if by == device
            ]
            arrive(known, *sent, device=device, first_number=first_number)
            first_number += 1000
        ends.append({name: known.rows["household", row(1)].values[name] for name in ("phone", "note", "group_name")})
    assert ends[0] == ends[1]


@settings(deadline=None)
@given(edits, st.permutations([1, 2, 3]))
def test_who_applies_the_effects_in_order_gets_what_stands(edits: list[tuple[int, str, str]], order: list[int]) -> None:
    known = Known()
    plans = [arrive(known, transaction(insert(1, "household", row(1), number="0001")), device=9)]
    for device in order:
        sent = [
            transaction(update(place + 1, "household", row(1), **{name: value}), base=1, clock=(place + 2) << 16)
            for place, (by, name, value) in enumerate(edits)
            if by == device
        ]
        plans.append(arrive(known, *sent, device=device, first_number=plans[-1].last_number + 1))

    copy: dict[str, object] = {}
    for plan in plans:
        effects = [one.effect for one in plan.decisions if one.effect] + [one for _, one in plan.county]
        for effect in sorted(effects, key=lambda one: one.number):
            if effect.table == "household":
                assert effect.kind in (Kind.INSERT, Kind.UPDATE)
                copy |= effect.values

    assert copy == known.rows["household", row(1)].values


def test_every_synced_table_says_how_it_is_merged() -> None:
    for table in synced_tables:
        rule = rule_of(table)
        names = {column.name for column in table.columns}
        assert rule.sensitive <= names, table.name
        assert set(rule.natural_key) <= names, table.name
        assert rule.merge in Merge
        assert [column.name for column in table.primary_key.columns] == ["village", "id"]
