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

NAMESAKE = "同名"
"""Declared instead of a relation: that one only bears the same name."""

EARLIER_NAME = "原名"
"""Stands instead of a relation behind a name that the person himself had before."""

_MOST_EARLIER = 40
"""The oldest are kept: who changes his name without end shall not make the row endless."""

_NO_RELATIONS = frozenset({NAMESAKE, EARLIER_NAME})

Relatives = tuple[tuple[str, str], ...]
"""Name and relation of each."""


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


def names_of(name: str, relatives: Relatives, earlier: Iterable[str] = ()) -> tuple[str, ...]:
    """The present name, then those from before."""
    written = (other for other, relation in relatives if relation == EARLIER_NAME)
    return tuple(dict.fromkeys(one.strip() for one in (name, *written, *earlier) if one.strip())) or ("",)


def with_earlier_name(relatives: Relatives, before: str, *, now: str) -> Relatives:
    """The declaration of somebody who has another name from now on. A name is one word in its line."""
    spelt = name_key(before)
    known = [name_key(name) for name, relation in relatives if relation == EARLIER_NAME]
    if not spelt or spelt == name_key(now) or spelt in known or len(known) >= _MOST_EARLIER:
        return relatives
    return (*relatives, (spelt, EARLIER_NAME))


def write_relatives(relatives: Relatives) -> str:
    """A line each, as it is stored."""
    return "\n".join(f"{name} {relation}" for name, relation in relatives)


def loosened(before: Relatives, after: Relatives) -> tuple[str, ...]:
    """Names of whom a changed declaration frees its author: a line that is gone, or a 同名 that is new."""
    gone = [name for name, relation in before if relation != NAMESAKE and (name, relation) not in after]
    new = [name for name, relation in after if relation == NAMESAKE and (name, relation) not in before]
    return tuple(dict.fromkeys([*gone, *new]))
