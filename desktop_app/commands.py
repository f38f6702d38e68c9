"""What each command of the command line does; returns the document that `--json` prints."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from desktop_app.storage.workspace import Workspace
from village_core.domain.errors import ProblemOutsideError, RefusedError

Json = dict[str, Any]

_TELL_SECONDS = 0.5


def init(options: argparse.Namespace) -> Json:
    from desktop_app.bootstrap import create_workspace, remove_workspace

    person = options.person or "村里经办人"
    workspace = create_workspace(
        folder_of(options),
        village=options.village,
        name=options.name,
        person=person,
        passphrase=ask_passphrase(options, new=True),
    )
    try:
        if options.county:
            _enrol(workspace, options)
        device = workspace.state("device") or "0"
    except BaseException:
        workspace.close()
        remove_workspace(folder_of(options))
        raise
    workspace.close()
    say(options, f"已建好 {options.name} 的资料。")
    return {"village": workspace.village, "device": int(device)}


def join(options: argparse.Namespace) -> Json:
    with opened(options, stopped=True) as workspace:
        device = _enrol(workspace, options)
        say(options, "已登记到县里。")
        return {"device": device}


def _enrol(workspace: Workspace, options: argparse.Namespace) -> int:
    from desktop_app.sync.enrolment import join_county

    if not options.code:
        raise RefusedError("还缺县里发的登记码。", next_step="请用 --code 写上登记码。")
    return join_county(
        workspace,
        url=options.county,
        code=options.code,
        ca_file=options.ca,
        again=getattr(options, "again", False),
        other_county=getattr(options, "new_county", False),
    ).device


def import_households(options: argparse.Namespace) -> Json:
    from desktop_app.households import service

    with opened(options) as workspace:
        back_up_first(workspace, options)
        report = service.import_households(workspace, options.file, dry_run=options.dry_run)
        return _tell_import(options, report.as_json(), "人")


def import_vouchers(options: argparse.Namespace) -> Json:
    from desktop_app.ledger import excel

    with opened(options) as workspace:
        back_up_first(workspace, options)
        reviewer = options.reviewed_by
        report = excel.import_vouchers(workspace, options.file, dry_run=options.dry_run, reviewed_by=reviewer)
        return _tell_import(options, report.as_json(), "行")


def back_up_first(workspace: Workspace, options: argparse.Namespace) -> None:
    """Before a sheet is taken in: what there was can be had back."""
    if options.dry_run:
        return
    from desktop_app.storage.automatic_backup import back_up_before_import

    back_up_before_import(workspace, progress=StderrProgress("导入以前先备份"))


def _tell_import(options: argparse.Namespace, report: Json, unit: str) -> Json:
    say(
        options,
        f"共 {report['rows']} {unit}：新增 {report['created']}，更新 {report['updated']}，"
        f"没有变化 {report['unchanged']}，没有收下 {len(report['rejected'])}，提醒 {len(report['warnings'])}。",
    )
    for title, rows in (("没有收下", report["rejected"]), ("提醒", report["warnings"])):
        for row in rows:
            say(options, f"{title}：第 {row['row']} 行 {row['column']}：{row['reason']}")
    return report


def export_households(options: argparse.Namespace) -> Json:
    from desktop_app.households import service

    with opened(options) as workspace:
        return _tell_rows(options, service.export_households(workspace, options.file))


def export_vouchers(options: argparse.Namespace) -> Json:
    from desktop_app.ledger import excel

    with opened(options) as workspace:
        return _tell_rows(options, excel.export_vouchers(workspace, options.file))


def _tell_rows(options: argparse.Namespace, rows: int) -> Json:
    say(options, f"导出了 {rows} 行。")
    return {"rows": rows}


def search(options: argparse.Namespace) -> Json:
    from desktop_app.households.search import search_persons

    with opened(options) as workspace, workspace.reader() as reader:
        start = time.perf_counter()
        hits = search_persons(reader, options.text, limit=options.limit)
        seconds = time.perf_counter() - start
    for hit in hits:
        say(options, f"{hit.name}  {hit.group or ''}")
    shown = [
        {"household": str(hit.household_id), "person": str(hit.person_id), "name": hit.name, "group": hit.group}
        for hit in hits
    ]
    return {"seconds": round(seconds, 6), "hits": shown}


def case_list(options: argparse.Namespace) -> Json:
    from desktop_app.relief.queries import list_cases

    with opened(options) as workspace, workspace.reader() as reader:
        cases = [
            {
                "id": str(case.id),
                "household": case.household_name,
                "kind": case.kind_label,
                "step": case.step_label,
                "amount": case.amount_fen,
            }
            for case in list_cases(reader)
        ]
    for case in cases:
        say(options, f"{case['id']}  {case['household']}  {case['step']}")
    return {"cases": cases}


def trial_balance(options: argparse.Namespace) -> Json:
    from desktop_app.ledger import queries

    with opened(options) as workspace, workspace.reader() as reader:
        rows = [
            {
                "code": row.code,
                "name": row.name,
                "leaf": row.leaf,
                "opening": row.opening_fen,
                "debit": row.debit_fen,
                "credit": row.credit_fen,
                "closing": row.closing_fen,
            }
            for row in queries.trial_balance(reader, start=options.start, end=options.end)
        ]
    for row in rows:
        say(options, "\t".join(str(row[key]) for key in ("code", "name", "opening", "debit", "credit", "closing")))
    return {"rows": rows}


def notice(options: argparse.Namespace) -> Json:
    from desktop_app.notices.service import write_relief_notice

    with opened(options) as workspace:
        return _tell_paper(options, write_relief_notice(workspace, options.case, options.pdf))


def archive(options: argparse.Namespace) -> Json:
    from desktop_app.archive.service import write_archive

    with opened(options) as workspace:
        return _tell_paper(options, write_archive(workspace, options.case, options.pdf))


def _tell_paper(options: argparse.Namespace, paper: tuple[int, str]) -> Json:
    pages, sha256 = paper
    say(options, f"写好了，共 {pages} 页。")
    return {"pages": pages, "sha256": sha256}


def sync(options: argparse.Namespace) -> Json:
    from desktop_app.sync.loop import exchange

    with opened(options) as workspace:
        report = exchange(workspace)
        say(options, f"送出 {report.sent}，收到 {report.received}，要拿主意 {report.held}；{report.proof}。")
        return asdict(report)


def bundle_write(options: argparse.Namespace) -> Json:
    from desktop_app.sync.bundle import write_bundle
    from desktop_app.sync.bundle_slip import write_slip

    with opened(options) as workspace:
        written = write_bundle(workspace, options.file)
        if options.slip:
            write_slip(workspace, written, options.slip)
        say(options, f"写好了，已读回核对：{'、'.join(path.name for path in written.paths)}")
        say(options, f"改动 {written.operations} 条，照片 {written.contents} 个，码 {written.code}。请送到县里。")
        return written.as_json()


def bundle_read(options: argparse.Namespace) -> Json:
    from desktop_app.sync.bundle_reading import read_bundle

    with opened(options) as workspace:
        report = read_bundle(workspace, options.file)
        say(options, report.words)
        for error in report.refused:
            print(error, file=sys.stderr)
        return report.as_json()


def receipt(options: argparse.Namespace) -> Json:
    from desktop_app.sync.check_sheet import write_check_sheet
    from desktop_app.sync.loop import exchange
    from village_core.exchange.receipts import shown_code

    with opened(options) as workspace:
        if options.fresh:
            exchange(workspace, receipt=True)
        sheet = write_check_sheet(workspace, options.out, signed=options.signed)
    code = shown_code(sheet.kept.code)
    say(options, f"核对单写好了，核对码 {code}。")
    return {
        "code": code,
        "device": sheet.kept.receipt.device,
        "acked_seq": sheet.kept.receipt.acked_seq,
        "number": sheet.kept.receipt.number,
        "time": sheet.kept.time.isoformat(),
        "counts": sheet.kept.counts,
        "unsent": sheet.since,
    }


def verify(options: argparse.Namespace) -> Json:
    from desktop_app.storage.problems import DamagedDatabaseError
    from desktop_app.storage.verify import damaged_report
    from desktop_app.sync.proof import verify_all

    try:
        with opened(options) as workspace:
            report = verify_all(workspace, progress=StderrProgress("正在检查"))
    except DamagedDatabaseError as error:
        report = damaged_report(error)
    say(options, "资料完好。" if report.ok else "资料有问题：\n" + "\n".join(report.problems))
    return {**asdict(report), "exit_status": 0 if report.ok else 1}


def diagnostics(options: argparse.Namespace) -> Json:
    from desktop_app.support.diagnosis import diagnose, diagnose_folder, save_diagnosis
    from village_core.domain.clock import SystemClock

    if options.closed:
        diagnosis = diagnose_folder(folder_of(options), now=SystemClock().now())
    else:
        with opened(options) as workspace:
            diagnosis = diagnose(workspace, progress=StderrProgress("正在检查"))
            workspace.log_access("export", "诊断", "给技术人员的诊断，不含个人信息")
    say(options, diagnosis.text)
    save_diagnosis(diagnosis, options.file)
    say(options, "诊断写好了，以上是全部内容。")
    return {title: dict(facts) for title, facts in diagnosis.sections}


def demo(options: argparse.Namespace) -> Json:
    if options.part:
        from desktop_app.demo.parts import play

        with opened(options) as workspace:
            return play(options.part, workspace, options.out)
    from desktop_app.demo.story import run_demo

    return run_demo(options.out, households=options.households, tell=lambda line: say(options, line))


class _Opened:
    """The workspace of the command, closed at the end whatever happens."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __enter__(self) -> Workspace:
        return self._workspace

    def __exit__(self, *_error: object) -> None:
        self._workspace.close()


