"""The names of somebody who works here: the present one, and those from before, which go on counting."""

from __future__ import annotations

from collections.abc import Iterable

from village_core.domain.households.names import name_key

EARLIER_NAME = "原名"
"""Stands instead of a relation behind a name that the person himself had before."""

_MOST_EARLIER = 40
"""The oldest are kept: who changes his name without end shall not make the row endless."""

Relatives = tuple[tuple[str, str], ...]
"""Name and relation of each."""


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
