"""How each village stands, for operators."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from county_server.auth.seats import load_leases
from county_server.sync.queries import count_by_verdict
from county_server.tables import county_digests, device, newer_operation, oplog, village
from village_core.exchange.digests import table_digests
from village_core.exchange.seats import SeatKind, find_seat
from village_core.records.held import HeldChange


@dataclass(frozen=True)
class DeviceStatus:
    number: int
    role: str
    person: str
    revoked: bool
    may_post: bool
    may_grant: bool
    enrolled_at: str
    last_sync: str | None


@dataclass(frozen=True)
class VillageStatus:
    """`operations`: everything in the log; `held`: questions that wait for a person; `waiting`: what newer laptops sent
    and this program cannot read yet, and what belongs to rows that were lost."""

    village: str
    name: str
    devices: list[DeviceStatus]
    last_sync: str | None
    operations: int
    held: int
    verdicts: dict[str, int]
    digests: dict[str, str]
    waiting: int


def list_villages(engine: Engine) -> list[VillageStatus]:
    with engine.connect() as connection:
        found: list[VillageStatus] = []
        for place in connection.execute(select(village).order_by(village.c.code)).all():
            rows = connection.execute(
                select(device).where(device.c.village == place.code).order_by(device.c.number)
            ).all()
            leases = load_leases(connection, place.code)
            devices = [
                DeviceStatus(
                    number=row.number,
                    role=row.role,
                    person=row.person_name,
                    revoked=row.revoked,
                    may_post=find_seat(leases, SeatKind.LEDGER, device=row.number) is not None,
                    may_grant=find_seat(leases, SeatKind.GRANT, device=row.number) is not None,
                    enrolled_at=row.enrolled_at,
                    last_sync=row.last_seen_at,
                )
                for row in rows
            ]
            operations = connection.scalar(select(func.count()).select_from(oplog).where(oplog.c.village == place.code))
            held = connection.scalar(
                select(func.count()).select_from(HeldChange).where(HeldChange.village == place.code)
            )
            waiting = connection.scalar(
                select(func.count()).select_from(newer_operation).where(newer_operation.c.village == place.code)
            )
            found.append(
                VillageStatus(
                    village=place.code,
                    name=place.name,
                    devices=devices,
                    last_sync=max((one.last_sync for one in devices if one.last_sync), default=None),
                    operations=operations or 0,
                    held=held or 0,
                    verdicts=count_by_verdict(connection, place.code),
                    digests=table_digests(connection, county_digests, village=place.code),
                    waiting=waiting or 0,
                )
            )
        return found
