"""`tiangeng-county seat …`: who may grant and who may post, from the command line."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from county_server.admin.seats import (
    SeatStatus,
    end_seat,
    lend_seat,
    list_seats,
    parse_kind,
    parse_share,
    split_grant_seat,
    take_over_seat,
)
from county_server.migrate import open_migrated
from village_core.domain.clock import Clock, SystemClock
from village_core.domain.money import format_yuan


def add_seat_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """`seat` with its actions."""
    seat = commands.add_parser("seat", parents=[common], help="救助审批权和记账权：借出、转移、收回、分开")
    actions = seat.add_subparsers(dest="action", required=True, metavar="动作")
    for action, words in (
        ("list", "看现在在谁那里"),
        ("lend", "没有人持有时，借给一台电脑"),
        ("take-over", "马上转给另一台电脑（原来那台丢了、坏了，或两台都已同步）"),
        ("end", "收回，先不借给谁"),
        ("split", "把救助审批权按组分给几台电脑，各有额度"),
    ):
        one = actions.add_parser(action, parents=[common], help=words)
        one.add_argument("village", metavar="区划代码")
        if action in ("lend", "take-over", "end"):
            one.add_argument("kind", metavar="哪种权", help="救助审批权 或 记账权")
        if action in ("lend", "take-over"):
            one.add_argument("device", type=int, metavar="电脑编号")
        if action == "split":
            one.add_argument(
                "--share",
                action="append",
                required=True,
                metavar="编号=组,组:元",
                help="例如 2=大平地,小河边:3000；额度包括今年已定已发的",
            )


def run_seat(options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Do it, then say who holds what: as a document, and in words."""
    engine, clock = open_migrated(options.db), SystemClock()
    lines = [] if options.action == "list" else [*_change(engine, options, clock), "村里的电脑下次同步时就会知道。"]
    seats = list_seats(engine, options.village, clock=clock)
    document = {"village": options.village, "seats": [asdict(one) for one in seats]}
    return document, [*(_words(one) for one in seats), *lines]


def _change(engine: Engine, options: argparse.Namespace, clock: Clock) -> list[str]:
    if options.action == "split":
        split_grant_seat(engine, options.village, shares=[parse_share(one) for one in options.share], clock=clock)
        return []
    kind = parse_kind(options.kind)
    if options.action == "lend":
        lend_seat(engine, options.village, kind=kind, number=options.device, clock=clock)
    elif options.action == "take-over":
        take_over_seat(engine, options.village, kind=kind, number=options.device, clock=clock)
        return ["原来那台电脑后来送到的，照样留存；号码重了的另编号，救助重了的由人来定。"]
    else:
        end_seat(engine, options.village, kind=kind, clock=clock)
    return []


def _words(one: SeatStatus) -> str:
    if one.device is None:
        return f"{one.title}：还没有人持有"
    groups = f"，管{'、'.join(one.groups)}" if one.groups else ""
    money = "" if one.allowance_fen is None else f"，{one.year}年额度 {format_yuan(one.allowance_fen)} 元"
    late = "（已过期）" if one.lapsed else ""
    return f"{one.title}：{one.device} 号 {one.holder}{groups}{money}，到 {one.valid_until}{late}，第 {one.epoch} 任"
