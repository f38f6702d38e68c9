"""Who may grant and who may give formal numbers: the county lends both rights as signed rows (救助审批权, 记账权).

Both go to the first laptop of the 报账员, 救助审批权 to that of the 支书 if it is enrolled before: no office grants
by itself, a meeting does (CRELIEF-8), and the laptop that keeps its minutes commits the money.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from county_server.auth.identity import load_keys
from county_server.sync.known import load_net_income, load_relief
from county_server.sync.own_hand import write_as_county
from county_server.tables import device, village
from village_core.domain.clock import Clock, stamp, today
from village_core.domain.ids import derived_id
from village_core.domain.relief.grants import PoolStatus
from village_core.exchange.operations import Kind, Operation
from village_core.exchange.seats import (
    SEAT_TITLES,
    Lease,
    SeatKind,
    ever_held,
    find_seat,
    is_due_for_renewal,
    lease_terms,
    read_lease,
    sign_seat,
    standing_seats,
)
from village_core.exchange.values import Value, read_row
from village_core.records import Record

POSTING_ROLE = "报账员"
_FIRST_HOLDERS: Mapping[SeatKind, tuple[str, ...]] = {
    SeatKind.LEDGER: (POSTING_ROLE,),
    SeatKind.GRANT: (POSTING_ROLE, "支书"),
}
_SEAT = Record.metadata.tables["seat"]
# Built once, since every turn asks it.
_SEATS = select(_SEAT).where(_SEAT.c.village == bindparam("of")).order_by(_SEAT.c.epoch, _SEAT.c.id)


@dataclass(frozen=True)
class Share:
    """A part of a split 救助审批权. `allowance_fen`: what its groups may get in the year, what they got included."""

    device: int
    groups: tuple[str, ...]
    allowance_fen: int


class SeatKeeper:
    """Lends, renews and ends the rights of one village, in the caller's transaction. `write` puts it all down."""

    def __init__(self, connection: Connection, code: str, *, clock: Clock) -> None:
        self.connection = connection
        self._code = code
        self._clock = clock
        self._operations: list[tuple[str, Operation]] = []
        self._pool: PoolStatus | None = None
        self._rows = _load_rows(connection, code)
        self._leases: list[Lease] | None = None

    @property
    def leases(self) -> list[Lease]:
        """Every lease that there ever was, as they stand now."""
        if self._leases is None:
            self._leases = [read_lease(seat_id, values) for seat_id, values in self._rows.items()]
        return self._leases

    def standing(self, kind: SeatKind) -> tuple[Lease, ...]:
        return standing_seats(self.leases, kind)

    def holds(self, kind: SeatKind, number: int) -> bool:
        """Whether a device has the right now."""
        return find_seat(self.leases, kind, device=number) is not None

    def ever_held(self, kind: SeatKind, number: int) -> bool:
        """Whether a device has the right, or had it before somebody took over."""
        return ever_held(self.leases, kind, device=number)

    @property
    def pool(self) -> PoolStatus:
        """The money for relief of this year, as the county knows it."""
        if self._pool is None:
            self._pool = load_relief(self.connection, self._code).pool(today(self._clock).year)
        return self._pool

    # --- deeds

    def lend(self, kind: SeatKind, number: int) -> None:
        """Give the whole right to one device; whoever had it has it no longer."""
        epoch = self._begin_epoch(kind)
        figures = self._figures() if kind is SeatKind.GRANT else {}
        self._insert(kind, number, epoch, share=0, figures=figures, groups=())

    def split(self, shares: tuple[Share, ...]) -> None:
        """Give parts of 救助审批权 to several devices. That they fit into the pool was checked before."""
        epoch = self._begin_epoch(SeatKind.GRANT)
        for place, share in enumerate(shares):
            figures = {**self._figures(), "allowance_fen": share.allowance_fen}
            self._insert(SeatKind.GRANT, share.device, epoch, share=place, figures=figures, groups=share.groups)

    def end(self, lease: Lease) -> None:
        """Take a lease back; nobody has it until it is lent again."""
        self._update(lease.id, {"ended_at": stamp(self._clock)}, reason=f"县里收回{SEAT_TITLES[lease.kind]}")

    def lend_where_free(self, *, unless_ended: bool = False) -> None:
        """Give each right that nobody has to the first device whose role fits.

        `unless_ended`: a right that was taken back by hand stays with the county.
        """
        for kind, roles in _FIRST_HOLDERS.items():
            if self.standing(kind) or (unless_ended and any(one.kind is kind for one in self.leases)):
                continue
            first = self._first_device(roles)
            if first is not None:
                self.lend(kind, first)

    def renew(self, number: int) -> None:
        """At contact: prolong what this device holds when less than two thirds of the time are left.

        A whole 救助审批权 also follows the year and last year's net income, so that it says what binds its holder;
        the amounts of a share stay as they were split.
        """
        for kind in SeatKind:
            lease = find_seat(self.leases, kind, device=number)
            if lease is None:
                continue
            figures: dict[str, Value] = {}
            if kind is SeatKind.GRANT and not lease.is_share and self._is_outdated(lease):
                figures = self._figures()
            if figures or is_due_for_renewal(lease, today=today(self._clock)):
                values = {**figures, "valid_until": self._valid_until()}
                self._update(lease.id, values, reason=f"县里续借{SEAT_TITLES[kind]}")

    def write(self, *, counter: int | None = None) -> int:
        """Put it down. Returns the village's newest number, `counter` if nothing changes."""
        if not self._operations and counter is not None:
            return counter
        written = write_as_county(self.connection, self._code, self._operations, clock=self._clock)
        self._operations = []
        return written

    @property
    def has_changed(self) -> bool:
        return bool(self._operations)

    # --- parts

    def _begin_epoch(self, kind: SeatKind) -> int:
        for lease in self.standing(kind):
            self.end(lease)
        return max((lease.epoch for lease in self.leases if lease.kind is kind), default=0) + 1

    def _figures(self) -> dict[str, Value]:
        pool = self.pool
        left = pool.left_fen
        return {
            "year": pool.year,
            "net_income_fen": pool.net_income_fen,
            "cap_fen": pool.limit_fen,
            "allowance_fen": None if left is None else max(left, 0),
        }

    def _is_outdated(self, lease: Lease) -> bool:
        year = today(self._clock).year
        income = load_net_income(self.connection, self._code).get(year - 1)
        return (lease.year, lease.net_income_fen) != (year, income)

    def _valid_until(self) -> str:
        return (today(self._clock) + timedelta(days=lease_terms().validity_days)).isoformat()

    def _first_device(self, roles: tuple[str, ...]) -> int | None:
        return self.connection.scalar(
            select(device.c.number)
            .where(device.c.village == self._code, device.c.role.in_(roles), device.c.revoked.is_(False))
            .order_by(device.c.number)
            .limit(1)
        )

    def _insert(
        self,
        kind: SeatKind,
        number: int,
        epoch: int,
        *,
        share: int,
        figures: Mapping[str, Value],
        groups: tuple[str, ...],
    ) -> None:
        holder = self.connection.scalars(select(device.c.person_name).where(device.c.number == number)).one()
        counter = self.connection.scalars(select(village.c.counter).where(village.c.code == self._code)).one()
        seat_id = derived_id(self._code, "seat", kind.value, str(epoch), str(share))
        values: dict[str, Value] = {
            "kind": kind.value,
            "device": number,
            "holder": holder,
            "epoch": epoch,
            "lent_at": stamp(self._clock),
            "valid_until": self._valid_until(),
            "year": None,
            "net_income_fen": None,
            "cap_fen": None,
            "allowance_fen": None,
            **figures,
            "groups": json.dumps(list(groups), ensure_ascii=False),
            "counter": counter,
            "ended_at": None,
        }
        values["signature"] = self._sign(seat_id, values)
        self._rows[seat_id] = values
        self._leases = None
        operation = Operation(0, Kind.INSERT, _SEAT.name, seat_id, values)
        self._operations.append((f"县里借出{SEAT_TITLES[kind]}", operation))

    def _update(self, seat_id: UUID, changes: Mapping[str, Value], *, reason: str) -> None:
        values = {**self._rows[seat_id], **changes}
        values["signature"] = self._sign(seat_id, values)
        changed = {name: value for name, value in values.items() if value != self._rows[seat_id][name]}
        if not changed:
            return
        self._rows[seat_id] = values
        self._leases = None
        self._operations.append((reason, Operation(0, Kind.UPDATE, _SEAT.name, seat_id, changed)))

    def _sign(self, seat_id: UUID, values: Mapping[str, Value]) -> str:
        return sign_seat(load_keys(self.connection).signing, village=self._code, seat_id=seat_id, values=values)


