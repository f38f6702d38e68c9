"""The command line, for township IT staff and for scripts. Never loads Qt, except for `demo` and the window."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy.exc import DBAPIError

from desktop_app import backup_commands, commands, key_commands
from desktop_app.shell.crash_report import write_crash_report
from desktop_app.storage.problems import explain_database
from village_core.domain.clock import SystemClock
from village_core.domain.errors import ProblemOutsideError, UserError

DEFECT = 70
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def run(arguments: list[str]) -> int:
    """Carry out one command; returns the exit status (0 done, 1 refused, 2 usage, 3 environment, 70 our defect)."""
    options = _parser().parse_args(arguments)
    try:
        if options.command is None:
            _require_display()
            from desktop_app.window import run_window

            return run_window(commands.folder_of(options), passphrase=commands.given_passphrase(options) or "")
        gc.enable()
        result = options.do(options)
    except UserError as error:
        return _fail(options, error)
    except DBAPIError as error:
        problem = explain_database(error)
        if problem is None:
            return _report_defect(options, error)
        return _fail(options, problem)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a defect must not look like data loss
        return _report_defect(options, error)
    status = int(result.pop("exit_status", 0))
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    return status


def _require_display() -> None:
    """Qt ends the whole process where there is no display; a sentence is kinder."""
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in _DISPLAYS):
        raise ProblemOutsideError(
            "这台机器没有图形界面，打不开窗口。", next_step="请在有桌面的电脑上打开，或用命令行：tiangeng --help。"
        )


def _fail(options: argparse.Namespace, error: UserError) -> int:
    print(error, file=sys.stderr)
    if options.json:
        print(json.dumps({"error": str(error)}, ensure_ascii=False))
    return error.exit_status


def _report_defect(options: argparse.Namespace, error: Exception) -> int:
    """The places in the program where it went wrong, without the message: that may hold somebody's data."""
    frames = traceback.extract_tb(error.__traceback__)
    places = "\n".join(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    if (folder := commands.folder_of(options)).is_dir():
        write_crash_report(error, folder, now=SystemClock().now())
    print(f"程序出了毛病，数据是安全的。请把下面几行交给技术人员：\n{type(error).__name__}\n{places}", file=sys.stderr)
    return DEFECT


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"命令写得不对：{message}\n")


