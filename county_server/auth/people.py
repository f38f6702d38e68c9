"""The people of a village: their roles are written by the county only, and reach the laptops with the exchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, select

from county_server.sync.own_hand import write_as_county
from county_server.tables import device, row_version, village
from village_core.domain.clock import Clock
from village_core.exchange.merge import Row, Stamp
from village_core.exchange.operations import COUNTY_DEVICE, Kind, Operation
from village_core.exchange.values import Value, read_row
from village_core.records import Record

_TABLE = "staff_member"
_STAFF = Record.metadata.tables[_TABLE]
_ENROLLED = "县里按登记码给的岗位"
# Built once, since every turn asks it.
_PERSON_AT = (
    select(device.c.role, device.c.person, _STAFF.c.roles)
    .join_from(device, _STAFF, (_STAFF.c.village == bindparam("of")) & (_STAFF.c.id == device.c.person))
    .where(device.c.number == bindparam("at"))
)


@dataclass(frozen=True)
class StoredPerson:
    """A row of `staff_member` with the writers of its fields."""

    id: UUID
    row: Row

    @property
    def name(self) -> str:
        return str(self.row.values["name"])

    @property
    def roles(self) -> str:
        return str(self.row.values["roles"] or "")


def load_people(connection: Connection, code: str, *, only: UUID | None = None) -> list[StoredPerson]:
    """The people of a village in the order of their ids."""
    query = select(_STAFF).where(_STAFF.c.village == code).order_by(_STAFF.c.id)
    column = row_version.c
    versions = select(row_version).where(column.village == code, column.table_name == _TABLE)
    if only is not None:
        query, versions = query.where(_STAFF.c.id == only), versions.where(column.row_id == only)
    known = {row.row_id: row for row in connection.execute(versions)}
    people = []
    for values in connection.execute(query).mappings():
        version = known[values["id"]]
        edited = {name: Stamp(*parts) for name, parts in msgspec.msgpack.decode(version.edited).items()}
        inserted = Stamp(version.number, version.clock, version.device, version.incarnation)
        people.append(StoredPerson(values["id"], Row(read_row(_STAFF, dict(values)), inserted, edited)))
    return people


def write_person(
    connection: Connection,
    code: str,
    person: StoredPerson | UUID,
    values: Mapping[str, Value],
    *,
    reason: str,
    clock: Clock,
) -> None:
    """Change a person, or with an id list a new one with all values."""
    counter = connection.scalars(select(village.c.counter).where(village.c.code == code).with_for_update()).one()
    stamp = Stamp(counter + 1, int(clock.now().timestamp() * 1000) << 16, COUNTY_DEVICE, 0)
    if isinstance(person, UUID):
        row_id, row, kind = person, Row(dict(values), stamp), Kind.INSERT
    else:
        row_id, row, kind = person.id, person.row, Kind.UPDATE
        for name, value in values.items():
            row.write(name, value, stamp)
    operation = Operation(0, kind, _TABLE, row_id, dict(values))
    write_as_county(connection, code, [(reason, operation)], clock=clock, rows={(_TABLE, row_id): row})


def keep_person(connection: Connection, code: str, number: int, *, clock: Clock) -> None:
    """After a contact: the role of the enrolment code is the role of the person, unless the county said otherwise."""
    sender = connection.execute(_PERSON_AT, {"of": code, "at": number}).first()
    if sender is None or sender.roles is None or sender.roles == sender.role:
        return
    person = load_people(connection, code, only=sender.person)[0]
    if person.row.writer("roles").device != COUNTY_DEVICE:
        write_person(connection, code, person, {"roles": sender.role}, reason=_ENROLLED, clock=clock)
