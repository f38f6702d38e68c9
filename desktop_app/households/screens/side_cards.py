"""What other features show on a household's page, handed in by the window: households know nothing of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from desktop_app.shell.context import PageContext
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.card import Card
from village_core.domain.staff.rights import Right


class SideCard(Card):
    """A card on the page of a household, e.g. the help that it received."""

    def show_household(self, household_id: UUID) -> None:
        """Fetch and show what concerns this household; called whenever the page is opened or loaded again."""
        raise NotImplementedError


MarkReader = Callable[[Reader, UUID], str]
"""How far the last change of this household has come, in a few words; '' when nobody knows."""

SideCardMaker = Callable[[PageContext], SideCard]


@dataclass(frozen=True)
class HouseholdAction:
    """A button above a household's page that opens another page with `household_id`."""

    words: str
    page: str
    primary: bool = False
    needs: Right | None = None