def _parser() -> _Parser:
    parser = _Parser(prog="tiangeng", description="田埂：村委会的离线办公软件。不带命令时打开窗口。")
    _add_common(parser, default=None)
    subparsers = parser.add_subparsers(dest="command", metavar="命令")

    def add(
        name: str, text: str, do: Callable[[argparse.Namespace], commands.Json], *, into: Any = subparsers
    ) -> _Parser:
        command: _Parser = into.add_parser(name, help=text, description=text)
        _add_common(command, default=argparse.SUPPRESS)
        command.set_defaults(do=do)
        return command

    def group(name: str, text: str) -> Any:
        command: _Parser = subparsers.add_parser(name, help=text, description=text)
        _add_common(command, default=argparse.SUPPRESS)
        return command.add_subparsers(dest="part", required=True, metavar="什么")

    init = add("init", "新建一份村里的资料", commands.init)
    init.add_argument("--village", required=True, help="12 位区划代码")
    init.add_argument("--name", required=True, help="村的名称")
    init.add_argument("--person", help="经办人姓名")
    _add_county(init, required=False)
    join = add("join", "把已有的资料登记到县里", commands.join)
    _add_county(join, required=True)
    join.add_argument("--again", action="store_true", help="县里停用过、或恢复后不认识这台电脑了，重新登记")
    join.add_argument(
        "--new-county",
        action="store_true",
        help="与 --again 一起：县里换了新的服务器，已打电话问过；能改设置的人才能用",
    )
    demo = add("demo", "在一个编造的村里演示全部工作", commands.demo)
    demo.add_argument("--out", type=Path, required=True, help="放结果的文件夹")
    demo.add_argument("--households", type=int, default=60, help="户数")
    demo.add_argument("--part", choices=("case", "edit", "screens"), help=argparse.SUPPRESS)
    imports = group("import", "从 Excel 导入")
    for name, text, do in (
        ("households", "农户", commands.import_households),
        ("vouchers", "凭证", commands.import_vouchers),
    ):
        command = add(name, text, do, into=imports)
        command.add_argument("file", type=Path)
        command.add_argument("--dry-run", action="store_true", help="只看结果，不写入")
        if name == "vouchers":
            command.add_argument("--reviewed-by", default="", help="原来由谁审核；有兼任在案的可以不写")
    exports = group("export", "导出到 Excel")
    add("households", "农户", commands.export_households, into=exports).add_argument("file", type=Path)
    add("vouchers", "凭证", commands.export_vouchers, into=exports).add_argument("file", type=Path)
    search = add("search", "找人：姓名、身份证号或电话的一部分", commands.search)
    search.add_argument("text")
    search.add_argument("--limit", type=int, default=20)
    add("list", "救助案列表", commands.case_list, into=group("case", "救助案"))
    balance = add("trial-balance", "科目余额表", commands.trial_balance, into=group("report", "报表"))
    balance.add_argument("--from", dest="start", type=_date, required=True)
    balance.add_argument("--to", dest="end", type=_date, required=True)
    _add_paper(add("relief", "救助公示", commands.notice, into=group("notice", "公示")))
    _add_paper(add("archive", "一户一档", commands.archive))
    add("sync", "与县里完整交换一次", commands.sync)
    bundles = group("bundle", "用 U 盘和县里交换")
    write = add("write", "把没送到县里的写到 U 盘", commands.bundle_write, into=bundles)
    write.add_argument("file", type=Path, help="文件，或 U 盘上的文件夹")
    write.add_argument("--slip", type=Path, help="另写一张交接单（PDF）")
    add("read", "从 U 盘读回县里的回执", commands.bundle_read, into=bundles).add_argument("file", type=Path)
    receipt = add("receipt", "核对单：这台电脑和县里核对一致的凭据", commands.receipt)
    receipt.add_argument("--out", type=Path, required=True, help="写成 PDF 的文件")
    receipt.add_argument("--signed", type=Path, help="县里签名的回执，另存一个文件")
    receipt.add_argument("--fresh", action="store_true", help="先和县里核对一次，再开")
    _add_keys(add, group)
    add("verify", "检查资料是否完好", commands.verify)
    told = add("diagnostics", "写一份给技术人员看的诊断，不含农户资料", commands.diagnostics)
    told.add_argument("file", type=Path, help="写到哪个 .zip 文件")
    told.add_argument("--closed", action="store_true", help="不打开资料（打不开时），只看程序、电脑和文件")
    backup = add("backup", "写一份备份并读回核对；backup drill 试一试能不能恢复", backup_commands.backup)
    backup.add_argument("target", metavar="文件|drill", help="写到哪个文件；drill：试着恢复一份，看完就删")
    backup.add_argument("file", nargs="?", type=Path, metavar="备份", help="要试的备份，默认是最近一次自动备份")
    restore = add("restore", "从备份恢复", backup_commands.restore)
    restore.add_argument("file", type=Path)
    restore.add_argument("--preview", action="store_true", help="只看里面有什么、恢复会丢什么，不恢复")
    return parser


def _add_keys(add: Callable[..., _Parser], group: Callable[[str, str], Any]) -> None:
    """People on this laptop, their passphrases, the recovery key."""
    change = add("passphrase", "换自己的口令", key_commands.change_passphrase)
    change.add_argument("--new-passphrase-file", type=Path, help="写有新口令的文件")
    people = group("people", "使用这台电脑的人")
    add("list", "都有谁", key_commands.list_people, into=people)
    reset = add("reset", "增加一个人，或给忘了口令的人一个一次性口令", key_commands.reset_person, into=people)
    reset.add_argument("name", help="姓名")
    add("remove", "不让一个人再打开这台电脑", key_commands.remove_person, into=people).add_argument("name", help="姓名")
    recovery = group("recovery-key", "恢复钥匙")
    printed = add("print", "做一把新的写成 PDF，原来的作废", key_commands.print_recovery_key, into=recovery)
    printed.add_argument("--out", type=Path, required=True, help="写成 PDF 的文件")
    recover = add("recover", "用恢复钥匙重设口令", key_commands.recover)
    recover.add_argument("--recovery-file", type=Path, help="写有恢复钥匙的文件")


def _add_common(parser: argparse.ArgumentParser, *, default: Any) -> None:
    parser.add_argument("--data", default=default, help="资料所在的文件夹")
    parser.add_argument("--passphrase-file", default=default, help="写有口令的文件")
    parser.add_argument("--user", default=default, help="口令必须是这个人的")
    json_default = default if default is argparse.SUPPRESS else False
    parser.add_argument("--json", action="store_true", default=json_default, help="结果写成一份 JSON")


def _add_county(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--county", required=required, help="县服务器的网址")
    parser.add_argument("--code", required=required, help="县里发的登记码")
    parser.add_argument("--ca", type=Path, help="县服务器的证书")


def _add_paper(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--case", required=True, help="救助案的编号")
    parser.add_argument("--pdf", type=Path, required=True, help="写到哪个 PDF 文件")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"日期应写成 2026-11-22，现在是“{text}”") from None
