"""The place of a late voucher: unique numbers, no gap, an open month, and the number on the paper kept."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from village_core.domain.ledger.periods import is_locked, period_after
from village_core.exchange.late_vouchers import NumberKey, may_be_placed, number_key, place_voucher
from village_core.exchange.values import Value

OTHER = UUID(int=1)


def voucher(number: int = 1, *, period: str = "2026-03", kind: str = "normal") -> dict[str, Value]:
    text = f"记-{number}" if number else "期初"
    return {"period": period, "number": number, "number_text": text, "kind": kind, "printed_number": None}


def test_a_voucher_that_fits_stays_as_it_is() -> None:
    assert place_voucher(voucher(5), taken={}, locked=()).changes == {}
    assert place_voucher(voucher(2), taken={("2026-03", "记", 1): OTHER}, locked=(), fenced=True).note is None


def test_a_taken_number_goes_behind_the_last_one_and_the_paper_keeps_its_own() -> None:
    taken = {("2026-03", "记", 1): OTHER, ("2026-03", "记", 7): OTHER, ("2026-04", "记", 9): OTHER}
    placed = place_voucher(voucher(1), taken=taken, locked=())
    assert placed.changes == {"number": 8, "number_text": "记-8", "printed_number": "记-1"}
    assert placed.counts_on == ""
    assert placed.note is not None
    assert placed.note.standing["id"] == OTHER.bytes


def test_a_fenced_laptop_leaves_no_gap() -> None:
    placed = place_voucher(voucher(9), taken={("2026-03", "记", 1): OTHER}, locked=(), fenced=True)
    assert placed.changes == {"number": 2, "number_text": "记-2", "printed_number": "记-9"}


def test_a_locked_month_sends_it_to_the_next_open_one() -> None:
    placed = place_voucher(voucher(3, period="2025-11"), taken={}, locked={"2025-10", "2025-12"})
    assert placed.changes["period"] == "2026-01"
    assert placed.counts_on == "2026-01-01"
    assert placed.changes["printed_number"] == "记-3"


def test_an_opening_balance_is_never_moved() -> None:
    opening = voucher(0, kind="opening")
    assert place_voucher(opening, taken={}, locked={"2026-03"}).changes == {}
    assert not may_be_placed(opening, {"2026-03"})
    assert may_be_placed(opening, ())
    assert may_be_placed(voucher(1), {"2026-03"})


def test_the_month_after_december_is_january() -> None:
    assert [period_after(one) for one in ("2025-01", "2025-12")] == ["2025-02", "2026-01"]


months = st.sampled_from(["2026-01", "2026-02", "2026-03"])


@given(
    st.lists(st.tuples(months, st.integers(1, 4), st.booleans()), max_size=12),
    st.sets(months, max_size=2),
)
def test_any_row_of_late_vouchers_gets_numbers_of_its_own_in_open_months(
    arriving: list[tuple[str, int, bool]], locked: set[str]
) -> None:
    taken: dict[NumberKey, UUID] = {}
    for place, (period, number, fenced) in enumerate(arriving):
        values = voucher(number, period=period)
        placed = {**values, **place_voucher(values, taken=taken, locked=locked, fenced=fenced).changes}
        key = number_key(placed)
        assert key is not None
        assert key not in taken
        assert not is_locked(key[0], locked)
        assert placed["printed_number"] in (None, f"记-{number}")
        taken[key] = UUID(int=place)
