"""Rights in tests: handed over at the county, as an operator does it."""

from __future__ import annotations

from county_server.admin.seats import take_over_seat
from tests.laptops import Laptop
from tests.workspaces import VILLAGE
from village_core.exchange.seats import SeatKind


def take_over(laptop: Laptop, *kinds: SeatKind) -> None:
    """The county gives the rights (both, unless said otherwise) to this laptop, which hears of it at its next sync."""
    for kind in kinds or tuple(SeatKind):
        take_over_seat(
            laptop.county.engine, VILLAGE, kind=kind, number=laptop.workspace.actor.device, clock=laptop.county.clock
        )
