"""22: a USB stick lost before the way back; the same operations went by 2G meanwhile."""

from __future__ import annotations

from pathlib import Path

import pyrage
import pytest
from pyrage import x25519
from sqlalchemy import func, select

from county_server.auth.identity import set_recovery
from county_server.engine import writing
from county_server.sync.bundles import State
from county_server.tables import batch, oplog
from desktop_app.sync.bundle import age_identity
from desktop_app.sync.words import LineError
from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.sticks import answer, bring_back, carry, round_trip, write
from village_core.domain.errors import RefusedError
from village_core.exchange.bundle import Kind, open_part
from village_core.exchange.bundle_frames import BundleError, Fault
from village_core.records.households import Household


def test_a_lost_stick_costs_nothing(small_county: County, make_laptop: LaptopMaker, tmp_path: Path) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="李家")
    [lost] = write(laptop, tmp_path / "stick")
    kept = lost.read_bytes()
    lost.unlink()
    assert laptop.sync().sent > 0
    sync_until_quiet(laptop)
    before = counts(small_county)
    lost.write_bytes(kept)
    [found] = carry(small_county, lost)
    assert (found.state, found.applied) == (State.DONE, 0)
    assert counts(small_county) == before
    late = bring_back(laptop, answer(small_county, laptop, tmp_path / "stick"))
    assert (late.sent, late.received) == (0, 0)
    sync_until_quiet(laptop)


def test_line_and_stick_carry_the_very_same_bytes(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    sync_until_quiet(laptop)
    household = laptop.add_household(head_name="李家")
    laptop.line.lose_answers = 1
    with pytest.raises(LineError):
        laptop.sync()
    before = counts(small_county)
    laptop.edit(Household, household, note="又改")
    [file] = write(laptop, tmp_path / "stick")
    [report] = carry(small_county, file)
    assert (report.operations, report.applied) == (2, 1)
    assert counts(small_county) == (before[0] + 1, before[1] + 1)
    settled = bring_back(laptop, answer(small_county, laptop, tmp_path / "stick"))
    assert (settled.sent, settled.equal) == (2, True)
    assert laptop.sync().sent == 0


def test_what_was_written_first_goes_by_line_in_the_same_pieces(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    sync_until_quiet(laptop)
    laptop.add_household(head_name="李家")
    write(laptop, tmp_path / "one")
    laptop.add_household(head_name="王家")
    [second] = write(laptop, tmp_path / "two")
    laptop.add_household(head_name="起家")
    sync_until_quiet(laptop)
    before = counts(small_county)
    assert carry(small_county, second)[0].applied == 0
    assert counts(small_county) == before


def test_half_by_line_and_half_by_stick_is_whole(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    one, other = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(one, other)
    household = one.add_household(head_name="李家", note="初")
    other.add_household(head_name="王家")
    carry(small_county, *write(one, tmp_path / "stick"))
    other.sync()
    other.edit(Household, household, note="王改")
    other.sync()
    back = answer(small_county, one, tmp_path / "stick")
    one.edit(Household, household, phone="13800000000")
    one.sync()
    assert bring_back(one, back).applied == 0
    sync_until_quiet(one, other)
    standing = one.get(Household, household)
    assert (standing.note, standing.phone) == ("王改", "13800000000")


def test_who_finds_the_stick_cannot_read_it(small_county: County, make_laptop: LaptopMaker, tmp_path: Path) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="李家有女")
    [file] = write(laptop, tmp_path / "stick")
    content = file.read_bytes()
    assert "李家有女".encode() not in content
    for stranger in (x25519.Identity.generate(), age_identity(laptop.workspace)):
        with file.open("rb") as source, pytest.raises(BundleError) as refused:
            open_part(source, Kind.TO_COUNTY, stranger)
        assert refused.value.fault is Fault.NOT_FOR_US
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(content[15:-40], [stranger])


def test_the_countys_second_key_opens_what_comes_later(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    kept_elsewhere = x25519.Identity.generate()
    with writing(small_county.engine) as connection, pytest.raises(RefusedError):
        set_recovery(connection, "no key")
    with writing(small_county.engine) as connection:
        set_recovery(connection, str(kept_elsewhere.to_public()))
    round_trip(laptop, tmp_path / "one")
    [file] = write(laptop, tmp_path / "two")
    with file.open("rb") as source:
        assert open_part(source, Kind.TO_COUNTY, kept_elsewhere).header.device == 1
    assert carry(small_county, file)[0].state is State.DONE


def counts(county: County) -> tuple[int, int]:
    """Operations and batches that the county knows."""
    with county.engine.connect() as connection:
        operations, batches = (connection.scalar(select(func.count()).select_from(table)) for table in (oplog, batch))
    return operations or 0, batches or 0
