"""How often a device may come, and how long a stranger waits after wrong codes. Kept by each worker for itself.

In memory on purpose: strangers must not make the database write, and what N workers allow is at most N times as
much. Nothing here lets anybody in; it only sends away with the seconds to wait.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from county_server.problems import RequestRefusedError
from village_core.exchange.messages import ProblemKind

_REMEMBERED = 10_000


@dataclass(frozen=True)
class Allowance:
    """`burst` requests at once and `per_second` for ever from a device; `free` wrong codes from an address before
    each further one costs twice the wait of the one before, up to `longest` seconds, forgotten after `forgotten`."""

    burst: int = 1_500
    per_second: float = 60.0
    free: int = 5
    longest: float = 900.0
    forgotten: float = 3_600.0


@dataclass
class _Bucket:
    left: float
    at: float


@dataclass
class _Failures:
    count: int
    until: float
    at: float


class Patience:
    """Of one worker process. `now` counts seconds and only goes forward."""

    def __init__(self, allowance: Allowance | None = None, *, now: Callable[[], float] = time.monotonic) -> None:
        self._allowance = allowance or Allowance()
        self._now = now
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def take(self, device: int) -> None:
        """One request of a device that has shown who it is; refuses it when it comes too often."""
        now, allowed = self._now(), self._allowance
        bucket = self._buckets.setdefault(device, _Bucket(allowed.burst, now))
        self._buckets.move_to_end(device)
        _shorten(self._buckets)
        bucket.left = min(allowed.burst, bucket.left + (now - bucket.at) * allowed.per_second)
        bucket.at = now
        if bucket.left < 1:
            raise _come_again((1 - bucket.left) / allowed.per_second)
        bucket.left -= 1

    def check_stranger(self, address: str) -> None:
        """Before a code is looked at; refuses an address that has to wait."""
        known = self._failures.get(_network(address))
        if known is not None and known.until > self._now():
            raise _come_again(known.until - self._now())

    def note_wrong_code(self, address: str) -> None:
        """Another wrong code from there: the wait grows."""
        now, allowed = self._now(), self._allowance
        name = _network(address)
        known = self._failures.get(name)
        if known is None or now - known.at > allowed.forgotten:
            known = self._failures[name] = _Failures(0, now, now)
        self._failures.move_to_end(name)
        _shorten(self._failures)
        known.count += 1
        known.at = now
        if known.count > allowed.free:
            known.until = now + min(allowed.longest, 2.0 ** (known.count - allowed.free))


def _shorten(remembered: OrderedDict[int, _Bucket] | OrderedDict[str, _Failures]) -> None:
    while len(remembered) > _REMEMBERED:
        remembered.popitem(last=False)


def _network(address: str) -> str:
    """IPv6 gives everybody 64 bits of addresses to play with: those count as one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _come_again(seconds: float) -> RequestRefusedError:
    return RequestRefusedError(503, ProblemKind.BUSY, retry_after=max(1, round(seconds + 0.5)))
