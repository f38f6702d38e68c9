"""The page from which another team writes its tables says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from village_core.domain.ids import derived_id
from village_core.exchange.operations import synced_table
from village_core.exchange.tables_page import RECIPES, VILLAGE, render_page
from village_core.exchange.values import data_columns
from village_core.records import Record, rule_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sync_tables.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_records_say() -> None:
    fresh = "python -m village_core.exchange.tables_page > docs/sync_tables.md"
    assert render_page() + "\n" == PAGE, f"the page is older than the records: {fresh}"


def test_every_column_of_every_table_stands_in_it() -> None:
    for name, table in Record.metadata.tables.items():
        part = PAGE.split(f"### {name}\n")[1].split("\n### ")[0]
        assert rule_of(table).merge.name in part
        assert all(f"| `{column}` |" in part for column in data_columns(table))


def test_every_id_that_the_programs_derive_has_its_recipe() -> None:
    made = {
        found
        for program in ("village_core", "desktop_app", "county_server")
        for file in (ROOT / program).rglob("*.py")
        for found in re.findall(r'derived_id\([^,"]+, "(\w+)"', file.read_text(encoding="utf-8"))
    }
    assert made == {one.kind for one in RECIPES}
    for one in RECIPES:
        assert synced_table(one.table) is not None
        assert str(derived_id(VILLAGE, one.kind, *one.example)) in PAGE
