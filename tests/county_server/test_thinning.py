"""What every exchange adds to for ever is thinned out, and what proves something stays."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from county_server.admin.thinning import RECEIPT_DAYS, thin_proofs
from county_server.engine import writing
from county_server.proof.journals import check_journals
from county_server.sync.receipts import find_receipt
from county_server.tables import device as device_table
from county_server.tables import given_receipt, journal_head
from desktop_app.sync.receipts import list_receipts
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from tests.workspaces import VILLAGE
from village_core.domain.clock import CHINA, FixedClock, stamp_of
from village_core.domain.errors import RefusedError

BEGIN = datetime(2024, 3, 1, 2, 0, tzinfo=UTC)


def codes(county: County) -> set[str]:
    with county.engine.connect() as connection:
        return set(connection.scalars(select(given_receipt.c.code)))


def newest_code(laptop: Laptop) -> str:
    with laptop.workspace.reader() as reader:
        return list_receipts(reader)[0].code


def test_a_printed_code_is_found_for_two_years_and_the_newest_of_each_laptop_for_ever(
    county: County, make_laptop: LaptopMaker
) -> None:
    clock = county.clock = FixedClock(BEGIN)
    here, silent = make_laptop(county), make_laptop(county)
    given: list[str] = []
    for day in (0, 1, 300):
        clock.moment = BEGIN + timedelta(days=day)
        here.add_household(number=f"{day:04}", head_name="罗铉")
        here.sync()
        given.append(newest_code(here))
    silent.sync()
    last_of_silent = newest_code(silent)
    assert last_of_silent in codes(county)
    clock.moment = BEGIN + timedelta(days=RECEIPT_DAYS + 5)
    here.add_household(number="9999", head_name="起学英")
    here.sync()
    given.append(newest_code(here))

    (done,) = thin_proofs(county.engine, days=400, clock=clock)

    assert done.receipts > 0
    for code in (*given[2:], last_of_silent):
        assert find_receipt(county.engine, VILLAGE, code).village == VILLAGE
    for code in given[:2]:
        with pytest.raises(RefusedError, match="两年以前"):
            find_receipt(county.engine, VILLAGE, code)
    assert thin_proofs(county.engine, days=400, clock=clock) == []
    here.add_household(number="9998", head_name="起学英")
    assert here.sync().equal
    assert check_journals(county.engine, VILLAGE).sentences == ()


@pytest.mark.parametrize("seed", range(4))
def test_of_a_journals_heads_those_that_prove_something_stay(small_county: County, seed: int) -> None:
    chance = random.Random(seed)
    told: list[dict[str, object]] = []
    numbers: Counter[int] = Counter()
    for hour in sorted(chance.choices(range(24 * 60), k=200)):
        device = chance.choice((1, 2))
        numbers[device] += 1
        verdict = "first" if numbers[device] == 1 else chance.choice(["follows"] * 20 + ["restored", "rewritten"])
        told.append(
            {
                "village": VILLAGE,
                "device": device,
                "number": numbers[device],
                "incarnation": chance.choice((1, 1, 2)),
                "change": hour,
                "access": hour,
                "hash": chance.randbytes(10),
                "verdict": verdict,
                "received_at": stamp_of(BEGIN + timedelta(hours=hour)),
            }
        )
    with writing(small_county.engine) as connection:
        for number in (1, 2):
            row = {"number": number, "village": VILLAGE, "role": "文书", "person": UUID(int=number), "revoked": False}
            row |= {"person_name": "", "public_key": b"", "alone_until": 0, "enrolled_at": stamp_of(BEGIN)}
            connection.execute(insert(device_table).values(row))
        connection.execute(insert(journal_head), told)
    before = check_journals(small_county.engine, VILLAGE)
    until = BEGIN + timedelta(days=50)

    (done,) = thin_proofs(small_county.engine, days=1, clock=FixedClock(until + timedelta(days=1)))

    with small_county.engine.connect() as connection:
        kept = [dict(row) for row in connection.execute(select(journal_head)).mappings()]
    assert len(kept) == len(told) - done.heads
    assert check_journals(small_county.engine, VILLAGE) == before
    assert newest(kept) == newest(told)
    assert {day_of(row) for row in kept} == {day_of(row) for row in told}
    gone = [row for row in told if row not in kept]
    assert gone and all(row["verdict"] == "follows" for row in gone)
    assert all(str(row["received_at"]) < stamp_of(until) for row in gone)


def newest(rows: list[dict[str, object]]) -> dict[object, object]:
    ordered = sorted(rows, key=lambda row: (row["device"], row["number"]))  # type: ignore[arg-type,return-value]
    return {(row["device"], row["incarnation"]): row for row in ordered}


def day_of(row: dict[str, object]) -> tuple[object, object, date]:
    at = datetime.fromisoformat(str(row["received_at"]))
    return row["device"], row["incarnation"], at.astimezone(CHINA).date()
