"""This program as if it were one schema older: it knows neither month locks nor some columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Column, Table

from village_core.exchange import skew
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.values import data_columns
from village_core.records import Record

UNKNOWN_COLUMNS = {("household", "note"), ("voucher_draft", "summary")}
_READS = ("sync.answers", "sync.inbox", "sync.deferred", "sync.bundle_report")
_SENDS = ("sync.loop", "sync.bundle", "sync.outbox", "sync.first_load", "sync.comparing", "storage.unit_of_work")


@contextmanager
def older_program(*, sends: bool = False) -> Iterator[None]:
    """What a laptop does meanwhile it does with that program; the county in the same process stays as it is. `sends`:
    it also says of what it sends that it is of that age, and is to keep to what such a program could have written."""
    with pytest.MonkeyPatch.context() as patch:
        for read in (skew.divide, skew.binds_facts, skew.is_bound_fact):
            patch.setattr(f"desktop_app.sync.deferred.{read.__name__}", as_older(read))
        for module in ("answers", "inbox"):
            patch.setattr(f"desktop_app.sync.{module}.divide", as_older(skew.divide))
        for module in (*_READS, *(_SENDS if sends else ())):
            patch.setattr(f"desktop_app.{module}.SCHEMA_VERSION", SCHEMA_VERSION - 1)
        yield


def as_older(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """That function of `skew`, in a program that knows neither those columns nor month locks."""

    def reading(what: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(skew, "synced_table", _table)
            patch.setattr(skew, "data_columns", _columns)
            return read(what)

    return reading


def _table(name: str) -> Table | None:
    return None if name == "month_lock" else Record.metadata.tables.get(name)


def _columns(of: Table) -> dict[str, Column[Any]]:
    return {name: column for name, column in data_columns(of).items() if (of.name, name) not in UNKNOWN_COLUMNS}
