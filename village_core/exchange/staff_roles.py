"""The roles of the release, and which fields of a person belong to the county once there is one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from village_core.domain.staff.rights import RoleList, read_roles
from village_core.resources import read_json

COUNTY_FIELDS = frozenset({"roles", "may_combine_duties", "left_on"})
"""Of `staff_member`: written by the county only, as soon as it knows the person."""


@cache
def role_list() -> RoleList:
    """Who may do what, as data of the year."""
    return read_roles(read_json("roles", "roles_2026.json"))


def split_roles(text: str | None) -> tuple[str, ...]:
    """`报账员,文书` → ("报账员", "文书")."""
    return tuple(role for role in (text or "").split(",") if role)


def split_relatives(text: str | None) -> tuple[tuple[str, str], ...]:
    """Lines of `王建国 兄弟` as (name, relation); the relation may be missing."""
    lines: Iterable[list[str]] = (line.split(maxsplit=1) for line in (text or "").splitlines())
    return tuple((parts[0], parts[1] if len(parts) > 1 else "近亲属") for parts in lines if parts)
