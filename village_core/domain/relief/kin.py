"""Who of the staff is of an applying household or near to it: by the household's people and by what each declared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date

from village_core.domain.relief.facts import Kin

NAMESAKE = "同名"
"""Declared instead of a relation: that one only bears the same name."""

Relatives = tuple[tuple[str, str], ...]
"""Name and relation of each."""


@dataclass(frozen=True)
class Declared:
    """Somebody who works here, or did until `left_on`, with the near relatives that he declared."""

    name: str
    relatives: Relatives
    left_on: date | None = None


def find_kin(
    staff: Iterable[Declared], member_names: Collection[str], *, is_only_one: Callable[[str], bool]
) -> tuple[Kin, ...]:
    """`is_only_one`: whether just one person of the village bears a name."""
    members = {name.strip() for name in member_names if name.strip()}
    kin = []
    for one in staff:
        name = one.name.strip()
        strangers = {relative for relative, relation in one.relatives if relation == NAMESAKE}
        if name in members and name not in strangers:
            kin.append(Kin(name, "申请户的人", certain=is_only_one(name), left_on=one.left_on))
        kin += [
            Kin(name, f"{relative}的{relation}", left_on=one.left_on)
            for relative, relation in one.relatives
            if relative in members and relation != NAMESAKE and relative != name
        ]
    return tuple(kin)


def loosened(before: Relatives, after: Relatives) -> tuple[str, ...]:
    """Names of whom a changed declaration frees its author: a line that is gone, or a 同名 that is new."""
    gone = [name for name, relation in before if relation != NAMESAKE and (name, relation) not in after]
    new = [name for name, relation in after if relation == NAMESAKE and (name, relation) not in before]
    return tuple(dict.fromkeys([*gone, *new]))
