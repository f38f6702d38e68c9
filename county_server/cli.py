"""`tiangeng-county`: serve, and what an operator does beside it. Results on stdout, problems on stderr in Chinese."""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from county_server.admin.audited import audited
from county_server.admin.people_commands import add_staff_parser, run_staff
from county_server.admin.queries import VillageStatus, list_villages
from county_server.admin.seat_commands import add_seat_parser, run_seat
from county_server.admin.service import ROLES, add_village, issue_code, revoke_device
from county_server.admin.upkeep_commands import UPKEEP_COMMANDS, add_upkeep_parsers, run_upkeep
from county_server.bundle_commands import BUNDLE_COMMAND, add_bundle_parser, run_bundle
from county_server.migrate import open_migrated
from county_server.proof.commands import PROOF_COMMANDS, add_proof_parsers, run_proof
from county_server.serving.options import add_room_options, room_words, set_room
from county_server.sync.content_room import configured_limits, measure_room
from county_server.sync.durable import last_backup
from village_core.domain.clock import SystemClock
from village_core.domain.errors import ProblemOutsideError, RefusedError, UserError

DATABASE_VARIABLE = "TIANGENG_COUNTY_DB"
_DEFAULT_DATABASE = "tiangeng-county.db"


def run(arguments: Sequence[str]) -> int:
    """Exit status: 0 done, 1 refused, 2 wrong usage, 3 environment."""
    # Not as defaults of the parser: those would win over what stands before the command.
    given = argparse.Namespace(db=os.environ.get(DATABASE_VARIABLE) or _DEFAULT_DATABASE, json=False)
    options = _parser().parse_args(arguments, given)
    try:
        with audited(options.db, arguments, command=_deed_of(options)):
            _COMMANDS[options.command](options)
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    except SQLAlchemyError as error:
        print(
            f"数据库出错（{type(error).__name__}）。没有做完的改动都退回了。请检查数据库，再试一次。", file=sys.stderr
        )
        return 3
    return 0


def _deed_of(options: argparse.Namespace) -> str:
    """Which of the commands, with its action; reading alone is not noted."""
    parts = (options.command, getattr(options, "action", None), getattr(options, "part", None))
    return " ".join(one for one in parts if one)


def _upkeep(options: argparse.Namespace) -> None:
    _show(options, *run_upkeep(open_migrated(options.db), options))


def _serve(options: argparse.Namespace) -> None:
    host, port = _listen_address(options.listen)
    if not (options.cert and options.key):
        if options.cert or options.key:
            raise RefusedError("证书和私钥要一起给。", next_step="请同时写 --cert 和 --key。")
        if not _is_loopback(host):
            raise RefusedError(
                "没有证书时只能在本机（127.0.0.1）上开。",
                safe="没有开始服务。",
                next_step="请用 --cert 和 --key 给出证书，或改成 --listen 127.0.0.1:端口。",
            )
    for file in (options.cert, options.key):
        if file and not Path(file).is_file():
            raise ProblemOutsideError(f"找不到文件 {file}。", next_step="请检查证书和私钥的位置。")
    metrics = _listen_address(options.metrics) if options.metrics else None
    if metrics is not None and not _is_loopback(metrics[0]) and not _is_private(metrics[0]):
        raise RefusedError(
            "指标只能在内网地址上给出。", safe="没有开始服务。", next_step="例如 --metrics 127.0.0.1:9464。"
        )
    set_room(options)
    engine = open_migrated(options.db)
    from county_server.serving.workers import serve

    listener = _open_port(host, port)
    scheme = "https" if options.cert else "http"
    shown = f"[{host}]" if ":" in host else host
    print(f"县级服务已开：{scheme}://{shown}:{listener.getsockname()[1]}", flush=True)
    try:
        serve(
            engine,
            address=options.db,
            listener=listener,
            workers=options.workers,
            cert=options.cert,
            key=options.key,
            metrics=metrics,
        )
    except KeyboardInterrupt:
        print("县级服务已停。", flush=True)
    finally:
        listener.close()
        engine.dispose()


