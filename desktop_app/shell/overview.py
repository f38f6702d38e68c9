"""What the start page shows beside the due items: numbers and small charts, from the features. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


@dataclass(frozen=True)
class Figure:
    """One number of 全村; `order` puts it among those of other features; a click opens `page`."""

    value: str
    label: str
    order: int = 100
    page: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Bar:
    """One bar; `value` sets its length, `text` is what stands at its end.

    `tone` is one of `accent`, `accent_mid`, `accent_pale`, `soon`, `bad`, `quiet`.
    """

    label: str
    value: int
    text: str
    tone: str = "accent"


@dataclass(frozen=True)
class Chart:
    """Bars under a sentence that says what is to be seen in them."""

    sentence: str
    bars: tuple[Bar, ...]
    order: int = 100


@dataclass(frozen=True)
class Overview:
    """What one feature tells of the village."""

    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()


OverviewProvider = Callable[["Reader"], Overview]
