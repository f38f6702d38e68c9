"""Someone who waits for an exchange: sees how far it is, and may end it between two steps."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_WINDOW_SECONDS = 15.0
_FIRST_GUESS_AFTER = 0.5


class Phase(StrEnum):
    """What an exchange is at, in the words of the page 同步."""

    PUSHING = "送出"
    FIRST_LOAD = "首次下载"
    PULLING = "接收"
    PHOTOS = "照片"


@dataclass(frozen=True)
class Progress:
    """`done` and `total` in bytes of this phase (the total of what waits is a guess until it is packed); `speed` in
    bytes a second as measured on this line, 0 while nothing is known."""

    phase: Phase
    done: int
    total: int
    speed: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """At this speed; None while it is not known."""
        if self.speed <= 0:
            return None
        return max(0, self.total - self.done) / self.speed


@dataclass(frozen=True)
class Watch:
    """`check` raises to end the exchange; `progressed` is called whenever something has got through, `moved` with
    every few bytes, `waits` with the seconds until the next try and with None when it begins (all in the thread that
    exchanges)."""

    check: Callable[[], None] = lambda: None
    progressed: Callable[[], None] = lambda: None
    moved: Callable[[Progress], None] = lambda _progress: None
    waits: Callable[[float | None], None] = lambda _seconds: None


class Meter:
    """Makes `Progress` from the bytes that a line moves. `told` is whoever shows it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.told: Callable[[Progress], None] = lambda _progress: None
        self.alive: Callable[[], None] = lambda: None
        """Called while a large content moves: a slow line is no dead one."""
        self._now = now
        self._moves: deque[tuple[float, int]] = deque()
        self._begun = now()
        self._phase: Phase | None = None
        self._done = self._total = 0

    def begin(self, phase: Phase, *, total: int, done: int = 0) -> None:
        """From now on what moves is a part of this; `done` of `total` were there before. To be called again when
        more is known, e.g. after a cut."""
        self._phase, self._done, self._total = phase, done, max(total, done)
        self._tell()

    def end(self) -> None:
        """What moves from now on is talk."""
        self._phase = None

    def moved(self, count: int) -> None:
        now = self._now()
        self._moves.append((now, count))
        while self._moves[0][0] < now - _WINDOW_SECONDS:
            self._moves.popleft()
        if self._phase is not None:
            self.alive()
            self._done = min(self._done + count, self._total)
            self._tell()

    @property
    def speed(self) -> float:
        """Bytes a second over the last seconds, pauses included."""
        if not self._moves:
            return 0.0
        now = self._now()
        span = now - max(self._begun, now - _WINDOW_SECONDS)
        return sum(count for _, count in self._moves) / span if span >= _FIRST_GUESS_AFTER else 0.0

    def _tell(self) -> None:
        if self._phase is not None:
            self.told(Progress(self._phase, self._done, self._total, self.speed))