def _open_port(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        raise ProblemOutsideError(
            f"{host}:{port} 打不开（{error.strerror}）。", next_step="请换一个端口，或停掉占用它的程序。"
        ) from error
    return listener


def _add_village(options: argparse.Namespace) -> None:
    engine = open_migrated(options.db)
    added = add_village(engine, options.village, options.name, clock=SystemClock())
    if options.json:
        _print_json({"village": options.village, "name": options.name, "added": added})
    else:
        print(f"{'已登记' if added else '早已登记'}：{options.name} {options.village}")


def _enrol(options: argparse.Namespace) -> None:
    engine = open_migrated(options.db)
    code = issue_code(engine, options.village, role=options.role, clock=SystemClock())
    if options.json:
        _print_json({"code": code, "village": options.village, "role": options.role})
    else:
        print(f"{options.role}用的登记码，24 小时内有效，只能用一次： {code}")


def _revoke(options: argparse.Namespace) -> None:
    revoke_device(open_migrated(options.db), options.device)
    if options.json:
        _print_json({"device": options.device, "revoked": True})
    else:
        print(f"{options.device} 号电脑已停用。它以后送来的东西会留存，但不生效。")


def _prove(options: argparse.Namespace) -> None:
    told = run_proof(open_migrated(options.db), options)
    if options.json:
        _print_json(told.document)
    else:
        print("\n".join(told.lines))
    if told.problem is not None:
        raise told.problem


def _status(options: argparse.Namespace) -> None:
    engine = open_migrated(options.db)
    villages = list_villages(engine)
    with engine.connect() as connection:
        backup = last_backup(connection)
        room = measure_room(connection, configured_limits())
    if options.json:
        _print_json({"villages": [asdict(one) for one in villages], "last_backup": backup, "photos": asdict(room)})
        return
    print(f"上次核对过的备份：{backup}" if backup else "没有记过备份：收到的只在这个数据库里。")
    print(room_words(room))
    if not villages:
        print("还没有登记任何村。")
    for one in villages:
        _print_village(one)


def _print_village(one: VillageStatus) -> None:
    print(
        f"{one.name} {one.village}  操作 {one.operations} 条，要拿主意 {one.held} 件，上次同步 {one.last_sync or '无'}"
    )
    if one.waiting:
        print(f"  {one.waiting} 条等着：县里的程序升级后，或丢了的补送来后，才能放进来。")
    for device in one.devices:
        rights = [title for title, has in (("记账权", device.may_post), ("救助审批权", device.may_grant)) if has]
        marks = "（已停用）" if device.revoked else f"（有{'、'.join(rights)}）" if rights else ""
        print(f"  {device.number} 号  {device.role} {device.person}{marks}  上次同步 {device.last_sync or '无'}")


def _staff(options: argparse.Namespace) -> None:
    _show(options, *run_staff(options))


def _seat(options: argparse.Namespace) -> None:
    _show(options, *run_seat(options))


def _show(options: argparse.Namespace, document: dict[str, Any], lines: list[str]) -> None:
    if options.json:
        _print_json(document)
    else:
        print("\n".join(lines))


def _bundle(options: argparse.Namespace) -> None:
    result = run_bundle(options, open_migrated(options.db))
    if options.json:
        _print_json(result.document)
    elif result.lines:
        print("\n".join(result.lines))
    for told in result.refused:
        print(told, file=sys.stderr)
    if result.problem is not None:
        raise result.problem


def _print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False))


def _listen_address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise RefusedError(f"看不懂监听地址“{text}”。", next_step="请写成 主机:端口，例如 127.0.0.1:8443。")
    return host.strip("[]"), int(port)


def _worker_count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 64:
        raise argparse.ArgumentTypeError("1 到 64")
    return count


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--db", default=argparse.SUPPRESS, help="数据库地址，或 SQLite 文件的路径")
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="输出一份 JSON")
    parser = argparse.ArgumentParser(prog="tiangeng-county", description="田埂 县级服务", parents=[common])
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    serve = commands.add_parser("serve", parents=[common], help="开始服务")
    serve.add_argument("--listen", default="127.0.0.1:8443", metavar="主机:端口")
    serve.add_argument("--cert", metavar="文件", help="TLS 证书")
    add_room_options(serve)
    serve.add_argument("--key", metavar="文件", help="TLS 私钥")
    serve.add_argument("--workers", type=_worker_count, default=1, metavar="N", help="同时工作的进程数（PostgreSQL）")
    serve.add_argument("--metrics", metavar="主机:端口", help="给监控系统（Prometheus）的指标，只在内网")
    village = commands.add_parser("village", parents=[common], help="登记村")
    actions = village.add_subparsers(dest="action", required=True, metavar="add")
    add = actions.add_parser("add", parents=[common], help="登记一个村")
    add.add_argument("village", metavar="区划代码")
    add.add_argument("name", metavar="村名")
    enrol = commands.add_parser("enrol", parents=[common], help="给一台电脑开登记码")
    enrol.add_argument("village", metavar="区划代码")
    enrol.add_argument("--role", required=True, metavar="角色", help="、".join(ROLES))
    add_bundle_parser(commands, common)
    revoke = commands.add_parser("revoke", parents=[common], help="停用一台电脑")
    revoke.add_argument("device", type=int, metavar="电脑编号")
    commands.add_parser("status", parents=[common], help="各村的情况")
    add_staff_parser(commands, common)
    add_seat_parser(commands, common)
    add_proof_parsers(commands, common)
    add_upkeep_parsers(commands, common)
    return parser


_COMMANDS = {
    "serve": _serve,
    "village": _add_village,
    "enrol": _enrol,
    "revoke": _revoke,
    BUNDLE_COMMAND: _bundle,
    "status": _status,
    "seat": _seat,
    "staff": _staff,
    **dict.fromkeys(PROOF_COMMANDS, _prove),
    **dict.fromkeys(UPKEEP_COMMANDS, _upkeep),
}
