"""What is declared and what a person is called comes together, and counts from the operation on that brings it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text

from county_server.admin.people import mark_left, rename, set_roles
from county_server.auth.people import load_people, write_person
from county_server.engine import writing
from county_server.tables import village
from desktop_app.relief import case_facts
from desktop_app.staff.service import declare_relatives
from tests.counties import County, new_postgres, opened_county
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.workspaces import VILLAGE
from village_core.domain.relief.steps import StepKind
from village_core.records.staff import StaffMember

_FIRST = StepKind.PARTY_PROPOSAL


def me(laptop: Laptop) -> UUID:
    return laptop.workspace.actor.person_id


def pair(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    laptops = make_laptop(county), make_laptop(county)
    sync_until_quiet(*laptops)
    return laptops


def told(*laptops: Laptop, of: UUID) -> tuple[str, set[str]]:
    """Name and declared lines, which are the same everywhere."""
    found = {(row.name, row.relatives or "") for row in (laptop.get(StaffMember, of) for laptop in laptops)}
    ((name, lines),) = found
    return name, set(lines.splitlines())


# --- coming together


def test_a_brother_declared_while_the_county_writes_a_new_name_is_there_with_it(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = pair(county, make_laptop)
    first.do(lambda uow: declare_relatives(uow, me(first), lines="罗铉 兄弟"))
    rename(county.engine, VILLAGE, str(me(first)), name="李琼先", clock=county.clock)
    sync_until_quiet(first, second)
    assert told(first, second, of=me(first)) == ("李琼先", {"李琼仙 原名", "罗铉 兄弟"})
    first.do(lambda uow: declare_relatives(uow, me(first), lines="李琼仙 原名\n罗铉 兄弟\n罗小妹 女儿"))
    sync_until_quiet(first, second)
    assert told(first, second, of=me(first))[1] == {"李琼仙 原名", "罗铉 兄弟", "罗小妹 女儿"}


def test_one_laptop_renames_and_another_declares_in_either_order(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = pair(small_county, make_laptop)
    for turn, order in enumerate([(first, second), (second, first)]):
        name = first.get(StaffMember, me(first)).name
        first.edit(StaffMember, me(first), name=f"李琼{turn}", relatives=f"{name} 原名")
        second.edit(StaffMember, me(first), relatives=f"罗铉{turn} 兄弟")
        sync_until_quiet(*order)
        assert told(first, second, of=me(first))[1] >= {f"{name} 原名", f"罗铉{turn} 兄弟"}


def test_an_older_program_that_renames_and_declares_in_one_batch_loses_neither(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = pair(county, make_laptop)
    first.edit(StaffMember, me(first), relatives="罗小妹 女儿")
    sync_until_quiet(first, second)
    first.edit(StaffMember, me(first), name="李琼先")
    first.edit(StaffMember, me(first), relatives="罗小妹 女儿\n罗铉 兄弟")
    first.edit(StaffMember, me(first), relatives="罗小妹 女儿\n罗铉 兄弟\n罗大 叔叔")
    sync_until_quiet(first, second)
    lines = {"罗小妹 女儿", "罗铉 兄弟", "罗大 叔叔", "李琼仙 原名"}
    assert told(first, second, of=me(first)) == ("李琼先", lines)


def test_whoever_has_the_united_lines_before_him_takes_one_away(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = pair(small_county, make_laptop)
    first.edit(StaffMember, me(first), relatives="罗铉 兄弟")
    second.edit(StaffMember, me(first), relatives="罗大 叔叔")
    sync_until_quiet(first, second)
    assert told(first, second, of=me(first))[1] == {"罗铉 兄弟", "罗大 叔叔"}
    second.do(lambda uow: declare_relatives(uow, me(first), lines="罗铉 兄弟"))
    sync_until_quiet(first, second)
    assert told(first, second, of=me(first))[1] == {"罗铉 兄弟"}


# --- 回避 within one batch


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tampered program: its services ask nobody to stand aside."""
    monkeypatch.setattr(case_facts, "list_kin", lambda *_, **__: ())


