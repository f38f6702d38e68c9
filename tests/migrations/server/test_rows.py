"""The county's migrations with rows in every table: each way keeps all that the shape can hold."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Engine, create_engine

from county_server.engine import open_database, writing
from county_server.migrate import _config, upgrade
from tests.migrations.rows import Rows, fill, keeps, read


def move(engine: Engine, target: str) -> None:
    """Down as a developer goes: SQLite makes tables anew, which it refuses while it watches references."""
    way = create_engine(engine.url) if engine.dialect.name == "sqlite" else engine
    config = _config()
    with way.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, target)
    if way is not engine:
        way.dispose()


def rows(engine: Engine) -> Rows:
    with engine.connect() as connection:
        return read(connection)


def test_rows_survive_the_way_up_and_down_and_up_again(county_address: str) -> None:
    engine = open_database(county_address)
    move(engine, "0001")
    with writing(engine) as connection:
        fill(connection)
    first = rows(engine)
    upgrade(engine)
    upgraded = rows(engine)
    move(engine, "0001")
    down = rows(engine)
    upgrade(engine)
    again = rows(engine)
    engine.dispose()

    assert len(first) > 20
    assert keeps(upgraded, first)
    assert down == first
    assert keeps(again, first)
