"""Who manages the computer and not the village reads no row of it, by whatever query; each try is on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desktop_app.households.history import list_household_history
from desktop_app.households.photos import list_photos
from desktop_app.households.queries import count_kinds, list_households
from desktop_app.journal.queries import get_household_words
from desktop_app.ledger.chart import load_chart
from desktop_app.ledger.queries import balance_under
from desktop_app.notices.queries import list_printed
from desktop_app.relief.queries import get_pool
from desktop_app.storage.access_log import list_access
from desktop_app.storage.unit_of_work import Reader
from desktop_app.storage.workspace import Workspace
from tests.relief.village import add_household
from tests.staff.acting import add, sit_down
from village_core.domain.errors import RuleRefusedError
from village_core.domain.ledger.accounts import CASH


def test_an_administrator_reads_nothing_of_households_cases_and_books(workspace: Workspace) -> None:
    household = add_household(workspace)
    queries: list[Callable[[Reader], Any]] = [
        list_households,
        count_kinds,
        lambda reader: list_household_history(reader, household),
        lambda reader: list_photos(reader, household),
        lambda reader: get_household_words(reader, household),
        load_chart,
        lambda reader: balance_under(reader, CASH),
        lambda reader: get_pool(reader, 2026),
        list_printed,
    ]
    for query in queries:
        with workspace.reader() as reader:
            query(reader)
    sit_down(workspace, add(workspace, "张管", "管理员"))
    for query in queries:
        with pytest.raises(RuleRefusedError), workspace.reader() as reader:
            query(reader)
    with workspace.reader() as reader:
        refusals = [one for one in list_access(reader.session) if one.kind == "refusal"]
    assert len(refusals) == len(queries)
