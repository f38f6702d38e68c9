"""Scenario 15: a disk image is cloned to a second laptop, and both are used."""

from __future__ import annotations

from sqlalchemy import select

from county_server.tables import device_chain, oplog
from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from village_core.records.households import Household


def test_the_second_one_goes_on_under_a_new_incarnation_and_both_histories_are_whole(
    county: County, make_laptop: LaptopMaker
) -> None:
    laptop, other = make_laptop(county), make_laptop(county)
    laptop.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(laptop, other)
    laptop.add_household(number="0002", head_name="还没有送")
    twin = make_laptop.clone(laptop, "twin")
    made = {"0001", "0002"}
    for number in range(3):
        for name, one in (("a", laptop), ("b", twin)):
            one.add_household(number=f"{name}{number}", head_name="各记各的")
            made.add(f"{name}{number}")
        laptop.sync()
        twin.sync()

    sync_until_quiet(laptop, twin, other)

    for one in (laptop, twin, other):
        assert sorted(row.number for row in one.all(Household)) == sorted(made)
    device = laptop.workspace.actor.device
    with county.engine.connect() as connection:
        chains = connection.scalars(select(device_chain.c.incarnation).where(device_chain.c.device == device)).all()
        seqs = select(oplog.c.incarnation, oplog.c.seq).where(oplog.c.device == device)
        told = connection.execute(seqs.order_by(oplog.c.incarnation, oplog.c.seq)).all()
    assert sorted(chains) == [1, 2]
    for incarnation in (1, 2):
        own = [row.seq for row in told if row.incarnation == incarnation]
        assert own == list(range(own[0], own[0] + len(own)))
