"""Fit for being split by village (Citus): every unique key and every foreign key holds the village."""

from __future__ import annotations

import pytest
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint, inspect

from county_server.engine import open_database
from county_server.tables import GLOBAL_TABLES, county_metadata
from tests.counties import new_postgres

SPLIT = [table for table in county_metadata.sorted_tables if table.name not in GLOBAL_TABLES]


@pytest.mark.parametrize("table", SPLIT, ids=lambda table: table.name)
def test_keys_of_a_village_hold_its_code(table: Table) -> None:
    for constraint in table.constraints:
        names = {column.name for column in getattr(constraint, "columns", ())}
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            assert "village" in names, constraint.name
        if isinstance(constraint, ForeignKeyConstraint):
            target = constraint.referred_table.name
            pairs = {(one.parent.name, one.column.name) for one in constraint.elements}
            assert target in GLOBAL_TABLES or ("village", "village") in pairs, constraint.name
    for index in table.indexes:
        assert not index.unique or "village" in {column.name for column in index.columns}, index.name


def test_global_tables_are_few_and_refer_to_no_village_data() -> None:
    assert {"village", "device", "enrolment_code", "county_key", "backup_mark", "admin_audit"} == GLOBAL_TABLES
    for name in GLOBAL_TABLES:
        for key in county_metadata.tables[name].foreign_key_constraints:
            assert key.referred_table.name in GLOBAL_TABLES


def test_the_same_holds_in_the_database_itself(postgres: str) -> None:
    with new_postgres(postgres) as address:
        engine = open_database(address)
        database = inspect(engine)
        names = set(database.get_table_names()) - GLOBAL_TABLES - {"alembic_version"}
        for name in names:
            assert "village" in database.get_pk_constraint(name)["constrained_columns"], name
            for unique in database.get_unique_constraints(name):
                assert "village" in unique["column_names"], unique
            for index in database.get_indexes(name):
                assert not index["unique"] or "village" in index["column_names"], index
            for key in database.get_foreign_keys(name):
                assert key["referred_table"] in GLOBAL_TABLES or "village" in key["constrained_columns"], key
        engine.dispose()
    assert {table.name for table in SPLIT} <= names
