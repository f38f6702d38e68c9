"""Who was of an applying household since it applied: whoever was renamed, moved away or struck off meanwhile still
counts for 回避, so that nobody gets round it by changing the household instead of himself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select

from desktop_app.relief.case_store import StoredCase
from village_core.domain.relief.payloads import Application
from village_core.exchange.change_log import change_log
from village_core.records.households import Person

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

_GONE = ("closed_on", "merged_into")


def names_since(reader: Reader, case: StoredCase, family: frozenset[UUID]) -> tuple[str, ...]:
    """Names of the applicant, and of those whom the log shows in the household after its application came."""
    applications = [one for one in case.records if isinstance(one.payload, Application)]
    found = [one.payload.applicant_name for one in applications if isinstance(one.payload, Application)]
    changed = _changes_since(reader, [one.id for one in applications])
    homes = {one.hex for one in family}
    of_family = select(Person.id).where(Person.village == reader.village, Person.household_id.in_(list(family)))
    people = {one.hex for one in reader.session.scalars(of_family)}
    people |= {row for table, row, old in changed if table == "person" and old.get("household_id") in homes}
    left = set[str]()
    for table, row, old in changed:
        if table == "household" and row in homes:
            found.append(str(old.get("head_name") or ""))
        elif table == "person" and row in people:
            found.append(str(old.get("name") or ""))
            if "household_id" in old or any(name in old for name in _GONE):
                left.add(row)
    query = select(Person.name).where(Person.village == reader.village, Person.id.in_([UUID(one) for one in left]))
    return tuple(dict.fromkeys(name for name in (*found, *reader.session.scalars(query)) if name))


def _changes_since(reader: Reader, steps: Iterable[UUID]) -> list[tuple[str, str, dict[str, object]]]:
    """What changed in households and people since the first of these steps stands in this laptop's log: table, row,
    values before."""
    column = change_log.c
    first = reader.session.scalar(select(func.min(column.seq)).where(column.row_id.in_([one.hex for one in steps])))
    query = select(column.table_name, column.row_id, column.old).where(
        column.seq > (first or 0), column.table_name.in_(["person", "household"]), column.op == "U"
    )
    return [(table, row, json.loads(old) if old else {}) for table, row, old in reader.session.execute(query)]
