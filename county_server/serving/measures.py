"""What the server tells Prometheus: requests, seconds, bytes, refusals, how the villages stand, the room for photos."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from county_server.sync.content_room import configured_limits, measure_room
from county_server.tables import device, newer_operation, village
from village_core.domain.clock import Clock, stamp_of
from village_core.exchange.messages import MAX_BLOB
from village_core.records.held import HeldChange

REQUESTS = Counter("tiangeng_requests", "Requests answered", ["path", "status"])
SECONDS = Histogram(
    "tiangeng_request_seconds",
    "Seconds from the first byte of a request to its answer",
    ["path"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120),
)
WORK_SECONDS = Histogram(
    "tiangeng_work_seconds",
    "Seconds of an exchange from admission to its answer, without the line",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
BYTES = Counter("tiangeng_bytes", "Bytes of bodies", ["direction"])
BUSY = Counter("tiangeng_busy", "Requests told to come again later")

_SILENT_DAYS = 30


class VillageCollector(Collector):
    """Gauges read from the database at the moment they are asked for."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: registering must not touch the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        before = stamp_of(self._clock.now() - timedelta(days=_SILENT_DAYS))
        with self._engine.connect() as connection:
            standing = ~device.c.revoked
            last_seen = (
                select(func.coalesce(func.max(device.c.last_seen_at), village.c.added_at).label("seen"))
                .select_from(village)
                .outerjoin(device, (device.c.village == village.c.code) & standing)
                .group_by(village.c.code, village.c.added_at)
                .subquery()
            )
            figures = {
                "villages": select(func.count()).select_from(village),
                "devices": select(func.count()).select_from(device).where(standing),
                "open_questions": select(func.count()).select_from(HeldChange).where(HeldChange.decision_id.is_(None)),
                "waiting_operations": select(func.count()).select_from(newer_operation),
                "silent_villages": select(func.count()).select_from(last_seen).where(last_seen.c.seen < before),
            }
            values = {name: connection.scalar(query) or 0 for name, query in figures.items()}
            room = measure_room(connection, configured_limits())
        values |= {"content_bytes": room.kept, "content_room_bytes": max(room.left_for(MAX_BLOB), 0)}
        for name, value in values.items():
            yield GaugeMetricFamily(f"tiangeng_{name}", _HELP[name], value=value)


_HELP = {
    "villages": "Villages registered",
    "devices": "Devices enrolled and not revoked",
    "open_questions": "Questions that wait for a person",
    "waiting_operations": "Operations kept raw until an upgrade of the county or until what was lost comes back",
    "silent_villages": f"Villages of which no device came by for {_SILENT_DAYS} days, or ever since they were added",
    "content_bytes": "What photos take in the database",
    "content_room_bytes": "How many bytes of original photos may still come, of all villages together",
}


def village_registry(engine: Engine, clock: Clock) -> CollectorRegistry:
    """A registry with the gauges of the villages; the counters of the workers are added by whoever serves it."""
    registry = CollectorRegistry()
    registry.register(VillageCollector(engine, clock))
    return registry
