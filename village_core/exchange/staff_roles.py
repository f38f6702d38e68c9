"""The roles of the release, and which fields of a person belong to the county once there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from village_core.domain.staff.rights import RoleList, read_roles
from village_core.exchange.merge import Row, Stamp
from village_core.exchange.operations import COUNTY_DEVICE, Operation
from village_core.exchange.values import Value
from village_core.resources import read_resource

STAFF = "staff_member"
_BARE: Mapping[str, Value] = {"roles": "", "may_combine_duties": False, "left_on": None}
"""Fields that the county alone writes as soon as it knows the person, as they are until it has."""
COUNTY_FIELDS = tuple(_BARE)


@cache
def role_list() -> RoleList:
    """Who may do what, as data of the year."""
    return read_resource(read_roles, "roles", "roles_2026.json")


def split_roles(text: str | None) -> tuple[str, ...]:
    """`报账员,文书` → ("报账员", "文书")."""
    return tuple(role for role in (text or "").split(",") if role)


def split_relatives(text: str | None) -> tuple[tuple[str, str], ...]:
    """Lines of `王建国 兄弟` as (name, relation); the relation may be missing."""
    lines: Iterable[list[str]] = (line.split(maxsplit=1) for line in (text or "").splitlines())
    return tuple((parts[0], parts[1].strip() if len(parts) > 1 else "近亲属") for parts in lines if parts)


def county_fields(operation: Operation, row: Row, *, stamp: Stamp, alone_until: int) -> frozenset[str]:
    """Fields of a standing row that no laptop may write: what it says of them is kept in the row's history only.

    What a laptop did to its own row before there was a county counts until the county has said something else.
    """
    if operation.table != STAFF:
        return frozenset()
    alone = operation.number <= alone_until and row.inserted.same_hand(stamp)
    return frozenset(name for name in _BARE if not alone or row.writer(name).device == COUNTY_DEVICE)


def without_roles(operation: Operation, *, alone_until: int) -> dict[str, Value]:
    """What has to stand instead, of a person whom an enrolled laptop lists: no roles until the county gives some."""
    if operation.table != STAFF or operation.number <= alone_until:
        return {}
    return {name: value for name, value in _BARE.items() if operation.values.get(name) != value}
