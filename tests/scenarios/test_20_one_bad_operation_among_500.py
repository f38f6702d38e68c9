"""Scenario 20: one operation that the county cannot apply stands in a queue of 500."""

from __future__ import annotations

from sqlalchemy import func, select, text

from county_server.tables import oplog
from tests.counties import County
from tests.laptops import LaptopMaker, only, sync_until_quiet
from village_core.domain.ids import new_id
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person


def test_it_alone_is_held_with_a_reason_and_what_depends_on_it_waits(county: County, make_laptop: LaptopMaker) -> None:
    laptop, other = make_laptop(county), make_laptop(county)
    sync_until_quiet(laptop, other)
    nowhere, bad = new_id(), new_id()
    for number in range(20):
        household = laptop.add_household(number=f"{number:04d}", head_name="罗铉")
        laptop.do(lambda uow, household=household: uow.session.add_all(
            Person(village=uow.village, id=new_id(), household_id=household, name=f"人{one}") for one in range(12)
        ))  # fmt: skip
    with laptop.workspace.engine.execution_options(bare=True).connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        key = {"village": laptop.workspace.village, "id": bad.hex, "household": nowhere.hex}
        connection.execute(text("UPDATE change_context SET tx = tx + 1"))
        connection.execute(
            text("INSERT INTO person (village, id, household_id, name) VALUES (:village, :id, :household, '没有户')"),
            key,
        )
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    laptop.edit(Person, bad, phone="跟着等")
    for number in range(20, 40):
        household = laptop.add_household(number=f"{number:04d}", head_name="罗铉")
        laptop.do(lambda uow, household=household: uow.session.add_all(
            Person(village=uow.village, id=new_id(), household_id=household, name=f"人{one}") for one in range(11)
        ))  # fmt: skip

    sync_until_quiet(laptop, other)

    assert (len(other.all(Household)), len(other.all(Person))) == (40, 460)
    question = only(other.all(HeldChange))
    assert (question.subject_id, question.reason_kind) == (bad, "missing")
    with county.engine.connect() as connection:
        held = select(func.count()).where(oplog.c.verdict == "held")
        assert connection.scalar(held) == 2
    assert laptop.get(Person, bad).phone == "跟着等"
