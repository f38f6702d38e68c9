"""What features tell the start page and the search, only to who may see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from desktop_app.storage.unit_of_work import Reader
from village_core.domain.staff.rights import Right

P = ParamSpec("P")
T = TypeVar("T")


def needing(
    right: Right, provider: Callable[Concatenate[Reader, P], T], *, otherwise: Callable[[], T]
) -> Callable[Concatenate[Reader, P], T]:
    """The provider for who has the right, nothing (`otherwise`) for who has not."""

    def ask(reader: Reader, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if reader.duties is not None and not reader.duties.may(right):
            return otherwise()
        return provider(reader, *args, **kwargs)

    return ask
