"""Scenario 2 with real processes: the line is cut behind every 1 KB of a village's exchange, up and down."""

from __future__ import annotations

import random

from sqlalchemy import func, select

from desktop_app.storage.unit_of_work import UnitOfWork
from tests.fault_proxy import Faults
from tests.laptops import Laptop, LaptopMaker
from tests.real_county import RealCounty, RealLaptop
from village_core.domain.ids import new_id
from village_core.records.households import Household

ROWS, NOTE_BYTES = 28, 500
WHOLE = 15_000
"""About so many bytes is one transaction of these rows on its way; what is so large travels in pieces."""


class Watching(RealLaptop):
    """After each cut somebody looks whether a transaction is there in part, at the county or on the laptop."""

    cuts = 0
    further = 0
    """So many bytes more every connection carries than the one before; 0 leaves the line as it is."""

    def between_tries(self, _seconds: float) -> None:
        self.cuts += 1
        if self.further:
            limit = self.cuts * self.further
            self.real_county.line.faults = Faults(cut_up=limit, cut_down=limit)
        assert len(self.all(Household)) % ROWS == 0
        assert count_at_county(self.real_county) % ROWS == 0


def add_much(laptop: Laptop, mark: int) -> None:
    """One transaction that does not compress well."""
    rng = random.Random(mark)

    def deed(uow: UnitOfWork) -> None:
        uow.session.add_all(
            Household(village=uow.village, id=new_id(), number=f"{mark}-{number}", note=rng.randbytes(NOTE_BYTES).hex())
            for number in range(ROWS)
        )

    laptop.do(deed)


def count_at_county(county: RealCounty) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Household)) or 0


def test_a_cut_behind_any_kilobyte_costs_little_and_shows_nothing_half(
    real_county: RealCounty, make_laptop: LaptopMaker
) -> None:
    made = [real_county.laptop(make_laptop) for _ in range(2)]
    sender, receiver = (Watching(laptop.workspace, real_county) for laptop in made)
    sender.sync()
    receiver.sync()
    line = real_county.line
    steps = range(0, WHOLE, 1_000)
    for number, cut in enumerate(steps):
        add_much(sender, number)
        line.take()
        line.faults = Faults(cut_up=cut, connections=1)
        sent = sender.sync()
        up = line.take()
        line.faults = Faults(cut_down=cut, connections=1)
        received = receiver.sync()
        down = line.take()

        assert (sent.sent, sent.equal) == (ROWS, True)
        assert (received.received, received.equal) == (ROWS, True)
        assert up.up <= 1.5 * WHOLE
        assert down.down <= 1.5 * WHOLE
        assert (up.cuts, down.cuts) == (1, 1), "the exchange was over before the line could be cut there"
    assert min(sender.cuts, receiver.cuts) >= len(steps) - 2

    for number in range(100, 107):
        add_much(sender, number)
    for laptop in (sender, receiver):
        laptop.cuts, laptop.further = 0, 1_000
        line.faults = Faults(cut_up=0)
        line.take()
        assert laptop.sync().equal
        traffic = line.take()
        # A kept connection that is gone is tried once more at once: the line counts that, the pauses do not.
        assert traffic.cuts >= laptop.cuts >= 12, "each connection was cut 1 KB later than the one before"
        assert traffic.total <= 1.5 * 7 * WHOLE
    assert len(receiver.all(Household)) == count_at_county(real_county) == ROWS * (len(steps) + 7)
