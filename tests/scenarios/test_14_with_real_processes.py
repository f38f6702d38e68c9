"""Scenario 14 with real processes: `tiangeng backup`, a month of work, `tiangeng restore`, and on with it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from county_server.tables import batch, oplog
from tests.county_server.test_facts import lock
from tests.fault_proxy import Faults
from tests.laptops import LaptopMaker, only, sync_until_quiet
from tests.real_county import RealCounty, RealLaptop, tell_laptop
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person
from village_core.records.ledger import MonthLock


def test_a_laptop_restored_from_last_months_backup_begins_a_history_of_its_own(
    real_county: RealCounty, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop, other = (real_county.laptop(make_laptop) for _ in range(2))
    household = laptop.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(laptop, other)
    laptop.add_household(number="0002", head_name="那时还没送")
    laptop.workspace.engine.dispose()
    tell_laptop(laptop.workspace.folder, "backup", str(tmp_path / "last month.tgb"))
    laptop.edit(Household, household, phone="138")
    laptop.add_person(household, "备份以后")
    lock(laptop, "2025-12")
    sync_until_quiet(laptop, other)
    other.edit(Household, household, note="另一台")
    other.sync()

    folder = tmp_path / "restored"
    tell_laptop(folder, "restore", str(tmp_path / "last month.tgb"))
    key = laptop.workspace.key
    restored = RealLaptop(make_laptop.open(folder, key, real_county).workspace, real_county)
    restored.edit(Household, household, group_name="恢复以后")
    restored.add_household(number="0003", head_name="恢复以后")
    real_county.line.faults = Faults(swallow=1)
    sync_until_quiet(restored, other)

    for one in (restored, other):
        assert sorted(row.number for row in one.all(Household)) == ["0001", "0002", "0003"]
        row = one.get(Household, household)
        assert (row.phone, row.note, row.group_name) == ("138", "另一台", "恢复以后")
        assert only(one.all(Person)).name == "备份以后"
        assert only(one.all(MonthLock)).period == "2025-12"
        assert one.all(HeldChange) == []
    with real_county.engine.connect() as connection:
        histories = select(func.count(batch.c.incarnation.distinct())).where(batch.c.device == 1)
        assert connection.scalar(histories) == 2, "a lost answer may leave an empty one between them"
        again = select(oplog.c.fingerprint).where(oplog.c.effect_kind.is_not(None), oplog.c.device > 0)
        effects = list(connection.scalars(again))
        assert len(effects) == len(set(effects)), "what came twice took effect once"
    assert real_county.tell("check")["villages"][0]["ok"]
