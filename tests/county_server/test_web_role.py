"""The web workers' role in PostgreSQL: the whole server runs under it, and what happened cannot be altered by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from county_server.admin.service import add_village, issue_code
from county_server.engine import writing
from county_server.guards import appended_tables, as_owner
from county_server.migrate import open_migrated
from county_server.web_role import grant_statements, grant_web_role
from tests.counties import County, new_postgres, serving
from tests.county_server import test_contents, test_decisions, test_facts, test_merging, test_pieces
from tests.laptops import LaptopMaker
from tests.ledger.books import open_accounts, post
from tests.workspaces import VILLAGE
from village_core.domain.clock import SystemClock
from village_core.domain.errors import ProblemOutsideError, RefusedError

ROLE = "tiangeng_web"

STORIES = [
    test_decisions.test_a_held_voucher_that_a_person_accepts_comes_whole_under_the_next_number,
    test_decisions.test_a_held_voucher_that_a_person_turns_down_leaves_the_books_of_its_maker,
    test_decisions.test_a_second_grant_that_is_turned_down_goes_with_what_follows_it,
    test_facts.test_vouchers_of_the_laptop_with_the_right_stand_and_arrive_whole,
    test_contents.test_a_photo_taken_on_one_laptop_is_seen_on_the_other,
    test_pieces.test_a_device_cannot_fill_the_county,
    test_pieces.test_few_snapshots_are_kept_and_the_same_one_serves_all,
]
"""Told elsewhere with the owner's rights; here once more by a server that has only the web role's."""


@pytest.fixture
def owned(postgres: str) -> Iterator[County]:
    """A county on PostgreSQL as its owner sees it."""
    with new_postgres(postgres) as address:
        county = County(address, open_migrated(address), SystemClock())
        add_village(county.engine, VILLAGE, "太平村", clock=county.clock)
        with writing(county.engine) as connection:
            if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": ROLE}):
                connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
            grant_web_role(connection, ROLE)
        yield county
        county.engine.dispose()


class Served(County):
    """The same county as a web worker sees it; codes are still made by the owner."""

    owner: Engine

    def code(self, role: str = "文书", village: str = VILLAGE) -> str:
        return issue_code(self.owner, village, role=role, clock=self.clock)


@pytest.fixture
def web(owned: County) -> Iterator[Served]:
    address = make_url(owned.address).set(username=ROLE).render_as_string(hide_password=False)
    served = Served(address, open_migrated(address), owned.clock)
    served.owner = owned.engine
    yield served
    served.engine.dispose()


@pytest.mark.parametrize("story", [pytest.param(one, id=one.__name__) for one in STORIES])
def test_the_server_runs_whole_under_the_web_role(
    story: Callable[[County, LaptopMaker], None], web: Served, make_laptop: LaptopMaker
) -> None:
    story(web, make_laptop)


def test_over_http_a_sync_goes_both_ways_under_the_web_role(web: Served, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(web), make_laptop(web)
    household = first.add_household(number="0001", head_name="罗铉")
    with serving(web):
        first.sync()
        second.sync()
    assert [one.id for one in second.all(test_merging.Household)] == [household]


def posted(web: Served, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(web)
    open_accounts(laptop.workspace)
    post(laptop.workspace, ("10201", 5000), ("50103", -5000))
    laptop.sync()


FORBIDDEN = [
    "UPDATE voucher SET number_text = '别的'",
    "DELETE FROM voucher",
    "UPDATE posting SET debit_fen = 1",
    "DELETE FROM oplog",
    "UPDATE oplog SET reason = ''",
    "DELETE FROM tiangeng_parts.oplog_00",
    "DELETE FROM batch",
    "UPDATE device SET revoked = false",
    "UPDATE device SET public_key = ''",
    "UPDATE village SET log_kept_after = 0",
    "UPDATE county_key SET signing = ''",
    "INSERT INTO enrolment_code VALUES ('', '532327101201', '文书', '', '', 1)",
    "INSERT INTO backup_mark VALUES ('', '')",
    "SELECT * FROM admin_audit",
    "INSERT INTO admin_audit VALUES (1, '', '', '', '', '')",
    "TRUNCATE voucher CASCADE",
    "DROP TRIGGER tiangeng_keep_rows ON voucher",
    "ALTER TABLE voucher DISABLE TRIGGER ALL",
    "CREATE TABLE mine (a int)",
    "SET ROLE postgres",
    "UPDATE alembic_version SET version_num = '9'",
]


def test_the_web_role_cannot_alter_what_happened_or_who_it_is(web: Served) -> None:
    for statement in FORBIDDEN:
        refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
        with refused, writing(web.engine) as connection:
            as_owner(connection, "pretended")
            connection.execute(text(statement))


def test_even_the_owner_alters_nothing_without_saying_so(owned: County, web: Served, make_laptop: LaptopMaker) -> None:
    posted(web, make_laptop)
    for name in ("voucher", "oplog", "batch"):
        for statement in (f"DELETE FROM {name}", f"UPDATE {name} SET village = village", f"TRUNCATE {name} CASCADE"):
            with pytest.raises(ProgrammingError, match="only ever added"), writing(owned.engine) as connection:
                connection.execute(text(statement))
    with writing(owned.engine) as connection:
        as_owner(connection, "repair")
        assert connection.execute(text("DELETE FROM posting")).rowcount > 0


def test_a_role_that_was_given_more_by_hand_is_still_refused_by_the_triggers(
    owned: County, web: Served, make_laptop: LaptopMaker
) -> None:
    posted(web, make_laptop)
    with writing(owned.engine) as connection:
        connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}"))
    with pytest.raises(ProgrammingError, match="only ever added"), writing(web.engine) as connection:
        as_owner(connection, "pretended")
        connection.execute(text("UPDATE voucher SET village = village"))
    with writing(owned.engine) as connection:
        grant_web_role(connection, ROLE)
    with pytest.raises(ProgrammingError, match="permission denied"), writing(web.engine) as connection:
        connection.execute(text("UPDATE voucher SET village = village"))


def test_every_table_of_facts_has_its_triggers(owned: County) -> None:
    query = text(
        "SELECT DISTINCT event_object_table FROM information_schema.triggers WHERE trigger_name = 'tiangeng_keep_rows'"
    )
    with owned.engine.connect() as connection:
        guarded = set(connection.scalars(query))
    assert set(appended_tables()) <= guarded
    assert "voucher" in guarded


def test_the_log_lies_in_sixteen_parts(owned: County) -> None:
    with owned.engine.connect() as connection:
        parts = connection.scalar(text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'oplog'::regclass"))
    assert parts == 16


def test_a_server_that_may_not_migrate_says_who_must(owned: County) -> None:
    with writing(owned.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    address = make_url(owned.address).set(username=ROLE).render_as_string(hide_password=False)
    with pytest.raises(ProblemOutsideError, match="还没有升级"):
        open_migrated(address)


def test_a_role_is_named_plainly_or_not_at_all() -> None:
    for name in ("", "web; DROP TABLE voucher", 'a"b', "Web", "1web"):
        with pytest.raises(RefusedError, match="角色名"):
            grant_statements(name)
    granted = "\n".join(grant_statements(ROLE))
    assert 'GRANT SELECT, INSERT ON "voucher"' in granted
    assert "admin_audit" not in granted
