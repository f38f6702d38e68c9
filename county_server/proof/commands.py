"""Operators' and auditors' commands about proof: check, receipt check, check-code, restored, backup-noted."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, select

from county_server.proof.histories import check_histories
from county_server.proof.journals import check_journals
from county_server.proof.replay import Replay, Wrong, WrongRow, repair_village, replay_village
from county_server.sync.durable import note_backup
from county_server.sync.epochs import note_restored
from county_server.sync.receipts import check_receipt_file, find_receipt
from county_server.tables import village
from village_core.domain.clock import CHINA, SystemClock
from village_core.domain.errors import RefusedError
from village_core.exchange.receipts import COUNTED, Receipt
from village_core.exchange.words import field_word, table_word

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_SHOWN = 50
_WRONG = {Wrong.MISSING: "表里没有", Wrong.EXTRA: "日志里没有来历", Wrong.DIFFERENT: "和日志不一样"}
_COUNT_WORDS = {"household": "户", "person": "人", "voucher": "凭证", "relief_case": "救助案"}


@dataclass(frozen=True)
class Told:
    """What a command has to say: as JSON, as lines, and what is wrong, if anything is."""

    document: dict[str, Any]
    lines: tuple[str, ...]
    problem: RefusedError | None = None


def add_proof_parsers(commands: Commands, common: argparse.ArgumentParser) -> None:
    """The commands on the county's command line."""
    check = commands.add_parser("check", parents=[common], help="重放日志，与各表、核对数和各台电脑的签名核对")
    check.add_argument("village", nargs="?", metavar="区划代码", help="不写就是所有的村")
    check.add_argument("--repair", action="store_true", help="按日志改回对不上的地方")
    receipt = commands.add_parser("receipt", parents=[common], help="核对回执")
    actions = receipt.add_subparsers(dest="action", required=True, metavar="check")
    file = actions.add_parser("check", parents=[common], help="核对一份回执文件是不是本县开的")
    file.add_argument("file", type=Path, metavar="文件")
    code = commands.add_parser("check-code", parents=[common], help="核对纸上的 8 位核对码")
    code.add_argument("village", metavar="区划代码")
    code.add_argument("code", metavar="核对码")
    commands.add_parser("restored", parents=[common], help="数据库刚从备份恢复过：让各台电脑把丢的补送来")
    backup = commands.add_parser("backup-noted", parents=[common], help="记下一份已读回核对过的备份")
    backup.add_argument("begun_at", metavar="开始时间", help="备份开始的时间，例如 2026-11-22T08:00:00+08:00")


PROOF_COMMANDS = ("check", "receipt", "check-code", "restored", "backup-noted")

_FORGOTTEN = (
    "备份以后在县里办的，县里不记得了，请对照登记再办一次：移交过的救助审批权和记账权，改过的人员、职责和口令；"
    "备份以后登记的电脑，请发新登记码重新加入，电脑里的资料都在。"
)


def run_proof(engine: Engine, options: argparse.Namespace) -> Told:
    """Carry out one of the commands on a migrated database."""
    match options.command:
        case "check":
            return _check(engine, options)
        case "receipt":
            return _tell_receipt(check_receipt_file(engine, options.file))
        case "check-code":
            return _tell_receipt(find_receipt(engine, options.village, options.code))
        case "restored":
            count = note_restored(engine, clock=SystemClock())
            line = f"已记下：{count} 个村从备份恢复过。各台电脑下次同步时会把县里丢的补送来。"
            return Told({"villages": count}, (line, _FORGOTTEN))
        case _:
            kept = note_backup(engine, options.begun_at, clock=SystemClock())
            return Told({"begun_at": kept}, (f"已记下 {kept} 开始的备份。",))


def _check(engine: Engine, options: argparse.Namespace) -> Told:
    with engine.connect() as connection:
        codes = list(connection.scalars(select(village.c.code).order_by(village.c.code)))
    if options.village:
        codes = [options.village]
    reports = {
        code: (
            repair_village(engine, code, clock=SystemClock()) if options.repair else replay_village(engine, code),
            check_histories(engine, code),
        )
        for code in codes
    }
    journals = {code: check_journals(engine, code) for code in codes}
    document = {
        "villages": [
            {
                "village": code,
                "ok": found.ok and not histories and not journals[code].rewritten,
                **asdict(found),
                "histories": list(histories),
                "journals": asdict(journals[code]),
            }
            for code, (found, histories) in reports.items()
        ],
        "repaired": options.repair,
    }
    lines = tuple(
        line
        for code, report in reports.items()
        for line in [*_village_lines(code, *report), *(f"  {sentence}" for sentence in journals[code].sentences)]
    )
    bad = [
        code
        for code, (found, histories) in reports.items()
        if histories or journals[code].rewritten or not (found.ok or options.repair)
    ]
    problem = RefusedError(
        f"有 {len(bad)} 个村对不上：{'、'.join(bad)}。",
        safe="日志和各台电脑上的资料没有动。",
        next_step="表对不上时，核实后用 check --repair 按日志改回；签名对不上时，请保存数据库，查明原因。",
    )
    return Told(document, lines, problem if bad else None)


def _village_lines(code: str, found: Replay, histories: tuple[str, ...]) -> list[str]:
    state = "都对得上" if found.ok and not histories else "有对不上的地方"
    lines = [f"{code}  重放 {found.operations} 条操作，{found.rows} 条记录，{state}。"]
    lines += [f"  {_row_words(row)}" for row in found.wrong[:_SHOWN]]
    if len(found.wrong) > _SHOWN:
        lines.append(f"  还有 {len(found.wrong) - _SHOWN} 条，请用 --json 看全部。")
    lines += [f"  “{table_word(name)}”的核对数与内容不符。" for name in found.digests]
    return lines + [f"  {sentence}" for sentence in histories]


def _row_words(row: WrongRow) -> str:
    fields = "：" + "、".join(field_word(row.table, name) for name in row.fields) if row.fields else ""
    return f"{table_word(row.table)} {row.row} {_WRONG[row.wrong]}{fields}"


def _tell_receipt(receipt: Receipt) -> Told:
    at = datetime.fromtimestamp(receipt.time / 1000, UTC).astimezone(CHINA)
    counts = dict(zip(COUNTED, receipt.counts, strict=False))
    document = {
        "village": receipt.village,
        "device": receipt.device,
        "incarnation": receipt.incarnation,
        "acked_seq": receipt.acked_seq,
        "number": receipt.number,
        "root": receipt.root.hex(),
        "time": at.isoformat(),
        "counts": counts,
    }
    figures = "，".join(f"{_COUNT_WORDS[name]} {count}" for name, count in counts.items())
    return Told(
        document,
        (
            f"是本县开的：{receipt.village}，{receipt.device} 号电脑，{at:%Y-%m-%d %H:%M}（北京时间）。",
            f"{figures}；那台电脑到第 {receipt.acked_seq} 条都已收到。",
        ),
    )
