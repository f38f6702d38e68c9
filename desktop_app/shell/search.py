"""What the search box shows: hits that each feature's queries provide. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


@dataclass(frozen=True)
class SearchHit:
    """One line of the popup; `kind` is a short word before it (人, 户, 凭证, 救助)."""

    title: str
    kind: str
    page: str
    detail: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)


SearchProvider = Callable[["Reader", str, int], list[SearchHit]]
"""(reader, what was typed, at most so many) -> hits, the best first."""