def opened(
    options: argparse.Namespace, *, passphrase: str | None = None, stopped: bool = False, must_change: bool = False
) -> _Opened:
    """The workspace of the command, opened by its person (`--user` says who that must be)."""
    from desktop_app.bootstrap import open_workspace

    given = ask_passphrase(options) if passphrase is None else passphrase
    workspace = open_workspace(
        folder_of(options), given, user=options.user or "", stopped=stopped, must_change=must_change
    )
    workspace.log_access("login", "命令行", " ".join(filter(None, (options.command, getattr(options, "part", "")))))
    return _Opened(workspace)


def folder_of(options: argparse.Namespace) -> Path:
    if options.data is not None:
        return Path(options.data)
    from platformdirs import user_data_path

    return user_data_path("tiangeng", appauthor=False)


def given_passphrase(options: argparse.Namespace) -> str | None:
    """The passphrase from the file or the environment, if one was given there."""
    if options.passphrase_file is not None:
        try:
            return Path(options.passphrase_file).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ProblemOutsideError("口令文件读不出来。", next_step="请检查文件名和编码（UTF-8）。") from error
    return os.environ.get("TIANGENG_PASSPHRASE")


def ask_passphrase(options: argparse.Namespace, *, new: bool = False) -> str:
    given = given_passphrase(options)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise RefusedError("没有给出口令。", next_step="请用 --passphrase-file，或环境变量 TIANGENG_PASSPHRASE。")
    first = getpass.getpass("口令：")
    if new and first != getpass.getpass("再输一遍："):
        raise RefusedError("两遍口令不一样。", next_step="请再来一次。")
    return first


def say(options: argparse.Namespace, line: str) -> None:
    if not options.json:
        print(line)


class StderrProgress:
    """How far long work is, on one line of the terminal; silent where nobody looks and for quick work."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._next = time.monotonic() + _TELL_SECONDS
        self._line = sys.stderr.isatty()
        self._told = False

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if total <= 0 or (now < self._next and not (self._told and done >= total)):
            return
        self._next, self._told = now + _TELL_SECONDS, done < total
        words = f"{self._what} {100 * done // total}%"
        ending = "" if self._line and done < total else "\n"
        sys.stderr.write(("\r" if self._line else "") + words + ending)
        sys.stderr.flush()
