"""How a device comes to its village: one-time codes, the right to post, revocation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from county_server.admin.queries import list_villages
from county_server.admin.service import add_village, revoke_device
from county_server.tables import device, oplog, refused_batch
from desktop_app.storage.entry import NotAdmittedError, check_device
from tests.counties import County, opened_county
from tests.laptops import LaptopMaker, join, sync_until_quiet
from tests.workspaces import NOW
from village_core.domain.clock import FixedClock
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.records.households import Household
from village_core.records.staff import StaffMember

OTHER_VILLAGE = "532327101202"


def test_an_existing_workspace_keeps_its_people_and_rows(county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(county, enrolled=False)
    household = laptop.add_household(number="0001", head_name="罗铉")
    me = laptop.workspace.actor.person_id

    joined = join(laptop, "文书")
    report = laptop.sync()

    assert joined.person == me
    assert (report.sent, report.equal) == (3, True)
    with county.engine.connect() as connection:
        assert connection.scalar(select(Household.id)) == household
        assert connection.scalar(select(StaffMember.id)) == me


def test_the_first_accountant_may_post_and_the_others_draft(county: County, make_laptop: LaptopMaker) -> None:
    clerk, accountant = make_laptop(county, role="文书"), make_laptop(county, role="报账员")
    second = make_laptop(county, role="报账员")

    rights = [laptop.workspace.state("rights.may_post") for laptop in (clerk, accountant, second)]

    assert rights == ["0", "1", "0"]


def test_the_right_to_post_goes_on_when_its_device_is_revoked(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county, role="报账员"), make_laptop(county, role="报账员")

    revoke_device(county.engine, first.workspace.actor.device)
    second.sync()

    assert second.workspace.state("rights.may_post") == "1"


@pytest.mark.parametrize("typed", ["k2k2-k2k2-k2k2", "nonsense", "一二三"])
def test_a_wrong_code_is_refused_and_nothing_changes(
    small_county: County, make_laptop: LaptopMaker, typed: str
) -> None:
    laptop = make_laptop(small_county, enrolled=False)

    with pytest.raises(RefusedError, match="登记码不对"):
        join(laptop, code=typed)

    assert laptop.workspace.state("device") is None


def test_a_used_code_is_refused(small_county: County, make_laptop: LaptopMaker) -> None:
    code = small_county.code()
    join(make_laptop(small_county, enrolled=False), code=code)

    with pytest.raises(RefusedError, match="已经用过"):
        join(make_laptop(small_county, enrolled=False), code=code)


def test_an_expired_code_is_refused(sqlite_template: Any, tmp_path: Any, make_laptop: LaptopMaker) -> None:
    from tests.counties import new_sqlite

    clock = FixedClock(NOW)
    with opened_county(new_sqlite(sqlite_template, tmp_path), clock) as county:
        code = county.code()
        clock.moment += timedelta(hours=25)
        with pytest.raises(RefusedError, match="过期"):
            join(make_laptop(county, enrolled=False), code=code)


def test_a_code_of_another_village_names_it_and_stays_good(small_county: County, make_laptop: LaptopMaker) -> None:
    add_village(small_county.engine, OTHER_VILLAGE, "幸福村", clock=small_county.clock)
    code = small_county.code(village=OTHER_VILLAGE)

    with pytest.raises(RefusedError, match="幸福村"):
        join(make_laptop(small_county, enrolled=False), code=code)

    with small_county.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(device)) == 0


def test_the_code_may_be_typed_in_small_letters_and_without_dashes(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    code = small_county.code()

    assert join(make_laptop(small_county, enrolled=False), code=f" {code.lower().replace('-', ' ')} ").device == 1


def test_an_answer_that_got_lost_costs_nothing(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    code = small_county.code()
    laptop.line.lose_answers = 1
    with pytest.raises(ProblemOutsideError):
        join(laptop, code=code)
    assert laptop.workspace.state("device") is None

    assert join(laptop, code=code).device == 1
    assert laptop.sync().equal


def test_who_is_enrolled_is_not_enrolled_again(small_county: County, make_laptop: LaptopMaker) -> None:
    with pytest.raises(RefusedError, match="早已登记"):
        join(make_laptop(small_county))


def test_a_revoked_laptop_is_told_and_what_it_sent_is_kept(county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(county)
    laptop.sync()
    laptop.add_household(number="0001", head_name="罗铉")
    revoke_device(county.engine, laptop.workspace.actor.device)

    for _ in range(2):
        with pytest.raises(RefusedError, match="停用"):
            laptop.sync()

    with county.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(refused_batch)) == 1
        assert connection.scalar(select(func.count()).where(oplog.c.table_name == "household")) == 0
    assert len(laptop.all(Household)) == 1
    with pytest.raises(NotAdmittedError, match="县里停用了这台电脑"):
        check_device(laptop.workspace)


def test_status_tells_of_devices_operations_and_digests(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    first.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(first, second)

    (village,) = list_villages(county.engine)

    assert [one.role for one in village.devices] == ["报账员", "文书"]
    assert village.operations == 2 + 2 + 2 + 1 + 2, "both rights were lent, and both got the role of their code"
    assert village.last_sync is not None
    assert len(village.digests["household"]) == 64
