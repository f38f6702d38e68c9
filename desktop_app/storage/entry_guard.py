"""Wrong tries at the door: after five a wait that grows, kept over a restart and a change of the clock.

The wait is counted by the machine's own monotonic clock. What is kept in the file is how long is left and what that
clock showed then; a clock that shows less since was started anew, and all it shows has passed since. The date plays
no part. Who deletes the file gets what somebody with a copy of the disk has anyway: tries at the price of Argon2id.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.storage.files import write_whole
from village_core.domain.errors import ProblemOutsideError

ENTRY_FILE = "entry.json"
FREE_TRIES = 5
WAITS = (60.0, 300.0, 900.0, 3600.0)
_KEPT_TRIES = 50
_RETELL_SECONDS = 5.0


class WaitError(ProblemOutsideError):
    """Too many wrong tries: `seconds` are left to wait."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"口令试错太多次，还要等{wait_words(seconds)}。",
            safe="资料没有动过，填了一半的也都在。",
            next_step="等一等再试；忘了口令，可请有权管人员的同事重设，或用封存的恢复钥匙。",
        )


@dataclass
class _Tally:
    wrong: int = 0
    wait: float = 0.0
    mark: float = 0.0
    last: str = ""
    tries: list[str] = field(default_factory=list)


class EntryGuard:
    """Counts for one folder. `monotonic` never goes back while the machine runs."""

    def __init__(self, folder: Path, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / ENTRY_FILE
        self._monotonic = monotonic

    @property
    def last_slot(self) -> str:
        """The slot that opened last: tried first."""
        return self._read().last

    @property
    def wrong(self) -> int:
        """Wrong tries since the last right one."""
        return self._read().wrong

    def remaining(self) -> float:
        """Seconds left to wait; what has passed is written down from time to time, so that a restart keeps it."""
        tally = self._read()
        if tally.wait <= 0:
            return 0.0
        now = self._monotonic()
        passed = now - tally.mark if now >= tally.mark else now
        left = max(0.0, tally.wait - passed)
        if passed >= _RETELL_SECONDS or left == 0 or now < tally.mark:
            tally.wait, tally.mark = left, now
            self._write(tally)
        return left

    def check(self) -> None:
        """Raises `WaitError` while there is something to wait for."""
        if (left := self.remaining()) > 0:
            raise WaitError(left)

    def note_wrong(self) -> float:
        """A wrong try; returns the seconds to wait from now on."""
        tally = self._read()
        tally.wrong += 1
        tally.tries = [*tally.tries, datetime.now(UTC).isoformat(timespec="seconds")][-_KEPT_TRIES:]
        if tally.wrong >= FREE_TRIES:
            tally.wait = WAITS[min(tally.wrong - FREE_TRIES, len(WAITS) - 1)]
            tally.mark = self._monotonic()
        self._write(tally)
        return tally.wait

    def note_right(self, slot: str) -> list[str]:
        """The right one at last: tells when the wrong ones were, for the journal, and forgets them."""
        tally = self._read()
        told = tally.tries
        if tally.wrong or tally.tries or tally.last != slot:
            self._write(_Tally(last=slot))
        return told

    def _read(self) -> _Tally:
        try:
            plain = json.loads(self._path.read_bytes())
            return _Tally(
                wrong=int(plain["wrong"]),
                wait=min(float(plain["wait"]), WAITS[-1]),
                mark=float(plain["mark"]),
                last=str(plain["last"]),
                tries=[str(one) for one in plain["tries"]],
            )
        except FileNotFoundError:
            return _Tally()
        except (OSError, ValueError, KeyError, TypeError):
            return _Tally()

    def _write(self, tally: _Tally) -> None:
        """A folder that takes nothing must not keep the right person out."""
        try:
            write_whole(self._path, json.dumps(asdict(tally)).encode())
        except ProblemOutsideError:
            return


def wait_words(seconds: float) -> str:
    """3 分 20 秒, with a blank before it."""
    whole = max(1, round(seconds))
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return f" {rest} 秒"
    return f" {minutes} 分 {rest} 秒" if rest else f" {minutes} 分钟"


def tries_words(wrong: int) -> str:
    """How many tries are left before a wait."""
    left = FREE_TRIES - wrong
    return f"再错 {left} 次要等一会儿。" if 0 < left < FREE_TRIES else ""