def case_at_the_county(
    county: County, make_laptop: LaptopMaker, head: str = "罗铉", *, namesake: bool = False
) -> tuple[Laptop, Laptop, UUID]:
    first, second = make_laptop(county), make_laptop(county)
    furnish(first.workspace)
    household = add_household(first.workspace, head)
    if namesake:
        add_household(first.workspace, head, group="别的组")
    sync_until_quiet(first, second)
    case = start_case(second.workspace, household, applicant_name=head)
    walk(second.workspace, case, until=_FIRST)
    sync_until_quiet(first, second)
    return first, second, case


@pytest.mark.usefixtures("unasked")
def test_a_declaration_that_comes_in_one_batch_with_the_meeting_holds_it(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, _, case = case_at_the_county(small_county, make_laptop)
    first.edit(StaffMember, me(first), relatives="罗铉 兄弟")
    usual_step(first.workspace, case, _FIRST, chair="李琼仙", recorder="张志强")
    assert first.sync().held == 1


@pytest.mark.usefixtures("unasked")
def test_a_meeting_that_comes_before_the_declaration_in_the_batch_is_judged_by_what_was_known(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, _, case = case_at_the_county(small_county, make_laptop)
    usual_step(first.workspace, case, _FIRST, chair="李琼仙", recorder="张志强")
    first.edit(StaffMember, me(first), relatives="罗铉 兄弟")
    assert first.sync().held == 0


@pytest.mark.usefixtures("unasked")
def test_a_new_name_that_comes_in_one_batch_with_the_meeting_does_not_hide_who_leads_it(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, case = case_at_the_county(small_county, make_laptop, "李琼仙")
    second.edit(StaffMember, me(first), name="李琼先")
    usual_step(second.workspace, case, _FIRST, chair="李琼先", recorder="张志强")
    assert second.sync().held == 1


@pytest.mark.usefixtures("unasked")
def test_a_line_that_goes_in_one_batch_with_the_meeting_still_counts_for_it(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, case = case_at_the_county(small_county, make_laptop)
    first.edit(StaffMember, me(first), relatives="罗铉 兄弟")
    sync_until_quiet(first, second)
    first.edit(StaffMember, me(first), relatives=None)
    usual_step(first.workspace, case, _FIRST, chair="李琼仙", recorder="张志强")
    assert first.sync().held == 1


@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize(("namesake", "held"), [(False, 1), (True, 0)])
def test_a_padded_name_is_the_same_name_for_her_and_for_her_namesake(
    small_county: County, make_laptop: LaptopMaker, *, namesake: bool, held: int
) -> None:
    first, _, case = case_at_the_county(small_county, make_laptop, "李琼仙", namesake=namesake)
    first.edit(StaffMember, me(first), name="李　琼仙")
    first.sync()
    usual_step(first.workspace, case, _FIRST, chair="李琼仙", recorder="张志强")
    assert first.sync().held == held


# --- two who write at once


@pytest.mark.parametrize("command", ["rename", "roles", "leave"])
def test_an_operator_writes_on_top_of_what_a_worker_writes_at_the_same_moment(
    postgres: str, make_laptop: LaptopMaker, command: str
) -> None:
    with new_postgres(postgres) as address, opened_county(address) as county:
        laptop = make_laptop(county)
        laptop.sync()
        with ThreadPoolExecutor(1) as pool, writing(county.engine) as worker:
            worker.execute(village.select().with_for_update()).all()
            (person,) = load_people(worker, VILLAGE, only=me(laptop))
            operator = pool.submit(_command, county, command, str(me(laptop)))
            while not _somebody_waits(county):
                assert not operator.done()
            write_person(worker, VILLAGE, person, {"relatives": "罗铉 兄弟"}, reason="试", clock=county.clock)
            worker.commit()
            operator.result()
        with county.engine.connect() as connection:
            (person,) = load_people(connection, VILLAGE, only=me(laptop))
        assert "罗铉 兄弟" in str(person.row.values["relatives"])
        assert "relatives" in person.row.edited
        assert laptop.sync().equal


def _command(county: County, command: str, who: str) -> None:
    match command:
        case "rename":
            rename(county.engine, VILLAGE, who, name="李琼先", clock=county.clock)
        case "roles":
            set_roles(county.engine, VILLAGE, who, roles=["文书"], combines=False, clock=county.clock)
        case _:
            mark_left(county.engine, VILLAGE, who, on=None, clock=county.clock)


def _somebody_waits(county: County) -> bool:
    with county.engine.connect() as connection:
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(connection.scalar(waiting))
