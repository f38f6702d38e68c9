"""Admission: so many at once, one a village, villages in turn, the rest is told when to come again."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import pytest

from county_server.problems import RequestRefusedError
from county_server.serving.admission import Gate, Limits


def run(story: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 10))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Visitor:
    """Asks for a place and keeps it until told to go."""

    def __init__(self, gate: Gate, village: str, arrived: list[str]) -> None:
        self.go = asyncio.Event()
        self.task = asyncio.create_task(self._visit(gate, village, arrived))

    async def _visit(self, gate: Gate, village: str, arrived: list[str]) -> None:
        async with gate.place(village):
            arrived.append(village)
            await self.go.wait()


def test_one_village_never_takes_more_than_one_place() -> None:
    async def story() -> None:
        gate, arrived = Gate(Limits(running=4)), list[str]()
        visitors = [Visitor(gate, "a", arrived) for _ in range(3)]
        visitors.append(Visitor(gate, "b", arrived))
        await settle()
        assert sorted(arrived) == ["a", "b"]
        for visitor in visitors:
            visitor.go.set()
        await asyncio.gather(*(one.task for one in visitors))
        assert sorted(arrived) == ["a", "a", "a", "b"]
        assert (gate.running, gate.waiting) == (0, 0)

    run(story())


def test_villages_take_turns_however_many_requests_one_of_them_sends() -> None:
    async def story() -> None:
        gate, arrived = Gate(Limits(running=1)), list[str]()
        visitors = [Visitor(gate, name, arrived) for name in ("a", "a", "a", "b", "c")]
        await settle()
        for visitor in visitors:
            visitor.go.set()
        await asyncio.gather(*(one.task for one in visitors))
        assert arrived == ["a", "a", "b", "c", "a"]

    run(story())


def test_who_finds_the_queue_full_is_told_when_to_come_again() -> None:
    async def story() -> None:
        gate, arrived = Gate(Limits(running=1, waiting=2, waiting_per_village=1)), list[str]()
        visitors = [Visitor(gate, name, arrived) for name in ("a", "b", "c")]
        await settle()
        for village in ("b", "d"):
            with pytest.raises(RequestRefusedError) as refusal:
                async with gate.place(village):
                    raise AssertionError("no place")
            assert refusal.value.status == 503
            assert refusal.value.retry_after is not None
            assert refusal.value.retry_after >= 1
        assert gate.refused == 2
        for visitor in visitors:
            visitor.go.set()
        await asyncio.gather(*(one.task for one in visitors))

    run(story())


def test_a_laptop_that_hangs_up_while_it_waits_leaves_no_place_behind() -> None:
    async def story() -> None:
        gate, arrived = Gate(Limits(running=1)), list[str]()
        first, second, third = (Visitor(gate, name, arrived) for name in ("a", "b", "c"))
        await settle()
        second.task.cancel()
        first.go.set()
        await settle()
        third.task.cancel()
        await asyncio.gather(*(one.task for one in (first, second, third)), return_exceptions=True)
        assert (gate.running, gate.waiting) == (0, 0)
        async with gate.place("d"):
            pass

    run(story())