def load_leases(connection: Connection, code: str) -> list[Lease]:
    """Every lease that there ever was in a village."""
    return [read_lease(seat_id, values) for seat_id, values in _load_rows(connection, code).items()]


def _load_rows(connection: Connection, code: str) -> dict[UUID, dict[str, Value]]:
    rows = connection.execute(_SEATS, {"of": code}).mappings()
    return {row["id"]: read_row(_SEAT, dict(row)) for row in rows}


@dataclass(frozen=True)
class SeatStanding:
    """What a device may do now, and what it could do once."""

    may_post: bool
    may_grant: bool
    had_posting: bool
    had_granting: bool


NO_SEATS = SeatStanding(may_post=False, may_grant=False, had_posting=False, had_granting=False)


def keep_seats(
    connection: Connection, code: str, number: int, *, clock: Clock, counter: int
) -> tuple[SeatStanding, int]:
    """At each contact of a device: lend what was never lent. The device's rights, and the village's newest number."""
    keeper = SeatKeeper(connection, code, clock=clock)
    keeper.lend_where_free(unless_ended=True)
    standing = SeatStanding(
        may_post=keeper.holds(SeatKind.LEDGER, number),
        may_grant=keeper.holds(SeatKind.GRANT, number),
        had_posting=keeper.ever_held(SeatKind.LEDGER, number),
        had_granting=keeper.ever_held(SeatKind.GRANT, number),
    )
    return standing, keeper.write(counter=counter)


def renew_seats(connection: Connection, code: str, number: int, *, clock: Clock) -> None:
    """Prolong what a device holds, after what it sent was taken in: the figures may have come with it."""
    keeper = SeatKeeper(connection, code, clock=clock)
    keeper.renew(number)
    keeper.write(counter=0)


def free_seats(connection: Connection, code: str, number: int, *, clock: Clock) -> None:
    """A device was taken out: what it held goes to the next one whose role fits."""
    keeper = SeatKeeper(connection, code, clock=clock)
    held = [lease for kind in SeatKind for lease in keeper.standing(kind) if lease.device == number]
    for lease in held:
        keeper.end(lease)
    if held:
        keeper.lend_where_free()
    keeper.write()
