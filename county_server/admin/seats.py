"""What an operator does with the rights of a village: lend, hand over, take back, split, list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from county_server.auth.seats import SeatKeeper, Share
from county_server.engine import writing
from county_server.sync.known import load_relief
from county_server.tables import device, village
from village_core.domain.clock import Clock, today
from village_core.domain.errors import RefusedError
from village_core.domain.money import format_yuan
from village_core.exchange.seats import SEAT_TITLES, Lease, SeatKind, holders_words, is_lapsed

_UNCHANGED = "没有改动。"


@dataclass(frozen=True)
class SeatStatus:
    """A right that somebody holds. Amounts in 分; `device` None: nobody has it."""

    kind: str
    title: str
    device: int | None
    holder: str
    epoch: int
    valid_until: str
    lapsed: bool
    year: int | None
    allowance_fen: int | None
    groups: list[str]


def list_seats(engine: Engine, code: str, *, clock: Clock) -> list[SeatStatus]:
    """Who holds which right of a village now."""
    with engine.connect() as connection:
        _require_village(connection, code)
        keeper = SeatKeeper(connection, code, clock=clock)
        return [status for kind in SeatKind for status in _statuses(keeper, kind, clock)]


def lend_seat(engine: Engine, code: str, *, kind: SeatKind, number: int, clock: Clock) -> None:
    """Lend a right that nobody holds. Refuses while another laptop may still use it."""
    with _keeper(engine, code, clock) as keeper:
        _require_device(keeper, code, number)
        standing = [one for one in keeper.standing(kind) if not is_lapsed(one, today=today(clock))]
        if standing:
            raise RefusedError(
                f"{SEAT_TITLES[kind]}现在在{holders_words(standing)}。",
                safe=_UNCHANGED,
                next_step="那台电脑还在用时，请先和它同步；丢了、坏了，用 tiangeng-county seat take-over 转过来。",
            )
        keeper.lend(kind, number)


def take_over_seat(engine: Engine, code: str, *, kind: SeatKind, number: int, clock: Clock) -> None:
    """Give a right to a device at once. What the former holder still does is kept, and sorted in when it comes."""
    with _keeper(engine, code, clock) as keeper:
        _require_device(keeper, code, number)
        keeper.lend(kind, number)


def end_seat(engine: Engine, code: str, *, kind: SeatKind, clock: Clock) -> None:
    """Take a right back to the county; nobody has it until it is lent again."""
    with _keeper(engine, code, clock) as keeper:
        standing = keeper.standing(kind)
        if not standing:
            raise RefusedError(f"{SEAT_TITLES[kind]}现在没有人持有。", safe=_UNCHANGED, next_step="不用再收回。")
        for lease in standing:
            keeper.end(lease)


def split_grant_seat(engine: Engine, code: str, *, shares: Sequence[Share], clock: Clock) -> None:
    """Let several laptops grant, each for its own groups and up to its own amount; together not over the limit."""
    with _keeper(engine, code, clock) as keeper:
        for share in shares:
            _require_device(keeper, code, share.device)
        _check_shares(keeper.connection, code, shares, clock=clock)
        keeper.split(tuple(shares))


def parse_kind(text: str) -> SeatKind:
    """`grant`, `ledger` or the Chinese name."""
    for kind, title in SEAT_TITLES.items():
        if text in (kind.value, title):
            return kind
    raise RefusedError(f"没有“{text}”这种权。", next_step="请写 救助审批权 或 记账权。")


def parse_share(text: str) -> Share:
    """`2=大平地,小河边:3000` → device 2, two groups, 3,000 元."""
    number, _, rest = text.partition("=")
    groups, _, yuan = rest.replace("：", ":").rpartition(":")
    names = tuple(name.strip() for name in groups.replace("，", ",").split(",") if name.strip())
    if not number.strip().isdigit() or not names or not yuan.strip().isdigit():
        raise RefusedError(
            f"看不懂“{text}”。", safe=_UNCHANGED, next_step="请写成 电脑编号=组,组:元，例如 2=大平地,小河边:3000。"
        )
    return Share(int(number), names, int(yuan) * 100)


def _check_shares(connection: Connection, code: str, shares: Sequence[Share], *, clock: Clock) -> None:
    year = today(clock).year
    relief = load_relief(connection, code)
    pool, granted = relief.pool(year), relief.granted_by_group(year)
    if pool.limit_fen is None:
        raise RefusedError(
            f"县里还没有这个村{year - 1}年的集体经济纯收入，算不出限额，不能分。",
            safe=_UNCHANGED,
            next_step="请村里在“设置—村情”填上，同步以后再分。",
        )
    named = [group for share in shares for group in share.groups]
    twice = sorted({group for group in named if named.count(group) > 1})
    if twice or len({share.device for share in shares}) < len(shares):
        what = f"{'、'.join(twice)}分给了两台电脑。" if twice else "同一台电脑写了两次。"
        raise RefusedError(what, safe=_UNCHANGED, next_step="每个组、每台电脑只能出现一次。")
    for share in shares:
        already = sum(granted.get(group, 0) for group in share.groups)
        if share.allowance_fen < already:
            raise RefusedError(
                f"{'、'.join(share.groups)}今年已定已发 {format_yuan(already)} 元，比分给它的多。",
                safe=_UNCHANGED,
                next_step="额度要包括已定已发的。",
            )
    elsewhere = sum(amount for group, amount in granted.items() if group not in named)
    together = sum(share.allowance_fen for share in shares) + elsewhere
    if together > pool.limit_fen:
        raise RefusedError(
            f"分出去的额度合起来 {format_yuan(together)} 元，{year}年的限额是 {format_yuan(pool.limit_fen)} 元。",
            safe=_UNCHANGED,
            next_step="请把额度改小。",
        )


@contextmanager
def _keeper(engine: Engine, code: str, clock: Clock) -> Iterator[SeatKeeper]:
    with writing(engine) as connection:
        _require_village(connection, code)
        keeper = SeatKeeper(connection, code, clock=clock)
        yield keeper
        keeper.write()


def _require_village(connection: Connection, code: str) -> None:
    if connection.scalar(select(village.c.code).where(village.c.code == code).with_for_update()) is None:
        raise RefusedError(f"还没有登记 {code} 这个村。", next_step="请先用 tiangeng-county village add 登记这个村。")


def _require_device(keeper: SeatKeeper, code: str, number: int) -> None:
    row = keeper.connection.execute(select(device.c.village, device.c.revoked).where(device.c.number == number)).first()
    if row is None or row.village != code or row.revoked:
        raise RefusedError(
            f"这个村没有在用的 {number} 号电脑。",
            safe=_UNCHANGED,
            next_step="请用 tiangeng-county status 查看电脑编号。",
        )


def _statuses(keeper: SeatKeeper, kind: SeatKind, clock: Clock) -> list[SeatStatus]:
    standing = keeper.standing(kind)
    if not standing:
        return [SeatStatus(kind.value, SEAT_TITLES[kind], None, "", 0, "", False, None, None, [])]
    return [_status(lease, clock) for lease in standing]


def _status(lease: Lease, clock: Clock) -> SeatStatus:
    return SeatStatus(
        kind=lease.kind.value,
        title=SEAT_TITLES[lease.kind],
        device=lease.device,
        holder=lease.holder,
        epoch=lease.epoch,
        valid_until=lease.valid_until.isoformat(),
        lapsed=is_lapsed(lease, today=today(clock)),
        year=lease.year,
        allowance_fen=lease.allowance_fen,
        groups=list(lease.groups),
    )
