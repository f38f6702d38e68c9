"""Leases as such: the signature over all of it, which one counts, how long it holds, what a share allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from village_core.exchange.seats import (
    Lease,
    SeatKind,
    ever_held,
    find_seat,
    is_due_for_renewal,
    is_lapsed,
    is_signed_seat,
    lease_terms,
    read_lease,
    share_problem,
    sign_seat,
    standing_seats,
)
from village_core.exchange.values import Value

VILLAGE = "532327101201"
KEY = SigningKey(bytes(range(32)))
SEAT = UUID(int=7)
TODAY = date(2026, 11, 22)

VALUES: dict[str, Value] = {
    "kind": "grant",
    "device": 1,
    "holder": "李琼仙",
    "epoch": 1,
    "lent_at": "2026-11-22T02:00:00.000Z",
    "valid_until": "2027-05-21",
    "year": 2026,
    "net_income_fen": 20_401_300,
    "cap_fen": 6_120_390,
    "allowance_fen": 6_120_390,
    "groups": '["大平地"]',
    "counter": 3,
    "ended_at": None,
}

LEASE = read_lease(SEAT, VALUES)


def lease(device: int, epoch: int, *, kind: SeatKind = SeatKind.LEDGER, ended: bool = False) -> Lease:
    return replace(
        LEASE, id=UUID(int=device * 100 + epoch), kind=kind, device=device, epoch=epoch, ended_at="x" if ended else None
    )


def test_a_lease_counts_only_word_for_word_as_the_county_signed_it() -> None:
    signed = {**VALUES, "signature": sign_seat(KEY, village=VILLAGE, seat_id=SEAT, values=VALUES)}
    assert is_signed_seat(KEY.verify_key, village=VILLAGE, seat_id=SEAT, values=signed)
    for name in VALUES:
        changed = {**signed, name: 9 if isinstance(VALUES[name], int) else "2030-01-01"}
        assert not is_signed_seat(KEY.verify_key, village=VILLAGE, seat_id=SEAT, values=changed), name
    assert not is_signed_seat(KEY.verify_key, village="532327101202", seat_id=SEAT, values=signed)
    assert not is_signed_seat(KEY.verify_key, village=VILLAGE, seat_id=UUID(int=8), values=signed)
    assert not is_signed_seat(SigningKey.generate().verify_key, village=VILLAGE, seat_id=SEAT, values=signed)
    for forged in ("", "ff", "不是"):
        assert not is_signed_seat(KEY.verify_key, village=VILLAGE, seat_id=SEAT, values={**VALUES, "signature": forged})


def test_the_newest_epoch_counts_and_who_had_the_right_is_remembered() -> None:
    leases = [lease(1, 1, ended=True), lease(2, 2), lease(3, 1, kind=SeatKind.GRANT)]
    assert [one.device for one in standing_seats(leases, SeatKind.LEDGER)] == [2]
    assert find_seat(leases, SeatKind.LEDGER, device=1) is None
    assert ever_held(leases, SeatKind.LEDGER, device=1)
    assert not ever_held(leases, SeatKind.LEDGER, device=3)
    assert standing_seats([lease(1, 1), lease(2, 2, ended=True)], SeatKind.LEDGER) == (), "an older one never revives"


@given(st.lists(st.builds(lease, st.integers(1, 4), st.integers(1, 5), ended=st.booleans()), max_size=8))
def test_an_older_epoch_never_counts_beside_a_newer_one(leases: list[Lease]) -> None:
    standing = standing_seats(leases, SeatKind.LEDGER)
    assert {one.epoch for one in standing} <= {max((one.epoch for one in leases), default=0)}


def test_a_clock_that_jumped_ends_nothing_once_it_is_set_right_or_known() -> None:
    grace = timedelta(days=lease_terms().grace_days)
    assert not is_lapsed(LEASE, today=LEASE.valid_until + grace)
    assert is_lapsed(LEASE, today=LEASE.valid_until + grace + timedelta(days=1))
    assert is_lapsed(LEASE, today=date(2031, 1, 1))
    assert not is_lapsed(LEASE, today=TODAY), "nothing is remembered of a jump"
    assert not is_lapsed(LEASE, today=date(2031, 1, 1), skew_days=(date(2031, 1, 1) - TODAY).days)
    assert not is_lapsed(LEASE, today=date(2019, 1, 1), skew_days=-2000)
    assert is_lapsed(LEASE, today=date(9999, 12, 31))


@given(st.dates(), st.integers(0, 100_000), st.integers(0, 3000))
def test_an_error_of_the_clock_is_always_in_favour_of_the_clerk(today: date, more: int, skew: int) -> None:
    if not is_lapsed(LEASE, today=today, skew_days=skew):
        assert not is_lapsed(LEASE, today=today, skew_days=skew + more)


def test_a_lease_is_renewed_when_a_third_of_its_time_is_over() -> None:
    days = lease_terms().validity_days
    fresh = replace(LEASE, valid_until=TODAY + timedelta(days=days))
    assert not is_due_for_renewal(fresh, today=TODAY + timedelta(days=days // 3))
    assert is_due_for_renewal(fresh, today=TODAY + timedelta(days=days // 3 + 1))


def test_a_share_is_bound_to_groups_year_and_amount_and_the_whole_right_to_none() -> None:
    def problem(**changes: object) -> str:
        asked = {"group_name": "大平地", "granted_fen": 6_000_000, "amount_fen": 120_390, "year": 2026} | changes
        found = share_problem(LEASE, **asked)  # type: ignore[arg-type]
        return found[0] if found else ""

    assert problem() == ""
    assert "还剩 1,203.90 元" in problem(amount_fen=120_391)
    assert "不归它办" in problem(group_name="小河边")
    assert "没有填组的户" in problem(group_name="")
    assert "2026年的" in problem(year=2027)
    whole = replace(LEASE, groups=())
    assert share_problem(whole, group_name="", granted_fen=0, amount_fen=10**12, year=2030) is None
