"""Leases of a village's rights (救助审批权, 记账权): what the county signs, which one counts, and how far it reaches.

Pure: rows in, answers out. The county writes the rows (`county_server/seats`), the laptops read them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from nacl.signing import SigningKey, VerifyKey

from village_core.domain.calendar import chinese_date
from village_core.domain.money import format_yuan
from village_core.exchange.batches import verify
from village_core.exchange.values import Value
from village_core.resources import read_resource

_CONTEXT = b"tiangeng seat 1\0"
_SIGNED = (
    "kind",
    "device",
    "holder",
    "epoch",
    "lent_at",
    "valid_until",
    "year",
    "net_income_fen",
    "cap_fen",
    "allowance_fen",
    "groups",
    "counter",
    "ended_at",
)


class SeatKind(StrEnum):
    """`Seat.kind`."""

    GRANT = "grant"
    LEDGER = "ledger"


SEAT_TITLES: Mapping[SeatKind, str] = {SeatKind.GRANT: "救助审批权", SeatKind.LEDGER: "记账权"}


@dataclass(frozen=True)
class Lease:
    """A row of `seat`. `groups` empty: the whole village. Amounts in 分; `allowance_fen` see `share_problem`."""

    id: UUID
    kind: SeatKind
    device: int
    holder: str
    epoch: int
    lent_at: str
    valid_until: date
    year: int | None
    net_income_fen: int | None
    cap_fen: int | None
    allowance_fen: int | None
    groups: tuple[str, ...]
    ended_at: str | None

    @property
    def is_share(self) -> bool:
        """One of several leases of a right that was split."""
        return bool(self.groups)


@dataclass(frozen=True)
class LeaseTerms:
    """Our choice of periods, in days; data of the release."""

    validity_days: int
    grace_days: int
    renew_below: Fraction


@cache
def lease_terms() -> LeaseTerms:
    """The periods for which a right is lent."""
    return read_resource(
        lambda data: LeaseTerms(data["validity_days"], data["grace_days"], Fraction(data["renew_below"])),
        "sync",
        "seats.json",
    )


def sign_seat(key: SigningKey, *, village: str, seat_id: UUID, values: Mapping[str, Value]) -> str:
    """The county's signature over a row, in hex."""
    return bytes(key.sign(_content(village, seat_id, values)).signature).hex()


def is_signed_seat(key: VerifyKey, *, village: str, seat_id: UUID, values: Mapping[str, Value]) -> bool:
    """Whether a row is word for word what the county signed."""
    try:
        signature = bytes.fromhex(str(values.get("signature", "")))
    except ValueError:
        return False
    return verify(key, _content(village, seat_id, values), signature)


def _content(village: str, seat_id: UUID, values: Mapping[str, Value]) -> bytes:
    return _CONTEXT + msgspec.msgpack.encode([village, seat_id.bytes, *(values.get(name) for name in _SIGNED)])


def read_lease(seat_id: UUID, values: Mapping[str, Any]) -> Lease:
    """A row as a lease. What no county would write raises ValueError, TypeError or KeyError."""
    return Lease(
        id=seat_id,
        kind=SeatKind(values["kind"]),
        device=values["device"],
        holder=values["holder"],
        epoch=values["epoch"],
        lent_at=values["lent_at"],
        valid_until=date.fromisoformat(values["valid_until"]),
        year=values["year"],
        net_income_fen=values["net_income_fen"],
        cap_fen=values["cap_fen"],
        allowance_fen=values["allowance_fen"],
        groups=tuple(str(one) for one in json.loads(values["groups"])),
        ended_at=values["ended_at"],
    )


def standing_seats(leases: Iterable[Lease], kind: SeatKind) -> tuple[Lease, ...]:
    """The leases of a right that count: those of the newest epoch, unless ended. More than one: it was split."""
    ours = [lease for lease in leases if lease.kind is kind]
    newest = max((lease.epoch for lease in ours), default=0)
    standing = [lease for lease in ours if lease.epoch == newest and lease.ended_at is None]
    return tuple(sorted(standing, key=lambda lease: (lease.device, lease.id)))


def find_seat(leases: Iterable[Lease], kind: SeatKind, *, device: int) -> Lease | None:
    """The lease under which this device has the right, None when it has not."""
    return next((lease for lease in standing_seats(leases, kind) if lease.device == device), None)


def ever_held(leases: Iterable[Lease], kind: SeatKind, *, device: int) -> bool:
    """Whether the device has or once had the right: what it did then is kept and sorted in, not held back."""
    return any(lease.kind is kind and lease.device == device for lease in leases)


def is_lapsed(lease: Lease, *, today: date, skew_days: int = 0) -> bool:
    """Whether a lease is over by its date, on a laptop whose clock may be wrong.

    `skew_days` is how far the laptop's clock was ahead of the county's at the last contact (negative: behind). The
    earlier of both dates counts, and a time of grace comes on top, so that an error is always in favour of the
    clerk; a clock that stands in the past never ends a lease. Nothing is remembered: when a clock that had jumped
    is set right, or at the next contact, the right is there again. A lapsed 记账权 only warns, since a number that
    was given twice can be given anew; a lapsed 救助审批权 stops, since money that was paid cannot.
    """
    believed = today.toordinal() - max(skew_days, 0)
    return believed > (lease.valid_until + timedelta(days=lease_terms().grace_days)).toordinal()


def is_due_for_renewal(lease: Lease, *, today: date) -> bool:
    """Less than two thirds of the period are left."""
    terms = lease_terms()
    return (lease.valid_until - today).days < terms.validity_days * terms.renew_below


def share_problem(
    lease: Lease, *, group_name: str, granted_fen: int, amount_fen: int, year: int
) -> tuple[str, str] | None:
    """Why a grant does not fit into a split right: what is wrong and what to do; None when it fits.

    The `allowance_fen` of a share is what the households of its groups may get in its year altogether, what they
    got before the split included: `granted_fen` can then be counted from the facts, without asking a clock. The
    shares together never exceed the limit. A right that was not split is bound by the pool itself (CRELIEF-5).
    """
    if not lease.is_share:
        return None
    if group_name not in lease.groups:
        shown = "、".join(lease.groups)
        where = f"“{group_name}”" if group_name else "没有填组的户"
        return (
            f"这台电脑的救助审批权只管{shown}，{where}不归它办。",
            "请在管这个组的那台电脑上办，或请县里重新分。",
        )
    if lease.year != year:
        return (
            f"这台电脑分到的救助额度是{lease.year}年的，不能用来办{year}年的救助。",
            "请先同步，请县里分今年的额度。",
        )
    allowed = lease.allowance_fen or 0
    if granted_fen + amount_fen > allowed:
        what = (
            f"这台电脑管的组{year}年分到 {format_yuan(allowed)} 元，已定已发 {format_yuan(granted_fen)} 元，"
            f"还剩 {format_yuan(max(allowed - granted_fen, 0))} 元，不够这一户的 {format_yuan(amount_fen)} 元。"
        )
        return what, "请先同步，请县里重新分额度。"
    return None


def holders_words(leases: Collection[Lease]) -> str:
    """李琼仙的电脑（1 号）; with its groups where the right was split; '' when nobody has it."""
    return "；".join(_holder_words(lease) for lease in leases)


def _holder_words(lease: Lease) -> str:
    groups = f"，管{'、'.join(lease.groups)}" if lease.groups else ""
    return f"{lease.holder or '没有写名字'}的电脑（{lease.device} 号{groups}）"


def until_words(lease: Lease) -> str:
    """到 2027年5月21日."""
    return f"到{chinese_date(lease.valid_until)}"
