"""Migrations only add, so that older programs stay possible; and whoever changes what travels raises the schema."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from county_server.migrate import _config as server_config
from desktop_app.storage.migrate import alembic_config
from tests.migrations.rows import columns, type_word
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.records import Record

Shape = dict[str, dict[str, tuple[str, bool, bool]]]
"""Table → column → type, may be empty, has a default."""

HISTORIES = [pytest.param(alembic_config, id="desktop"), pytest.param(server_config, id="server")]

OLDER_SCHEMAS = {1: "7266e388df8d24ab"}
"""What travelled under each schema before this one: these shapes are never touched again."""


def shapes(config: Config) -> list[Shape]:
    """The database after each migration of a history."""
    revisions = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    found: list[Shape] = []
    with create_engine("sqlite://").connect() as connection:
        config.attributes["connection"] = connection
        for revision in revisions:
            command.upgrade(config, revision)
            shape: Shape = {}
            for (table, name), column in columns(connection).items():
                told = (type_word(column.type), bool(column.nullable), column.server_default is not None)
                shape.setdefault(table, {})[name] = told
            found.append(shape)
    return found


@pytest.mark.parametrize("config", HISTORIES)
def test_no_migration_takes_anything_away_or_makes_it_stricter(config: Callable[[], Config]) -> None:
    before, *later = shapes(config())
    for after in later:
        for table, known in before.items():
            for name, (kind, nullable, _default) in known.items():
                assert name in after.get(table, {}), f"{table}.{name} is gone"
                assert after[table][name][0] == kind, f"{table}.{name} has another type"
                assert after[table][name][1] >= nullable, f"{table}.{name} may no longer be empty"
        for table in after.keys() & before.keys():
            for name in after[table].keys() - before[table].keys():
                _kind, nullable, default = after[table][name]
                assert nullable is not default, f"{table}.{name}: empty, or with a default that older rows get"
        before = after


def test_whoever_changes_what_travels_raises_the_schema() -> None:
    travelling = [_travelling(shape) for shape in shapes(alembic_config())]
    changed = [one for number, one in enumerate(travelling) if number == 0 or one != travelling[number - 1]]

    assert len(changed) == SCHEMA_VERSION
    assert {number: _mark(shape) for number, shape in enumerate(changed[:-1], start=1)} == OLDER_SCHEMAS


def test_a_frozen_client_is_there_for_the_schema_before() -> None:
    fixtures = Path(__file__).parents[1] / "fixtures"

    assert (fixtures / f"client_schema{SCHEMA_VERSION - 1}.zip").exists()


def _travelling(shape: Shape) -> Shape:
    return {name: known for name, known in shape.items() if name in Record.metadata.tables}


def _mark(shape: Shape) -> str:
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]
