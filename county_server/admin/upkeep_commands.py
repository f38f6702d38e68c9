"""`tiangeng-county migrate | grant | audit | compact`: what the owner of the database does beside the server."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from county_server.admin.audit import count_audit, list_audit, verify_audit
from county_server.admin.compaction import compact_logs
from county_server.admin.thinning import thin_proofs
from county_server.engine import writing
from county_server.web_role import WEB_ROLE, grant_statements, grant_web_role
from village_core.domain.clock import CHINA, SystemClock
from village_core.domain.errors import RefusedError

UPKEEP_COMMANDS = ("migrate", "grant", "audit", "compact")
_OUTCOMES = {"begun": "开始", "done": "做完", "refused": "被拒绝", "failed": "没有做成"}


def add_upkeep_parsers(commands: Any, common: argparse.ArgumentParser) -> None:
    """The commands on the county's command line."""
    commands.add_parser("migrate", parents=[common], help="把数据库升级到这个版本（用表的主人的地址）")
    grant = commands.add_parser("grant", parents=[common], help="给对外服务用的数据库角色只授它要的权限")
    grant.add_argument("--role", default=WEB_ROLE, metavar="角色", help=f"默认 {WEB_ROLE}")
    grant.add_argument("--print", action="store_true", dest="only_print", help="只打印 SQL，不改动")
    audit = commands.add_parser("audit", parents=[common], help="县里的管理操作日志，并核对它没有被动过")
    audit.add_argument("--newest", type=int, default=50, metavar="N", help="最近几条，默认 50；0 是全部")
    compact = commands.add_parser("compact", parents=[common], help="缩短日志：太久的操作移出日志，签名的原件留着")
    compact.add_argument("--days", type=int, default=400, metavar="天", help="留多少天，默认 400")


def run_upkeep(engine: Engine, options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Carry out one of the commands on a migrated database: what to say as JSON and as lines."""
    match options.command:
        case "grant":
            statements = grant_statements(options.role)
            if options.only_print:
                return {"statements": statements}, [f"{one};" for one in statements]
            with writing(engine) as connection:
                grant_web_role(connection, options.role)
            return {"role": options.role}, [f"已给数据库角色 {options.role} 授权：能收、能答，不能改凭证和日志。"]
        case "audit":
            return _audit(engine, options.newest or None)
        case "compact":
            done = compact_logs(engine, days=options.days, clock=SystemClock())
            thinned = thin_proofs(engine, days=options.days, clock=SystemClock())
            lines = [f"{one.village}  移出日志 {one.removed} 条。" for one in done] or ["没有这么久的操作。"]
            lines += [f"{one.village}  清掉旧的核对码 {one.receipts} 个、日志末端 {one.heads} 个。" for one in thinned]
            return {"villages": [asdict(one) for one in done], "thinned": [asdict(one) for one in thinned]}, lines
        case _:
            return {"migrated": True}, ["数据库已是这个版本。"]


def _audit(engine: Engine, newest: int | None) -> tuple[dict[str, Any], list[str]]:
    with engine.connect() as connection:
        entries = list_audit(connection, newest=newest)
        wrong = verify_audit(connection)
        count = count_audit(connection)
    if wrong is not None:
        raise RefusedError(
            f"管理操作日志从第 {wrong} 条起和写下时不一样，有人动过或少了。",
            safe="各村的资料和它们的日志没有动。",
            next_step="请保存数据库，对照备份查明是谁、什么时候动的。",
        )
    lines = [
        f"{entry.number}  {_beijing(entry.at)}  {entry.who}  {' '.join(entry.command)}  {_OUTCOMES[entry.outcome]}"
        for entry in entries
    ]
    return {"entries": [asdict(one) for one in entries], "whole": True}, [
        *lines,
        f"共 {count} 条，一条不少，没有动过。",
    ]


def _beijing(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(UTC).astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
