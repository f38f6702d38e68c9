"""Who may work now: so many requests at once, one a village, villages in turn; the rest is told when to come again.

Everyone comes back at once when the line of a county was down. Bodies are read before a place is asked for, so that
a slow line holds none.
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from county_server.problems import RequestRefusedError
from village_core.exchange.messages import ProblemKind

_SPREAD = 2.0
_SMOOTH = 0.1


@dataclass(frozen=True)
class Limits:
    """`running` at once in this process, `waiting` in all, `waiting_per_village` so that none fills the queue."""

    running: int = 8
    waiting: int = 200
    waiting_per_village: int = 3


class Gate:
    """Admission of one worker process. Not shared between event loops."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._busy: set[str] = set()
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._mean_seconds = 0.1
        self.refused = 0

    @property
    def running(self) -> int:
        return len(self._busy)

    @property
    def waiting(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    @asynccontextmanager
    async def place(self, village: str) -> AsyncIterator[None]:
        """Wait for a place; `RequestRefusedError` (503, with the seconds to wait) when too many wait already."""
        await self._enter(village)
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            yield
        finally:
            self._mean_seconds += _SMOOTH * (clock() - begun - self._mean_seconds)
            self._leave(village)

    async def _enter(self, village: str) -> None:
        if village not in self._busy and len(self._busy) < self._limits.running and not self._queues:
            self._busy.add(village)
            return
        queue = self._queues.get(village, deque())
        if self.waiting >= self._limits.waiting or len(queue) >= self._limits.waiting_per_village:
            self.refused += 1
            raise RequestRefusedError(503, ProblemKind.BUSY, retry_after=self._come_again())
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        self._queues[village] = queue
        self._call_next()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave(village)
            else:
                self._forget(village, turn)
            raise

    def _leave(self, village: str) -> None:
        self._busy.discard(village)
        self._call_next()

    def _call_next(self) -> None:
        """Give free places to villages that wait, the one that waited longest for its turn first."""
        for village in list(self._queues):
            if len(self._busy) >= self._limits.running:
                return
            if village in self._busy:
                continue
            queue = self._queues.pop(village)
            turn = queue.popleft()
            if queue:
                self._queues[village] = queue
            self._busy.add(village)
            turn.set_result(None)

    def _forget(self, village: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(village)
        if queue is not None and turn in queue:
            queue.remove(turn)
            if not queue:
                del self._queues[village]

    def _come_again(self) -> int:
        """Seconds until the queue should be shorter, spread so that not all come at the same moment."""
        drained = self._mean_seconds * self.waiting / self._limits.running
        return max(1, round(random.uniform(1.0, _SPREAD) * drained) + random.randint(1, 5))
