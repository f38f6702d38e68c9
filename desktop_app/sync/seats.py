"""Leases that arrived become rights of this laptop, if the county signed them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from desktop_app.storage.access_log import NewAccess, append_access
from desktop_app.storage.rights import MAY_POST, SEATS, Rights, write_leases
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state
from village_core.domain.clock import Clock, stamp
from village_core.domain.money import format_yuan
from village_core.exchange.messages import EnrolAnswer
from village_core.exchange.seats import (
    SEAT_TITLES,
    Lease,
    SeatKind,
    is_signed_seat,
    lease_terms,
    read_lease,
    standing_seats,
    until_words,
)
from village_core.exchange.values import read_row
from village_core.records import Record

_NO_ROW = UUID(int=0)
_SEAT = Record.metadata.tables["seat"]
_SEATS = select(_SEAT).where(_SEAT.c.village == bindparam("of"))

_DEEDS = {SeatKind.GRANT: "可以记同意救助的决议", SeatKind.LEDGER: "可以记正式凭证、付款"}
_WITHOUT = {SeatKind.GRANT: "这里能办别的步骤，决议到那台电脑上记。", SeatKind.LEDGER: "这里只写凭证草稿。"}
HAND_OVER = "要换一台电脑：两台都先同步，再请县里转过来。电脑丢了、坏了，县里也能直接转。"


def refresh_rights(connection: Connection, workspace: Workspace, *, arrived: bool, told: bool) -> None:
    """Read the rights anew from the rows of `seat`, in the transaction that took them in.

    A row without the county's signature gives no right to anybody; that one came is noted (`arrived`: rows came
    just now). `told` is what the answer itself says about posting: it counts only for a county that lends nothing.
    """
    village = workspace.village
    rows = connection.execute(_SEATS, {"of": village}).mappings().all()
    if not rows:
        state.write_state(connection, {MAY_POST: "1" if told else "0"})
        return
    link = state.read_link(connection)
    leases: list[Lease] = []
    for row in rows:
        values = read_row(_SEAT, dict(row))
        key = link.county_key if link else None
        if key is not None and is_signed_seat(key, village=village, seat_id=row["id"], values=values):
            leases.append(read_lease(row["id"], values))
        elif arrived:
            _note_unsigned(connection, str(row["kind"]), workspace.clock)
    standing = [lease for kind in SeatKind for lease in standing_seats(leases, kind)]
    own = link.device if link else 0
    posts = any(lease.kind is SeatKind.LEDGER and lease.device == own for lease in standing)
    state.write_state(connection, {MAY_POST: "1" if posts else "0", SEATS: write_leases(standing)})


@dataclass(frozen=True)
class RightLine:
    """Who has one of the rights, in words. `here`: this laptop; `trouble`: something should be done about it."""

    title: str
    words: str
    here: bool
    trouble: bool = False


def describe_rights(rights: Rights, today: date) -> list[RightLine]:
    """救助审批权 and 记账权: where each is, until when, and how far it reaches."""
    if rights.leases is None:
        words = "这台电脑可以记正式凭证、付款" if rights.may_post else "在另一台电脑上，这里只写凭证草稿"
        return [RightLine(SEAT_TITLES[SeatKind.LEDGER], words, rights.may_post)]
    lines = []
    for kind, deed in _DEEDS.items():
        held = rights.holders(kind)
        own = next((lease for lease in held if lease.device == rights.device), None)
        if own is None:
            where = f"在{rights.where(kind)}" if held else "还没有人持有，请县里借给一台电脑"
            lines.append(RightLine(SEAT_TITLES[kind], f"{where}。{_WITHOUT[kind]}", here=False, trouble=not held))
            continue
        lapsed = rights.is_lapsed(own, today)
        until = f"{until_words(own)}，同步时自动续" if not lapsed else f"{until_words(own)}，已经过了，请同步一次"
        share = f"只管{'、'.join(own.groups)}，{own.year}年共 {_yuan(own)} 元。" if own.is_share else ""
        lines.append(RightLine(SEAT_TITLES[kind], f"在这台电脑，{deed}。{share}{until}。", here=True, trouble=lapsed))
    return lines


def _yuan(lease: Lease) -> str:
    return format_yuan(lease.allowance_fen or 0)


def rights_at_enrolment(answer: EnrolAnswer, *, holder: str, clock: Clock) -> dict[str, str]:
    """What the answer to an enrolment says of rights, until the leases themselves arrive with the first exchange."""
    granting = [_provisional(answer, holder=holder, clock=clock)] if answer.may_grant else []
    return {MAY_POST: "1" if answer.may_post else "0", SEATS: write_leases(granting)}


def _provisional(answer: EnrolAnswer, *, holder: str, clock: Clock) -> Lease:
    today_here = clock.now().date()
    return Lease(
        id=_NO_ROW,
        kind=SeatKind.GRANT,
        device=answer.device,
        holder=holder,
        epoch=1,
        lent_at=stamp(clock),
        valid_until=today_here + timedelta(days=lease_terms().validity_days),
        year=None,
        net_income_fen=None,
        cap_fen=None,
        allowance_fen=None,
        groups=(),
        ended_at=None,
    )


def _note_unsigned(connection: Connection, kind: str, clock: Clock) -> None:
    title = SEAT_TITLES[SeatKind(kind)] if kind in set(SeatKind) else "一种权"
    new = NewAccess(
        actor="0" * 32,
        actor_name="县里",
        kind="refusal",
        subject=f"{title}的借据没有县里的签名",
        detail="这份借据不算数，这台电脑没有因此得到权。请联系县里的技术人员。",
    )
    append_access(connection, new, clock=clock)
