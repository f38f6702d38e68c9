"""`tiangeng-county bundle read|write`: what an operator does with the sticks that villages bring."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from county_server.auth.identity import set_recovery
from county_server.engine import writing
from county_server.sync.bundle_answers import WrittenAnswer, write_answer
from county_server.sync.bundles import PartReport, State, read_bundle
from village_core.domain.clock import Clock, SystemClock
from village_core.domain.errors import RefusedError, UserError
from village_core.exchange.bundle import SUFFIX

BUNDLE_COMMAND = "bundle"


@dataclass
class BundleResult:
    """What a command did: a JSON document and lines for a person; `refused` are files that were not taken beside
    others that were, `problem` what is to be said when none was."""

    document: dict[str, Any]
    lines: list[str]
    refused: list[UserError] = field(default_factory=list)
    problem: UserError | None = None


def add_bundle_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """`bundle read FILE… [--answer FOLDER]`, `bundle write DEVICE FILE`, `bundle recovery RECIPIENT`."""
    bundle = commands.add_parser(BUNDLE_COMMAND, parents=[common], help="收村里送来的 U 盘文件，写回执")
    parts = bundle.add_subparsers(dest="part", required=True, metavar="read|write")
    read = parts.add_parser("read", parents=[common], help="读一个或几个文件，或文件夹里的全部")
    read.add_argument("files", nargs="+", type=Path, metavar="文件")
    read.add_argument("--answer", type=Path, metavar="文件夹", help="把回执写到这里")
    write = parts.add_parser("write", parents=[common], help="给一台电脑写回执")
    write.add_argument("device", type=int, metavar="电脑编号")
    write.add_argument("file", type=Path, metavar="文件或文件夹")
    recovery = parts.add_parser("recovery", parents=[common], help="定一把备用钥匙：它也打得开以后送来的文件")
    recovery.add_argument("recipient", metavar="age公钥", help="age1…；写 none 取消")


def run_bundle(options: argparse.Namespace, engine: Engine, *, clock: Clock | None = None) -> BundleResult:
    """Carry out `bundle read`, `bundle write` or `bundle recovery`."""
    now = clock or SystemClock()
    if options.part == "recovery":
        recipient = "" if options.recipient == "none" else options.recipient
        with writing(engine) as connection:
            set_recovery(connection, recipient)
        told = "备用钥匙记好了，各台电脑下次读回执时就知道。" if recipient else "备用钥匙取消了。"
        return BundleResult({"recovery": recipient}, [told])
    if options.part == "write":
        answers = write_answer(engine, options.device, options.file, clock=now)
        return BundleResult(
            {"operations": sum(one.operations for one in answers), "applied": 0, "held": 0, "answers": _shown(answers)},
            [_answer_line(one) for one in answers],
        )
    return _read(engine, options.files, options.answer, clock=now)


def _read(engine: Engine, files: Sequence[Path], folder: Path | None, *, clock: Clock) -> BundleResult:
    if folder is not None and not folder.is_dir():
        raise RefusedError(
            f"没有 {folder} 这个文件夹。", safe="还没有读任何文件。", next_step="请先建好放回执的文件夹，再读一次。"
        )
    reports: list[PartReport] = []
    refused: list[dict[str, str]] = []
    failures: list[UserError] = []
    for file in _files(files):
        try:
            reports += read_bundle(engine, file, clock=clock)
        except UserError as error:
            refused.append({"file": file.name, "error": str(error)})
            failures.append(error)
    taken = [one for one in reports if one.state is not State.REVOKED]
    answers: list[WrittenAnswer] = []
    if folder is not None:
        answerable = (one.name.device for one in reports if one.state is not State.WAITING)
        for device in dict.fromkeys(answerable):
            answers += write_answer(engine, device, folder, clock=clock)
    return BundleResult(
        {
            "operations": sum(one.operations for one in reports),
            "applied": sum(one.applied for one in reports),
            "held": sum(one.held for one in reports),
            "files": [_document(one) for one in reports],
            "refused": refused,
            "answers": _shown(answers),
        },
        [_line(one) for one in reports] + [_answer_line(one) for one in answers],
        failures if taken else failures[:-1],
        None if taken else (failures or [_all_revoked()])[-1],
    )


def _files(given: Sequence[Path]) -> list[Path]:
    """The files, and of folders those that villages write; earlier parts first."""
    files: list[Path] = []
    for path in given:
        files += sorted(path.glob(f"V*{SUFFIX}")) if path.is_dir() else [path]
    if not files:
        raise RefusedError(
            "文件夹里没有村里送来的 U 盘文件。", safe="没有改动。", next_step="请选 V 开头、.vsb 结尾的文件所在的地方。"
        )
    return files


def _all_revoked() -> RefusedError:
    return RefusedError(
        "这些文件是停用了的电脑写的，没有生效。", safe="内容留存了。", next_step="要再用那台电脑，请重新登记它。"
    )


def _line(report: PartReport) -> str:
    part = f"，第 {report.part} 份，共 {report.parts} 份" if report.parts > 1 else ""
    contents = f"照片 {report.contents} 个。" if report.contents else ""
    name = report.name
    return f"{name.village} 村 {name.device} 号电脑，码 {name.code}{part}：{report.words}{contents}"


def _answer_line(answer: WrittenAnswer) -> str:
    if answer.stopped:
        where = f"{answer.name.village} 村 {answer.name.device} 号电脑"
        return f"{where}已经停用，回执里只写了这一条，请带回去让它读一次：{answer.path.name}"
    return f"回执写好了，请带回 {answer.name.village} 村 {answer.name.device} 号电脑：{answer.path.name}"


def _document(report: PartReport) -> dict[str, Any]:
    return {
        "file": report.file,
        "village": report.name.village,
        "device": report.name.device,
        "code": report.name.code,
        "part": report.part,
        "parts": report.parts,
        "state": report.state.value,
        "operations": report.operations,
        "applied": report.applied,
        "held": report.held,
        "contents": report.contents,
        "words": report.words,
    }


def _shown(answers: Sequence[WrittenAnswer]) -> list[dict[str, Any]]:
    return [{"file": str(one.path), "device": one.name.device, "code": one.name.code} for one in answers]
