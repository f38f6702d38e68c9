"""A restored county: what belongs to a row that another laptop still has to bring waits, and never waits in vain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from county_server.sync.epochs import OFFER_DAYS, PATIENCE_DAYS, note_restored
from county_server.tables import newer_operation
from desktop_app.sync.decisions import decide_question
from tests.counties import County, new_sqlite, opened_county
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.relief.village import add_household, furnish, start_case
from tests.restoring import CountyBackup
from tests.workspaces import NOW
from village_core.domain.clock import FixedClock
from village_core.domain.ids import new_id
from village_core.records.held import HeldChange
from village_core.records.households import Person
from village_core.records.relief import ReliefStep


@pytest.fixture
def patient_county(tmp_path: Path, sqlite_template: Path) -> Iterator[County]:
    """A county whose clock the test moves on."""
    with opened_county(new_sqlite(sqlite_template, tmp_path), FixedClock(NOW)) as made:
        yield made


def pass_by(county: County, **time: float) -> None:
    assert isinstance(county.clock, FixedClock)
    county.clock.moment += timedelta(**time)


def restore(county: County, backup: CountyBackup) -> None:
    pass_by(county, minutes=1)
    backup.restore()
    note_restored(county.engine, clock=county.clock)
    pass_by(county, minutes=1)


def waiting(county: County) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(newer_operation)) or 0


@dataclass
class Waiting:
    """Two laptops that brought a person and edits of it, whose household nobody has brought back."""

    maker: Laptop
    editor: Laptop
    person: UUID


@pytest.fixture
def waiting_edits(patient_county: County, make_laptop: LaptopMaker) -> Waiting:
    """The edits came first and wait under smaller numbers than the person."""
    maker, editor, gone = (make_laptop(patient_county) for _ in range(3))
    sync_until_quiet(maker, editor, gone)
    backup = CountyBackup(patient_county)
    household = gone.add_household(number="0009", head_name="不再回来")
    sync_until_quiet(gone, maker, editor)
    person = maker.add_person(household, "等户的人")
    sync_until_quiet(maker, editor)
    editor.edit(Person, person, phone="139")
    editor.edit(Person, person, note="等着")
    sync_until_quiet(editor, maker)
    restore(patient_county, backup)
    editor.sync()
    maker.sync()
    assert waiting(patient_county) == 3
    return Waiting(maker, editor, person)


def demand_person(laptop: Laptop, person: UUID) -> None:
    row = laptop.get(Person, person)
    assert (row.phone, row.note) == ("139", "等着")


def test_when_the_patience_is_over_others_offer_the_lost_row_and_nobody_is_asked(
    patient_county: County, waiting_edits: Waiting
) -> None:
    pass_by(patient_county, days=PATIENCE_DAYS + 1)
    editor, maker = waiting_edits.editor, waiting_edits.maker
    editor.add_household(number="0001", head_name="别的事")
    sync_until_quiet(editor, maker)

    assert waiting(patient_county) == 0
    for laptop in (editor, maker):
        demand_person(laptop, waiting_edits.person)
        assert laptop.all(HeldChange) == []


def test_what_nobody_offered_in_time_is_put_before_a_person_once_with_all_that_belongs_to_it(
    patient_county: County, waiting_edits: Waiting, make_laptop: LaptopMaker
) -> None:
    """Each edit found that what it rests on was still waiting itself, and waited again, for an upgrade and for ever;
    the second one under the number of the first, so that the laptop's batch was refused."""
    pass_by(patient_county, days=PATIENCE_DAYS + OFFER_DAYS + 1)
    editor, maker = waiting_edits.editor, waiting_edits.maker
    editor.add_household(number="0001", head_name="别的事")
    sync_until_quiet(editor, maker)
    assert waiting(patient_county) == 0
    question = only(editor.all(HeldChange))
    editor.do(lambda uow: decide_question(uow, question.id, "offered", reason="户已经补来了"))
    sync_until_quiet(editor, maker)

    late = make_laptop(patient_county)
    sync_until_quiet(late)
    for laptop in (editor, maker, late):
        demand_person(laptop, waiting_edits.person)


def test_an_edit_of_a_row_that_is_here_does_not_wait_because_the_same_row_of_another_laptop_waits(
    patient_county: County, make_laptop: LaptopMaker
) -> None:
    """It used to wait as if for an upgrade of the county, that is for years."""
    first, second, gone = (make_laptop(patient_county) for _ in range(3))
    known = first.add_household(number="0001", head_name="都有")
    sync_until_quiet(first, second, gone)
    backup = CountyBackup(patient_county)
    lost = gone.add_household(number="0009", head_name="不再回来")
    sync_until_quiet(gone, first, second)
    restore(patient_county, backup)
    person = new_id()
    for laptop, household in ((first, lost), (second, known)):
        laptop.add_person(household, "同一个人", id=person)
        laptop.sync()
    assert waiting(patient_county) == 1
    second.edit(Person, person, phone="139")
    second.sync()

    assert waiting(patient_county) == 1
    first.sync()
    assert first.get(Person, person).phone == "139"


def test_what_waited_is_let_in_together_with_what_it_brings_along(
    patient_county: County, make_laptop: LaptopMaker
) -> None:
    """The case came in without its first step, as a voucher without its lines: each row that waited counted as one
    that is put aside until the whole transaction was decided."""
    first, second = make_laptop(patient_county), make_laptop(patient_county)
    furnish(first.workspace)
    sync_until_quiet(first, second)
    backup = CountyBackup(patient_county)
    lost = add_household(second.workspace)
    sync_until_quiet(second, first)
    restore(patient_county, backup)
    case = start_case(first.workspace, lost)
    first.sync()
    assert waiting(patient_county) == 2

    sync_until_quiet(second, first)

    for laptop in (first, second):
        assert [step.case_id for step in laptop.all(ReliefStep)] == [case]
        assert laptop.all(HeldChange) == []
    assert waiting(patient_county) == 0
