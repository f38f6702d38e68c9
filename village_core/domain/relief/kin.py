"""Who of the staff is of an applying household or near to it: by the household's people and by what each declared.

A name is a text that can be changed. So the names that somebody had before count as well as the present one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from village_core.domain.households.names import name_key
from village_core.domain.relief.facts import Kin
from village_core.domain.staff.names import EARLIER_NAME, Relatives, names_of

NAMESAKE = "同名"
"""Declared instead of a relation: that one only bears the same name."""

_NO_RELATIONS = frozenset({NAMESAKE, EARLIER_NAME})


@dataclass(frozen=True)
class Declared:
    """Somebody who works here, or did until `left_on`, with the near relatives that he declared.

    `earlier` are names that he had, beside those that stand among the relatives.
    """

    name: str
    relatives: Relatives
    left_on: date | None = None
    earlier: tuple[str, ...] = ()
    person: UUID | None = None


def find_kin(
    staff: Iterable[Declared], member_names: Collection[str], *, is_only_one: Callable[[str], bool]
) -> tuple[Kin, ...]:
    """`is_only_one`: whether just one person of the village bears a name."""
    members = {name_key(name): name.strip() for name in member_names if name.strip()}
    return tuple(kin for one in staff for kin in _kin_of(one, members, is_only_one))


def _kin_of(one: Declared, members: Mapping[str, str], is_only_one: Callable[[str], bool]) -> list[Kin]:
    name, *earlier = names_of(one.name, one.relatives, one.earlier)
    strangers = {name_key(relative) for relative, relation in one.relatives if relation == NAMESAKE}
    kin = []
    for own in (name, *earlier):
        if name_key(own) in members.keys() - strangers:
            relation = "申请户的人" if own == name else f"申请户的人（原名{own}）"
            certain = is_only_one(members[name_key(own)])
            kin.append(Kin(name, relation, certain, one.left_on, earlier=tuple(earlier), person=one.person))
    kin += [
        Kin(name, f"{relative}的{relation}", left_on=one.left_on, earlier=tuple(earlier), person=one.person)
        for relative, relation in one.relatives
        if name_key(relative) in members and relation not in _NO_RELATIONS and relative != name
    ]
    return kin


def loosened(before: Relatives, after: Relatives) -> tuple[str, ...]:
    """Names of whom a changed declaration frees its author: a line that is gone, or a 同名 that is new."""
    gone = [name for name, relation in before if relation != NAMESAKE and (name, relation) not in after]
    new = [name for name, relation in after if relation == NAMESAKE and (name, relation) not in before]
    return tuple(dict.fromkeys([*gone, *new]))
