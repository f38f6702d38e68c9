"""What stands in the status bar besides 已保存: provided by sync and backup. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


@dataclass(frozen=True)
class StatusItem:
    """One phrase, e.g. `还有 12 条没送到县里`; a click opens `page`. Tones: plain, good, soon, bad."""

    text: str
    tone: str = "plain"
    page: str = ""
    right: bool = False
    order: int = 100


StatusProvider = Callable[["Reader"], list[StatusItem]]
