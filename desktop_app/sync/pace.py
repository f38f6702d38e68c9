"""How much of a content goes into one request, and whether this line is good enough for originals.

A request should take a few seconds: long enough that its turn costs little, short enough that an edit made meanwhile
does not wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from desktop_app.sync import state
from desktop_app.sync.transport import Line
from desktop_app.sync.words import LineError
from village_core.domain.clock import Clock
from village_core.exchange.chunks import CHUNK_BYTES
from village_core.exchange.contents import LONGEST_SPAN

_SECONDS = 6.0
_FIRST_CHUNKS = 4
_LEAST_CHUNKS = 2
GOOD_LINE = 100_000
"""Bytes a second: a photo of 3 MB in half a minute. From there on a line counts as an office's."""
_KNOWN_FOR = 3600
_STRETCH_SECONDS = 120.0
"""After that long the exchange ends, so that what others did comes in and is shown; contents go on in the next."""


class Pace:
    """Measures the line of one exchange; `known` is the laptop's state, with the speed measured last."""

    def __init__(self, line: Line, clock: Clock, known: Mapping[str, str]) -> None:
        self._line = line
        self._clock = clock
        self._any_line = known.get(state.ORIGINALS) == state.ORIGINALS_ANY_LINE
        self._speed = float(known.get(state.CONTENT_SPEED, "0"))
        measured_at = float(known.get(state.CONTENT_MEASURED_AT, "-inf"))
        self._fresh = 0 <= clock.now().timestamp() - measured_at < _KNOWN_FOR
        self._measured = False
        self._turn_seconds = 0.0
        self._begun = line.now()

    @property
    def chunks(self) -> int:
        """Chunks for the next request."""
        if not self._speed:
            return _FIRST_CHUNKS
        return max(_LEAST_CHUNKS, min(LONGEST_SPAN, int(self._speed * _SECONDS / CHUNK_BYTES)))

    @property
    def originals_may_go(self) -> bool:
        """On any line if a person said so; otherwise on a good one. A line not measured for an hour gets a try."""
        if self._any_line or not (self._measured or self._fresh):
            return True
        return self._speed >= GOOD_LINE

    @property
    def time_is_up(self) -> bool:
        """Whether contents had their time, or the next request would probably not end in what the exchange has left."""
        if self._line.deadline is None:
            return False
        if self._line.now() - self._begun >= _STRETCH_SECONDS:
            return True
        expected = self.chunks * CHUNK_BYTES / self._speed if self._speed else 0.0
        return self._line.now() + expected >= self._line.deadline

    @contextmanager
    def measured(self, size: int) -> Iterator[None]:
        """Measure a request with a body of `size` bytes, or an answer as large as what came down.

        What a turn takes without a body is no fault of the line's width: a short request shows it.
        """
        begun, before, sent = self._line.now(), self._line.bytes_down, self._line.bytes_up
        try:
            yield
        except LineError:
            self._learn_from_cut(self._line.now() - begun, self._line.bytes_up - sent + self._line.bytes_down - before)
            raise
        seconds = max(self._line.now() - begun, 1e-3)
        moved = max(size, self._line.bytes_down - before)
        if moved >= CHUNK_BYTES:
            self._speed = moved / max(seconds - self._turn_seconds, seconds / 10)
            self._measured = True
        else:
            self._turn_seconds = min(self._turn_seconds, seconds) if self._turn_seconds else seconds

    def _learn_from_cut(self, seconds: float, moved: int) -> None:
        """A request that took too long was too large for this line."""
        if seconds > _SECONDS:
            self._speed = max(1.0, min(self._speed or GOOD_LINE, moved / seconds))
            self._measured = True

    def news(self) -> dict[str, str]:
        """What to remember of this exchange."""
        if not self._measured:
            return {}
        return {
            state.CONTENT_SPEED: str(round(self._speed)),
            state.CONTENT_MEASURED_AT: str(round(self._clock.now().timestamp())),
        }
