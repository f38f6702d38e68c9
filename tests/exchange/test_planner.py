"""Batches that a laptop of ours would not send, and those that depend on each other."""

from __future__ import annotations

from county_server.sync.known import _EDITABLE_WITH_PARENTS
from tests.exchange.examples import arrive, insert, row, transaction, update
from village_core.exchange.merge import Verdict
from village_core.exchange.operations import Kind, Operation, fingerprint
from village_core.exchange.plan import Known, Plan, is_fact, references_of
from village_core.records import synced_tables


def verdicts(plan: Plan) -> list[Verdict]:
    return [one.verdict for one in plan.decisions]


def reasons(plan: Plan) -> list[object]:
    return [one.values["reason_kind"] for _, one in plan.county if one.table == "held_change"]


def household(seq: int, row_id: int, /, **values: str) -> Operation:
    return insert(seq, "household", row(row_id), **values)


def test_one_operation_that_cannot_be_applied_is_held_alone() -> None:
    known = Known()
    operations = [household(number, number, note="好") for number in range(1, 500)]
    bad = insert(500, "person", row(9999), household_id=row(8888).bytes, name="无户")

    plan = arrive(known, transaction(*operations), transaction(bad))

    assert verdicts(plan).count(Verdict.APPLIED) == 499
    assert reasons(plan) == ["missing"]


def test_what_depends_on_a_held_row_is_held_without_a_further_question() -> None:
    known = Known()
    plan = arrive(
        known,
        transaction(insert(1, "relief_case", row(1), household_id=row(7).bytes, number="1", opened_on="2026-01-01",
                           made_at="", made_by=row(9).bytes)),
        transaction(insert(2, "relief_step", row(2), case_id=row(1).bytes, kind="application", done_on="2026-01-01",
                           payload="{}", pack_version="1", made_at="", made_by=row(9).bytes, made_by_name="")),
    )  # fmt: skip

    assert verdicts(plan) == [Verdict.HELD, Verdict.HELD]
    assert reasons(plan) == ["missing"]


def test_what_no_column_can_hold_is_kept_and_put_before_a_person() -> None:
    cases = [
        household(1, 1, number="a\x00b"),
        insert(1, "household", row(1), wage_fen=1 << 63),
        insert(1, "household", row(1), declared_size="五"),
        insert(1, "household", row(1), merged_into=b"short"),
        insert(1, "household", row(1), closed_on="2026-02-30"),
        insert(1, "household", row(1), no_such_column=1),
        insert(1, "person", row(1), household_id=None, name="x"),
        insert(1, "no_such_table", row(1), a=1),
        insert(1, "held_change", row(1), reason="x"),
        update(1, "voucher", row(1), number=7),
        Operation(1, Kind.DELETE, "household", row(1), {}),
        Operation(1, Kind.LOST, "household", row(1), {"note": "x"}),
        update(1, "household", row(1)),
    ]
    for operation in cases:
        plan = arrive(Known(), transaction(operation))
        assert verdicts(plan) == [Verdict.HELD], operation
        assert reasons(plan) == ["malformed"], operation
        for _, made in plan.county:
            assert not any(isinstance(value, str) and "\x00" in value for value in made.values.values())


def test_the_same_insert_twice_changes_nothing() -> None:
    known = Known()
    sent = transaction(household(1, 1, number="0001", note="好"))
    arrive(known, sent)

    plan = arrive(known, sent, device=2, first_number=2)

    assert verdicts(plan) == [Verdict.APPLIED]
    assert plan.decisions[0].effect is None
    assert plan.county == []


def test_what_took_effect_once_and_is_not_here_any_more_was_deleted() -> None:
    sent = transaction(household(1, 1, number="0001"), update(2, "household", row(2), note="好"), household(3, 3))
    applied, changed, waits = (fingerprint(sent, one) for one in sent.operations)
    known = Known(earlier={applied: Verdict.APPLIED, changed: Verdict.MERGED, waits: Verdict.HELD})

    plan = arrive(known, sent)

    assert verdicts(plan) == [Verdict.APPLIED, Verdict.MERGED, Verdict.HELD]
    assert [one.gone for one in plan.decisions] == [True, True, False]
    assert [one.effect for one in plan.decisions] == [None, None, None]


def test_lines_cannot_be_added_to_a_voucher_that_was_posted_before() -> None:
    known = Known(parents={("voucher", row(1))})
    line = insert(1, "posting", row(2), voucher_id=row(1).bytes, line=9, summary="补", account="101",
                  voucher_date="2026-01-01", opening=False, debit_fen=1, credit_fen=0)  # fmt: skip

    plan = arrive(known, transaction(line))

    assert reasons(plan) == ["closed_voucher"]


def test_numbers_of_the_county_stand_right_behind_the_transaction_that_caused_them() -> None:
    known = Known()
    arrive(known, transaction(household(1, 1, number="0001", head_name="罗铉")), device=1)

    plan = arrive(
        known,
        transaction(household(1, 2, number="0001", head_name="罗铉")),
        transaction(household(2, 3, number="0003")),
        device=2,
        first_number=10,
    )

    assert [one.number for one in plan.decisions] == [10, 12]
    assert [one.number for _, one in plan.county] == [11]
    assert [(one.first_seq, one.first_number) for one in plan.segments] == [(1, 10), (2, 12)]
    assert plan.last_number == 12


def test_the_loader_knows_every_table_whose_rows_follow_a_joined_one() -> None:
    following = {
        table.name
        for table in synced_tables
        if not is_fact(table.name)
        for _, target in references_of(table)
        if "merged_into" in next(other for other in synced_tables if other.name == target).columns
    }
    assert following == set(_EDITABLE_WITH_PARENTS)
