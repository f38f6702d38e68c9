"""What the county asks of its tables for each batch. Built once: building a statement costs more than asking it."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, Table, bindparam, func, select

from county_server.tables import compacted_operation, oplog, row_version
from village_core.exchange.merge import Verdict
from village_core.exchange.operations import Kind
from village_core.records.base import rule_of
from village_core.records.held import HeldChange
from village_core.records.settings import CollectiveIncome
from village_core.records.staff import StaffMember

VERSIONS = select(row_version).where(
    row_version.c.village == bindparam("of"),
    row_version.c.table_name == bindparam("in"),
    row_version.c.row_id.in_(bindparam("ids", expanding=True)),
)
WITHHELD = select(oplog.c.row_id).where(
    oplog.c.village == bindparam("of"),
    oplog.c.table_name == bindparam("in"),
    oplog.c.row_id.in_(bindparam("ids", expanding=True)),
    oplog.c.verdict == Verdict.HELD.value,
    oplog.c.kind == Kind.INSERT.value,
)
_ASKED = select(func.max(oplog.c.number)).where(
    oplog.c.village == HeldChange.village, oplog.c.table_name == "held_change", oplog.c.row_id == HeldChange.id
)
OPEN_QUESTIONS = select(*HeldChange.__table__.columns, _ASKED.scalar_subquery().label("asked")).where(
    HeldChange.village == bindparam("of"),
    HeldChange.subject_id.in_(bindparam("ids", expanding=True)),
    HeldChange.decision_id.is_(None),
)
PEOPLE = select(StaffMember.id, StaffMember.name, StaffMember.roles, StaffMember.may_combine_duties).where(
    StaffMember.village == bindparam("of"), StaffMember.id.in_(bindparam("ids", expanding=True))
)
EARLIER = (
    select(oplog.c.fingerprint, oplog.c.verdict)
    .where(oplog.c.village == bindparam("of"), oplog.c.fingerprint.in_(bindparam("some", expanding=True)))
    .order_by(oplog.c.number.desc())
)
COMPACTED = select(compacted_operation.c.fingerprint, compacted_operation.c.verdict).where(
    compacted_operation.c.village == bindparam("of"),
    compacted_operation.c.fingerprint.in_(bindparam("some", expanding=True)),
)
INCOMES = (
    select(CollectiveIncome.year, CollectiveIncome.net_income_fen)
    .where(CollectiveIncome.village == bindparam("of"))
    .order_by(CollectiveIncome.id)
)


@cache
def rows_of(table: Table) -> Select[Any]:
    return select(table).where(table.c.village == bindparam("of"), table.c.id.in_(bindparam("ids", expanding=True)))


@cache
def ids_of(table: Table) -> Select[Any]:
    return select(table.c.id).where(
        table.c.village == bindparam("of"), table.c.id.in_(bindparam("ids", expanding=True))
    )


@cache
def members_of(table: Table, column: str) -> Select[Any]:
    return select(table.c.id).where(
        table.c.village == bindparam("of"), table.c[column].in_(bindparam("ids", expanding=True))
    )


@cache
def twins_in(table: Table) -> Select[Any]:
    """Standing rows by the parts of their natural key: of each part any of some values."""
    columns = {part: table.c[part] for part in rule_of(table).natural_key}
    return select(table.c.id, *columns.values()).where(
        table.c.village == bindparam("of"),
        table.c.merged_into.is_(None),
        table.c.closed_on.is_(None),
        *(column.in_(bindparam(f"some_{part}", expanding=True)) for part, column in columns.items()),
    )
