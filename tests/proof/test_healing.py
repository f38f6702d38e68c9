"""Where laptop and county differ, the exchange finds the rows and heals them; nothing is dropped, and it is told."""

from __future__ import annotations

from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from county_server.proof.replay import Wrong, repair_village, replay_village
from county_server.tables import county_metadata, oplog
from desktop_app.storage.access_log import list_access
from desktop_app.sync.proof import verify_all
from tests.counties import County
from tests.county_server.test_facts import lock
from tests.damage import BehindTheLaptop, change_row, copy_row, refresh_county, remove_row
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.workspaces import VILLAGE
from village_core.domain.ids import new_id
from village_core.exchange.change_log import change_log
from village_core.records.households import Household, Person
from village_core.records.ledger import MonthLock


def repairs(laptop: Laptop) -> list[str]:
    with laptop.workspace.reader() as reader:
        return [entry.detail for entry in list_access(reader.session) if entry.kind == "repair"]


def old_values(laptop: Laptop, row_id: UUID) -> str:
    with laptop.workspace.engine.connect() as connection:
        found = connection.scalars(select(change_log.c.old).where(change_log.c.row_id == row_id.hex))
        return "".join(value or "" for value in found)


def test_a_row_changed_behind_our_back_follows_the_county_and_its_value_stays_in_the_history(
    county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.add_household(number="0002", head_name="没动过")
    laptop.sync()
    with BehindTheLaptop(laptop) as connection:
        change_row(connection, "household", household, head_name="别人")

    report = verify_all(laptop.workspace)
    assert any("按县里的改回" in problem for problem in report.problems)
    healed = laptop.sync()

    assert healed.equal
    assert laptop.get(Household, household).head_name == "罗铉"
    assert "别人" in old_values(laptop, household)
    assert "有户 1 条和县里的不一样，已改成县里的" in only(repairs(laptop))
    assert verify_all(laptop.workspace).ok


def test_only_the_wrong_rows_travel(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    ids = [laptop.add_household(number=f"{n:04}", head_name="罗铉", note="长" * 200) for n in range(40)]
    laptop.sync()
    with BehindTheLaptop(laptop) as connection:
        change_row(connection, "household", ids[7], head_name="别人")
    verify_all(laptop.workspace)

    report = laptop.sync()

    assert report.equal
    assert report.round_trips == 3
    assert report.bytes_down < 4500


def test_what_the_county_forgot_is_offered_again(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    household = first.add_household(number="0001", head_name="罗铉")
    person = first.add_person(household, "罗铉")
    lock(first, "2025-12")
    sync_until_quiet(first, second)
    lock_id = only(first.all(MonthLock)).id
    with county.engine.begin() as connection:
        for name, row_id in (("person", person), ("household", household), ("month_lock", lock_id)):
            remove_row(connection, name, row_id)
    for name, row_id in (("person", person), ("household", household), ("month_lock", lock_id)):
        refresh_county(county, VILLAGE, name, row_id)
    first.add_household(number="0002", head_name="还有新的")

    sync_until_quiet(second, first)

    assert "补送给县里" in "".join(repairs(first) + repairs(second))
    with county.engine.connect() as connection:
        stands = county_metadata.tables["person"]
        assert list(connection.scalars(select(stands.c.id))) == [person]
    for laptop in (first, second):
        assert len(laptop.all(Household)) == 2
        assert len(laptop.all(MonthLock)) == 1


def test_healing_waits_until_everything_of_our_own_has_gone(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    with BehindTheLaptop(laptop) as connection:
        change_row(connection, "household", household, head_name="别人")
    verify_all(laptop.workspace)
    laptop.edit(Household, household, phone="138")

    report = laptop.sync()

    assert report.equal
    row = laptop.get(Household, household)
    assert (row.head_name, row.phone) == ("罗铉", "138")


def test_an_exchange_that_is_equal_asks_nothing_more(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()

    assert laptop.sync().round_trips == 1


def test_the_county_names_the_rows_that_do_not_follow_from_its_log(county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(county)
    ids = [laptop.add_household(number=f"{n:04}", head_name="罗铉") for n in range(3)]
    laptop.sync()
    assert replay_village(county.engine, VILLAGE).ok
    invented = new_id()
    with county.engine.begin() as connection:
        change_row(connection, "household", ids[0], phone="999")
        remove_row(connection, "household", ids[1])
        copy_row(connection, "household", ids[2], invented, number="0009")

    found = replay_village(county.engine, VILLAGE)

    assert {(one.row, one.wrong, one.fields) for one in found.wrong} == {
        (str(ids[0]), Wrong.DIFFERENT, ("phone",)),
        (str(ids[1]), Wrong.MISSING, ()),
        (str(invented), Wrong.EXTRA, ()),
    }
    assert found.digests == ("household",)
    asked = laptop.sync()
    assert asked.equal, "what was damaged at the county does not spread to the laptops"
    repair_village(county.engine, VILLAGE, clock=county.clock)
    assert replay_village(county.engine, VILLAGE).ok
    assert laptop.sync().equal


def test_a_log_that_was_rewritten_is_seen_by_the_replay(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.edit(Household, household, phone="138")
    laptop.sync()
    with small_county.engine.begin() as connection:
        connection.execute(oplog.delete().where(oplog.c.kind == "U", oplog.c.row_id == household))

    found = replay_village(small_county.engine, VILLAGE)

    assert [(one.row, one.fields) for one in found.wrong] == [(str(household), ("phone",))]


DAMAGE = st.tuples(
    st.sampled_from(["laptop", "other", "county", "county forgets"]),
    st.sampled_from(["change", "remove", "invent"]),
    st.integers(0, 5),
)


def test_whatever_is_damaged_on_either_side_all_end_equal(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    laptops = {"laptop": first, "other": second}
    households = [first.add_household(number=f"{n:04}", head_name="罗铉") for n in range(3)]
    rows = [("household", row_id) for row_id in households]
    rows += [("person", first.add_person(row_id, "罗小红")) for row_id in households]
    sync_until_quiet(first, second)

    def damage_one(side: str, action: str, place: int) -> None:
        name, row_id = rows[place]
        with (
            BehindTheLaptop(laptops[side])
            if side in laptops
            else small_county.engine.execution_options(write=True).begin()
        ) as connection:
            if side not in laptops:
                connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            touched = row_id
            if action == "change":
                change_row(connection, name, row_id, note="被人动过")
            elif action == "remove" and name == "person":
                remove_row(connection, name, row_id)
            elif action == "invent" and name == "person" and side != "county":
                touched = new_id()
                copy_row(connection, name, row_id, touched, name="没有这个人", id_number=None)
        if side == "county":
            repair_village(small_county.engine, VILLAGE, clock=small_county.clock)
        if side == "county forgets":
            refresh_county(small_county, VILLAGE, name, touched)

    @settings(
        max_examples=10, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(DAMAGE, min_size=1, max_size=4))
    def damaged(damages: list[tuple[str, str, int]]) -> None:
        for side, action, place in damages:
            if all(
                laptop.get(Person, row_id) or kind != "person" for laptop in laptops.values() for kind, row_id in rows
            ):
                damage_one(side, action, place)
        for laptop in laptops.values():
            verify_all(laptop.workspace)
        sync_until_quiet(first, second)
        for laptop in laptops.values():
            assert verify_all(laptop.workspace).ok

    damaged()
