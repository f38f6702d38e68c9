"""Who of the staff is of an applying household or near to it: by the household's people and by what each declared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from village_core.domain.relief.facts import Kin

NAMESAKE = "同名"
"""Declared instead of a relation: that one only bears the same name."""


def find_kin(
    staff: Iterable[tuple[str, tuple[tuple[str, str], ...]]],
    member_names: Collection[str],
    *,
    is_only_one: Callable[[str], bool],
) -> tuple[Kin, ...]:
    """`staff`: name and declared relatives of everybody who works here; `is_only_one`: whether just one person of the
    village bears a name."""
    members = {name.strip() for name in member_names if name.strip()}
    kin = []
    for name, relatives in staff:
        strangers = {relative for relative, relation in relatives if relation == NAMESAKE}
        if name in members and name not in strangers:
            kin.append(Kin(name, "申请户的人", certain=is_only_one(name)))
        kin += [
            Kin(name, f"{relative}的{relation}")
            for relative, relation in relatives
            if relative in members and relation != NAMESAKE and relative != name
        ]
    return tuple(kin)
