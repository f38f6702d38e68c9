"""What this laptop may do for the village: read from the leases whose signatures were checked when they arrived."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from desktop_app.storage.county_clock import SKEW_SECONDS
from village_core.exchange.change_log import device_state
from village_core.exchange.seats import (
    SEAT_TITLES,
    Lease,
    SeatKind,
    holders_words,
    is_lapsed,
    standing_seats,
)

MAY_POST = "rights.may_post"
SEATS = "rights.seats"
_DEVICE = "device"
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Rights:
    """A workspace without a county may do everything, and `leases` is None. So it is until the county has lent
    anything: then `leases` are those that count, of all laptops of the village."""

    device: int = 0
    may_post: bool = True
    leases: tuple[Lease, ...] | None = None
    skew_days: int = 0

    @property
    def may_grant(self) -> bool:
        """Whether 救助审批权, or a share of it, is here. Its date is asked apart: `is_lapsed`."""
        return self.leases is None or self.grant is not None

    @property
    def grant(self) -> Lease | None:
        """The lease under which this laptop grants."""
        return self._own(SeatKind.GRANT)

    @property
    def ledger(self) -> Lease | None:
        """The lease under which this laptop posts."""
        return self._own(SeatKind.LEDGER)

    def holders(self, kind: SeatKind) -> tuple[Lease, ...]:
        return standing_seats(self.leases or (), kind)

    def is_lent(self, kind: SeatKind) -> bool:
        """Whether any laptop of the village has it, as far as this one was told."""
        return self.leases is None or bool(self.holders(kind))

    def where(self, kind: SeatKind) -> str:
        """李琼仙的电脑（1 号）, of a right that is lent."""
        return holders_words(self.holders(kind)) or "另一台电脑"

    def whereabouts(self, kind: SeatKind) -> str:
        """记账权在李琼仙的电脑（1 号）."""
        return SEAT_TITLES[kind] + (f"在{self.where(kind)}" if self.is_lent(kind) else "还没有借给哪台电脑")

    def is_lapsed(self, lease: Lease, today: date) -> bool:
        """Whether a lease is over by its date; an error of the clock is in favour of the clerk."""
        return is_lapsed(lease, today=today, skew_days=self.skew_days)

    def _own(self, kind: SeatKind) -> Lease | None:
        return next((lease for lease in self.holders(kind) if lease.device == self.device), None)


def rights_of(session: Session) -> Rights:
    """The rights that the county last gave this laptop; all of them where there is no county."""
    keys = (MAY_POST, SEATS, _DEVICE, SKEW_SECONDS)
    query = select(device_state.c.key, device_state.c.value).where(device_state.c.key.in_(keys))
    known = dict(session.execute(query).all())
    return Rights(
        device=int(known.get(_DEVICE, "0")),
        may_post=known.get(MAY_POST) in (None, "1"),
        leases=read_leases(known[SEATS]) if SEATS in known else None,
        skew_days=int(known.get(SKEW_SECONDS, "0")) // _DAY_SECONDS,
    )


def write_leases(leases: Iterable[Lease]) -> str:
    """The leases that count, for `device_state`."""
    return json.dumps([_plain(lease) for lease in leases], ensure_ascii=False)


def read_leases(text: str) -> tuple[Lease, ...]:
    return tuple(_lease(one) for one in json.loads(text))


def _plain(lease: Lease) -> dict[str, Any]:
    return {**asdict(lease), "id": lease.id.hex, "valid_until": lease.valid_until.isoformat()}


def _lease(plain: dict[str, Any]) -> Lease:
    return Lease(
        **{
            **plain,
            "id": UUID(plain["id"]),
            "kind": SeatKind(plain["kind"]),
            "valid_until": date.fromisoformat(plain["valid_until"]),
            "groups": tuple(plain["groups"]),
        }
    )
