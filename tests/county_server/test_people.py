"""People and their roles come from the county: what a laptop says of them does not take effect, the county's does."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from county_server.admin.people import add_person, list_people, mark_left, rename, set_roles
from county_server.cli import run
from desktop_app.households.editing import save_household
from desktop_app.staff import service as staff
from desktop_app.storage.county_clock import KNOWN_DAY
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, join, sync_until_quiet
from tests.workspaces import VILLAGE
from village_core.domain.clock import today
from village_core.domain.errors import RefusedError
from village_core.domain.ids import new_id
from village_core.domain.staff.rights import Right
from village_core.exchange.change_log import COUNTY_ORIGIN, change_log
from village_core.records.households import Household
from village_core.records.staff import StaffMember


def me(laptop: Laptop) -> UUID:
    return laptop.workspace.actor.person_id


def roles(laptop: Laptop, person: UUID) -> tuple[str, bool, str | None]:
    row = laptop.get(StaffMember, person)
    return row.roles, row.may_combine_duties, row.left_on


def may(laptop: Laptop, right: Right) -> bool:
    with laptop.workspace.reader() as reader:
        assert reader.duties is not None
        return reader.duties.may(right)


def test_the_role_of_the_code_is_the_role_of_the_person_on_every_laptop(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(county), make_laptop(county, role="第一书记")
    sync_until_quiet(first, second)

    assert roles(first, me(second)) == roles(second, me(second)) == ("第一书记", True, None)
    assert roles(second, me(first))[0] == "报账员"


def test_the_role_of_the_code_counts_from_the_enrolment_on(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    assert may(laptop, Right.EDIT_HOUSEHOLDS)
    join(laptop, "只读")

    assert not may(laptop, Right.EDIT_HOUSEHOLDS)
    with pytest.raises(RefusedError, match="改农户"):
        laptop.do(lambda uow: save_household(uow, None, {"head_name": "罗铉"}))
    assert may(laptop, Right.READ_HOUSEHOLDS)


def test_a_laptop_with_a_county_changes_no_roles_and_says_who_does(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county, role="支书")
    laptop.sync()
    person = me(laptop)
    for deed in (
        lambda uow: staff.save_person(uow, person, name="李琼仙", roles=["支书", "会计"], may_combine_duties=True),
        lambda uow: staff.save_person(uow, name="张三", roles=["文书"]),
        lambda uow: staff.mark_left(uow, new_id(), left_on=uow.today),
    ):
        with pytest.raises(RefusedError, match="县里登记"):
            laptop.do(deed)
    laptop.do(lambda uow: staff.declare_relatives(uow, person, lines="王建国 兄弟"))
    with pytest.raises(RefusedError, match="自己的名字不能自己改") as refused:
        laptop.do(lambda uow: staff.save_person(uow, person, name="李琼先", roles=["支书"], may_combine_duties=True))
    assert "县里的管理人员" in refused.value.next_step
    sync_until_quiet(laptop)
    rename(small_county.engine, VILLAGE, "李琼仙", name="李琼先", clock=small_county.clock)
    sync_until_quiet(laptop)
    row = laptop.get(StaffMember, person)
    assert (row.name, row.relatives) == ("李琼先", "王建国 兄弟\n李琼仙 原名")
    assert laptop.workspace.state(KNOWN_DAY) == today(small_county.clock).isoformat()


def test_a_name_that_an_older_program_changed_is_kept_by_the_county_for_everybody(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(county), make_laptop(county)
    first.do(lambda uow: staff.declare_relatives(uow, me(first), lines="王建国 兄弟"))
    sync_until_quiet(first, second)
    first.edit(StaffMember, me(first), name="李琼先")
    sync_until_quiet(first, second)
    for laptop in (first, second):
        row = laptop.get(StaffMember, me(first))
        assert (row.name, row.relatives) == ("李琼先", "王建国 兄弟\n李琼仙 原名")
    first.edit(StaffMember, me(first), name="李琼仙")
    assert first.sync().equal
    sync_until_quiet(first, second)
    assert second.get(StaffMember, me(first)).relatives == "王建国 兄弟\n李琼仙 原名\n李琼先 原名"


def test_roles_that_a_laptop_wrote_all_the_same_do_not_take_effect(county: County, make_laptop: LaptopMaker) -> None:
    honest, hostile = make_laptop(county), make_laptop(county, role="只读")
    sync_until_quiet(honest, hostile)

    hostile.edit(StaffMember, me(hostile), roles="支书,会计", may_combine_duties=True, note="换了")
    hostile.edit(StaffMember, me(honest), left_on="2026-01-01", roles="")
    ghost = new_id()
    hostile.do(
        lambda uow: uow.session.add(
            StaffMember(village=VILLAGE, id=ghost, name="无名", roles="支书", may_combine_duties=True)
        )
    )
    sync_until_quiet(hostile, honest)

    for laptop in (honest, hostile):
        assert roles(laptop, me(hostile))[0] == "只读"
        assert laptop.get(StaffMember, me(hostile)).note == "换了", "what is not the county's comes through"
        assert roles(laptop, me(honest)) == ("报账员", True, None)
        assert roles(laptop, ghost) == ("", False, None)
    assert not may(hostile, Right.EDIT_HOUSEHOLDS)


def test_the_county_gives_roles_and_takes_them_and_everybody_follows(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    sync_until_quiet(first, second)
    person = str(me(second))

    set_roles(county.engine, VILLAGE, person, roles=["出纳"], combines=False, clock=county.clock)
    sync_until_quiet(second, first)
    assert roles(first, me(second)) == roles(second, me(second)) == ("出纳", False, None)
    assert may(second, Right.DRAFT_VOUCHER)
    assert not may(second, Right.POST_VOUCHER)

    mark_left(county.engine, VILLAGE, person, on=None, clock=county.clock)
    sync_until_quiet(second, first)
    with second.workspace.reader() as reader:
        assert reader.duties is not None
        assert reader.duties.rights == frozenset()
    with pytest.raises(RefusedError, match="已经离任"):
        second.do(lambda uow: save_household(uow, None, {"head_name": "罗铉"}))
    with second.workspace.engine.connect() as connection:
        origins = {row.origin for row in connection.execute(change_log.select()) if row.table_name == "staff_member"}
    assert COUNTY_ORIGIN in origins
    assert second.all(Household) == []


def test_a_new_person_of_the_county_is_on_every_laptop(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    laptop.sync()
    added = add_person(
        small_county.engine, VILLAGE, name="王建平", roles=["支书"], combines=False, note="", clock=small_county.clock
    )
    sync_until_quiet(laptop)

    assert laptop.get(StaffMember, added).name == "王建平"
    assert [one.name for one in list_people(small_county.engine, VILLAGE)].count("王建平") == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"roles": ["会计", "出纳"], "combines": True, "note": "只有一人"}, "会计法"),
        ({"roles": ["出纳", "报账员"], "combines": False, "note": ""}, "不相容岗位分离"),
        ({"roles": ["报账员"], "combines": True, "note": ""}, "写明原因"),
        ({"roles": ["村长"], "combines": False, "note": ""}, "没有“村长”"),
        ({"roles": [], "combines": False, "note": ""}, "没有"),
    ],
)
def test_the_county_keeps_the_same_rules(small_county: County, given: dict[str, object], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        add_person(small_county.engine, VILLAGE, name="张三", clock=small_county.clock, **given)  # type: ignore[arg-type]


def test_people_from_the_command_line(
    small_county: County, make_laptop: LaptopMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = make_laptop(small_county)
    laptop.sync()

    def command(*arguments: str) -> dict[str, object]:
        capsys.readouterr()
        assert run(["staff", *arguments, "--db", small_county.address, "--json"]) == 0
        answer: dict[str, object] = json.loads(capsys.readouterr().out)
        return answer

    command("add", VILLAGE, "--name", "王建平", "--roles", "支书")
    command("rename", VILLAGE, "王建平", "--name", "王建萍")
    command("rename", VILLAGE, "王建萍", "--name", "王建平")
    note = "只有一人，2026年1月村两委定"
    command("roles", VILLAGE, "王建平", "--roles", "支书,文书", "--combine", "--note", note)
    people = command("leave", VILLAGE, "王建平", "--on", "2026-10-01")["people"]
    assert isinstance(people, list)
    (boss,) = [one for one in people if one["name"] == "王建平"]
    assert (boss["roles"], boss["combines"], boss["left_on"]) == (["支书", "文书"], True, "2026-10-01")
    assert run(["staff", "roles", VILLAGE, "没有这人", "--roles", "文书", "--db", small_county.address]) == 1
    assert "没有“没有这人”这个人" in capsys.readouterr().err
    sync_until_quiet(laptop)
    assert sorted(one.name for one in laptop.all(StaffMember)) == sorted(["李琼仙", "王建平"])
