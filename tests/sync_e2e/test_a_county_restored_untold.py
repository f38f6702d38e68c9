"""A restored county that nobody called restored gives lost numbers to other operations. Whoever followed the history
that is no more is sent back to the last number that means the same to both, however late he comes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest

from county_server.problems import RequestRefusedError
from county_server.sync.epochs import note_restored
from county_server.sync.service import exchange
from desktop_app.households.history import list_household_history
from desktop_app.sync import state
from desktop_app.sync.state import CountyLink, find_link
from tests.counties import County
from tests.laptops import DirectLine, Laptop, LaptopMaker, only, sync_until_quiet
from tests.restoring import CountyBackup
from tests.sticks import round_trip
from village_core.exchange.messages import SyncRequest, sign_request
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person


class _Village(NamedTuple):
    county: County
    worker: Laptop
    reader: Laptop
    """Has sent nothing since the backup, and knows what was lost."""
    there: UUID


def _link(laptop: Laptop) -> CountyLink:
    link = find_link(laptop.workspace)
    assert link is not None
    return link


def _restored_and_gone_on(county: County, make_laptop: LaptopMaker, *, more: int) -> _Village:
    """Numbers were lost, and at least as many given again to what the reader never saw."""
    first, reader = make_laptop(county), make_laptop(county)
    first.add_household(number="0001")
    sync_until_quiet(first, reader)
    backup = CountyBackup(county)
    lost = make_laptop.clone(first, "lost")
    lost.add_household(number="0002")
    lost.sync()
    reader.sync()
    backup.restore()
    there = first.add_household(number="0003")
    for number in range(more):
        first.add_household(number=f"1{number}")
    first.sync()
    return _Village(county, first, reader, there)


def _numbers(laptop: Laptop) -> set[str]:
    return {row.number for row in laptop.all(Household)}


@pytest.mark.parametrize("said", ["never", "late"])
def test_a_laptop_that_only_reads_finds_it_out(county: County, make_laptop: LaptopMaker, said: str) -> None:
    village = _restored_and_gone_on(county, make_laptop, more=3)
    if said == "late":
        note_restored(county.engine, clock=county.clock)
    person = village.worker.add_person(village.there, "罗铉")
    village.worker.sync()

    village.reader.sync()

    assert {"0001", "0002", "0003", "10", "11", "12"} <= _numbers(village.reader)
    assert village.reader.get(Person, person).household_id == village.there


def test_it_is_found_out_though_another_machine_of_the_same_disk_came_first(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    """The other machine went on with the same history, so that all that this one had sent seemed to be known."""
    laptop, other = make_laptop(small_county), make_laptop(small_county)
    laptop.add_household(number="0001")
    sync_until_quiet(laptop, other)
    backup = CountyBackup(small_county)
    other.add_household(number="0002")
    other.sync()
    laptop.sync()
    copy = make_laptop.clone(laptop, "copy")
    laptop.add_household(number="0003")
    laptop.sync()
    backup.restore()
    there = other.add_household(number="0004")
    other.sync()
    copy.add_household(number="0005")
    copy.sync()
    other.add_person(there, "罗铉")
    other.sync()

    sync_until_quiet(laptop, copy, other)

    for one in (laptop, copy, other):
        assert _numbers(one) == {"0001", "0002", "0003", "0004", "0005"}
        assert only(one.all(Person)).household_id == there


def test_nobody_knew_of_an_account_that_has_a_lost_number_now(small_county: County, make_laptop: LaptopMaker) -> None:
    """What he wrote was based on a number that meant something else: it may not overwrite what he never saw."""
    first, second, third = (make_laptop(small_county) for _ in range(3))
    household = first.add_household(number="0001", bank_account="6217000000000000")
    sync_until_quiet(first, second, third)
    backup = CountyBackup(small_county)
    for number in ("0002", "0003", "0004"):
        first.add_household(number=number)
    sync_until_quiet(first, second)
    second.edit(Household, household, bank_account="6217000000000002")
    backup.restore()
    third.edit(Household, household, bank_account="6217000000000003")
    third.sync()

    sync_until_quiet(second, first, third)

    question = only(second.all(HeldChange))
    assert (question.field, question.decision_id) == ("bank_account", None)
    for one in (first, second, third):
        assert one.get(Household, household).bank_account == "6217000000000003"
        assert _numbers(one) == {"0001", "0002", "0003", "0004"}


def test_it_is_found_out_and_healed_by_stick(small_county: County, make_laptop: LaptopMaker, tmp_path: Path) -> None:
    village = _restored_and_gone_on(small_county, make_laptop, more=3)
    own = village.reader.add_household(number="0009")

    for turn in range(4):
        round_trip(village.reader, tmp_path / f"stick{turn}")

    assert {"0001", "0002", "0003", "0009", "10", "11", "12"} <= _numbers(village.reader)
    sync_until_quiet(village.reader, village.worker)
    assert _numbers(village.worker) == _numbers(village.reader)
    assert village.worker.get(Household, own).number == "0009"


def test_only_what_came_behind_the_last_common_number_is_fetched_again(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    for number in range(30):
        first.add_household(number=f"2{number:02}")
        sync_until_quiet(first, second)
    backup = CountyBackup(small_county)
    first.add_household(number="0002")
    sync_until_quiet(first, second)
    backup.restore()

    report = second.sync()

    assert report.received <= 2
    sync_until_quiet(first, second)
    assert "0002" in _numbers(second)


def test_a_laptop_that_is_sent_far_back_gets_a_snapshot(small_county: County, make_laptop: LaptopMaker) -> None:
    village = _restored_and_gone_on(small_county, make_laptop, more=8)
    village.reader.line = DirectLine(small_county, far=4)

    village.reader.sync()

    assert {"0001", "0003", "10", "17"} <= _numbers(village.reader)
    with village.reader.workspace.reader() as reader:
        reasons = {line.reason for line in list_household_history(reader, village.there)}  # type: ignore[arg-type]
    assert "首次下载" not in reasons
    sync_until_quiet(village.worker, village.reader)
    assert _numbers(village.worker) == _numbers(village.reader)


def test_a_program_without_milestones_fetches_everything_again(small_county: County, make_laptop: LaptopMaker) -> None:
    village = _restored_and_gone_on(small_county, make_laptop, more=0)
    village.reader.add_household(number="0009")
    village.reader.workspace.set_state(state.MILESTONES, "")

    sync_until_quiet(village.reader, village.worker)

    assert _numbers(village.worker) == _numbers(village.reader) >= {"0001", "0002", "0003", "0009"}


@pytest.mark.parametrize("field", [{"mark": b"short"}, {"milestones": bytes(17)}, {"milestones": bytes(16 * 129)}])
def test_what_is_no_milestone_is_refused(
    small_county: County, make_laptop: LaptopMaker, field: dict[str, bytes]
) -> None:
    laptop = make_laptop(small_county)
    laptop.sync()
    link = _link(laptop)
    request = SyncRequest(
        1, link.device, link.incarnation, 1, link.acked_seq, link.head[:8], link.cursor, 0, epoch=link.epoch, **field
    )
    with pytest.raises(RequestRefusedError) as refusal:
        exchange(small_county.engine, sign_request(link.key, request), clock=small_county.clock)
    assert refusal.value.status == 400
