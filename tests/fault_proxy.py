"""A bad line for tests: the benchmark's proxy, set before a county's address.

with bad_line(county_url, Faults(cut_both=60_000)) as line:
    laptop.workspace.set_state(COUNTY_URL, line.url)
    ...
    assert line.proxy.take().total < 600_000
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.fault_proxy import FaultProxy, Faults, Traffic, fault_proxy

__all__ = ["BadLine", "FaultProxy", "Faults", "Traffic", "bad_line", "fault_proxy"]


@dataclass(frozen=True)
class BadLine:
    """`url` is the county's address through the proxy; http or https as it was."""

    url: str
    proxy: FaultProxy


@contextmanager
def bad_line(url: str, faults: Faults | None = None) -> Iterator[BadLine]:
    """A proxy before the county at `url`. The host stays as it was, so that a certificate still fits."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    with fault_proxy((parts.hostname, parts.port), faults) as proxy:
        yield BadLine(f"{parts.scheme}://{parts.hostname}:{proxy.port}", proxy)
