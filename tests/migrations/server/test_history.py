"""The county's migrations: head equals the tables, up and down and up again, on both databases; in step with HEAD."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import UniqueConstraint, create_engine, inspect, text

from county_server.engine import open_database, writing
from county_server.migrate import HEAD, _config, open_migrated, upgrade
from county_server.tables import GLOBAL_TABLES, county_metadata
from village_core.domain.errors import ProblemOutsideError


def test_the_newest_revision_gives_the_tables_of_the_program(county_address: str) -> None:
    engine = open_migrated(county_address)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, county_metadata) == []
    engine.dispose()


def test_down_and_up_again(county_address: str) -> None:
    engine = open_migrated(county_address)
    with writing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(engine)
    with engine.connect() as connection:
        assert "oplog" in inspect(connection).get_table_names()
    engine.dispose()


def test_a_newer_database_is_refused(county_address: str) -> None:
    engine = open_migrated(county_address)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(ProblemOutsideError, match="更新版本"):
        open_migrated(county_address)


def test_head_is_what_the_program_believes() -> None:
    assert ScriptDirectory.from_config(_config()).get_current_head() == HEAD


def test_every_key_of_a_village_holds_its_code() -> None:
    for table in county_metadata.sorted_tables:
        if table.name in GLOBAL_TABLES:
            continue
        keys = [table.primary_key, *(one for one in table.constraints if isinstance(one, UniqueConstraint))]
        for key in keys:
            assert "village" in {column.name for column in key.columns}, (table.name, key)
        for foreign in table.foreign_key_constraints:
            assert "village" in {element.parent.name for element in foreign.elements}, (table.name, foreign)
        for index in table.indexes:
            assert not index.unique or "village" in {column.name for column in index.columns}, (table.name, index)


def test_a_missing_postgresql_database_is_made(postgres: str) -> None:
    open_migrated(f"{postgres}/brand_new").dispose()

    engine = open_database(f"{postgres}/brand_new")
    with engine.connect() as connection:
        assert "village" in inspect(connection).get_table_names()
    engine.dispose()
    admin = create_engine(f"{postgres}/postgres".replace("://", "+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE brand_new WITH (FORCE)"))
    admin.dispose()
