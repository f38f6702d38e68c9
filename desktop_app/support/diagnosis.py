"""What support has to know of a laptop, in numbers and versions: no name, number, address, path or text of anybody.

The village's code and name, the county's address and what errors said are left out, too.
"""

from __future__ import annotations

import io
import json
import locale
import os
import platform
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy import Connection, text

from desktop_app.shell.crash_report import list_reports
from desktop_app.storage.county_clock import SKEW_SECONDS
from desktop_app.storage.files import write_whole
from desktop_app.storage.problems import explained
from desktop_app.storage.room import free_space
from desktop_app.storage.workspace import ATTACHMENT_FOLDER, BACKUP_FOLDER, DATABASE_FILE, Workspace
from desktop_app.sync import state
from desktop_app.sync.proof import verify_all
from desktop_app.sync.trouble import read_trouble
from village_core.domain.clock import CHINA

Facts = tuple[tuple[str, str], ...]

_PARTS = ("pyside6-essentials", "sqlcipher3", "sqlalchemy", "pynacl", "pyrage", "zstandard", "msgspec", "pillow")
_NUMBERS = (
    ("这台电脑的编号", state.DEVICE),
    ("第几次登记", state.INCARNATION),
    ("县里收到第几条", state.ACKED_SEQ),
    ("从县里收到第几条", state.CURSOR),
    ("核对一致到第几条", state.PROVED_SEQ),
    ("县里备份到第几条", state.DURABLE_SEQ),
    ("县里恢复过几次", state.EPOCH),
    ("钟差（秒）", SKEW_SECONDS),
    ("自动同步停着", state.PAUSED),
    ("上次核对一致", state.EQUAL_NOW),
)
_SHOWN_REPORTS = 10
_SHOWN_EXCHANGES = 10


@dataclass(frozen=True)
class Diagnosis:
    """Sections of facts, each a title and pairs of words; the texts of the last crash reports by file name."""

    sections: tuple[tuple[str, Facts], ...]
    reports: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All of it, as it is shown before it is saved."""
        lines = ["田埂 诊断（不含姓名、证件号、账号、地址、村名和填写的内容）"]
        for title, facts in self.sections:
            lines += ["", f"【{title}】", *(f"{name}：{value}" for name, value in facts)]
        for name, report in self.reports:
            lines += ["", f"【{name}】", report.rstrip()]
        return "\n".join(lines) + "\n"


def diagnose(
    workspace: Workspace, *, screen: Facts = (), progress: Callable[[int, int], None] | None = None
) -> Diagnosis:
    """Everything, with a full check of the data; takes seconds. `screen` is what the window knows of it."""
    outside = diagnose_folder(workspace.folder, now=workspace.clock.now(), screen=screen)
    with explained(), workspace.engine.connect() as connection:
        inside: tuple[tuple[str, Facts], ...] = (
            ("资料的行数", _row_counts(connection)),
            ("同步", _exchange_facts(connection)),
        )
    report = verify_all(workspace, progress=progress)
    verdict = "完好" if report.ok else f"有 {len(report.problems)} 处问题（在那台电脑上用 verify 看是哪些）"
    checked: Facts = (("结果", verdict), ("核对了几张表", str(len(report.digests))))
    return Diagnosis((*outside.sections, *inside, ("检查", checked)), outside.reports)


def diagnose_folder(folder: Path, *, now: datetime, screen: Facts = ()) -> Diagnosis:
    """What can be told without opening the data, also when they do not open any more."""
    sections = (
        ("程序", _program_facts()),
        ("电脑", (*_machine_facts(now), *screen)),
        ("文件", _file_facts(folder, now)),
    )
    return Diagnosis(sections, tuple(_last_reports(folder)))


def save_diagnosis(diagnosis: Diagnosis, path: Path) -> None:
    """A zip of the text, the same as JSON, and the reports as files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("diagnosis.txt", diagnosis.text)
        facts = {title: dict(facts) for title, facts in diagnosis.sections}
        archive.writestr("diagnosis.json", json.dumps(facts, ensure_ascii=False, indent=1))
        for name, report in diagnosis.reports:
            archive.writestr(f"reports/{name}", report)
    write_whole(path, content.getvalue())


def _program_facts() -> Facts:
    stamp: Mapping[str, str] = {}
    file = Path(getattr(sys, "_MEIPASS", "")) / "resources" / "version.json"
    if getattr(sys, "frozen", False) and file.is_file():
        stamp = json.loads(file.read_text(encoding="utf-8"))
    built = (stamp.get("version", _version("tiangeng")), stamp.get("commit", "源码运行"), stamp.get("date", ""))
    return (
        ("田埂", " ".join(part for part in built if part)),
        ("Python", platform.python_version()),
        *((name, _version(name)) for name in _PARTS),
    )


def _machine_facts(now: datetime) -> Facts:
    return (
        ("系统", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("处理器", f"{os.cpu_count()} 个"),
        ("语言", ".".join(part or "无" for part in locale.getlocale())),
        ("文件名编码", sys.getfilesystemencoding()),
        ("时间", now.astimezone(CHINA).isoformat(timespec="seconds")),
        ("系统时区", datetime.now().astimezone().strftime("%z")),
    )


def _file_facts(folder: Path, now: datetime) -> Facts:
    facts = []
    for words, name in (("资料文件", DATABASE_FILE), ("没有并入的改动", f"{DATABASE_FILE}-wal")):
        file = folder / name
        facts.append((words, f"{file.stat().st_size} 字节" if file.is_file() else "没有"))
    for words, name in (("照片和附件", ATTACHMENT_FOLDER), ("备份", BACKUP_FOLDER)):
        stats = [path.stat() for path in (folder / name).rglob("*") if path.is_file()]
        told = f"{len(stats)} 个，{sum(one.st_size for one in stats)} 字节"
        if stats and name == BACKUP_FOLDER:
            hours = (now.timestamp() - max(one.st_mtime for one in stats)) / 3600
            told += f"，最近一份 {hours:.0f} 小时前"
        facts.append((words, told))
    facts.append(("磁盘剩余", f"{free_space(folder)} 字节"))
    facts.append(("文件夹可以写", "是" if os.access(folder, os.W_OK) else "否"))
    return tuple(facts)


def _row_counts(connection: Connection) -> Facts:
    """Every table of the database by its own name, which is of the program and not of the village."""
    tables = connection.execute(
        text("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
    ).scalars()
    counts = [(name, str(connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar())) for name in tables]  # noqa: S608 - names of our own tables
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    cipher = connection.exec_driver_sql("PRAGMA cipher_version").scalar()
    return (("结构的版本", str(revision)), ("SQLCipher", str(cipher)), *counts)


def _exchange_facts(connection: Connection) -> Facts:
    known = state.read_state(connection)
    if state.COUNTY_URL not in known:
        return (("登记", "没有登记到县里"),)
    facts = [("登记", "已登记")]
    facts += [(words, _number(known.get(key, ""))) for words, key in _NUMBERS]
    facts.append(("上次一致的时间", _moment(known.get(state.LAST_EQUAL_AT, ""))))
    trouble = read_trouble(known)
    facts.append(("上次交换", "顺利" if trouble is None else "等线路" if trouble.patient else "有问题，要人处理"))
    rows = connection.execute(
        text(
            "SELECT at, outcome, sent, received, bytes_up, bytes_down, equal FROM exchange_log"
            " ORDER BY id DESC LIMIT :n"
        ),
        {"n": _SHOWN_EXCHANGES},
    )
    for at, outcome, *numbers in rows:
        told = outcome if outcome in {"done", "cut", "refused"} else "?"
        facts.append((_moment(at), " ".join([told, *(_number(one) for one in numbers)])))
    return tuple(facts)


def _last_reports(folder: Path) -> list[tuple[str, str]]:
    kept = []
    for path in list_reports(folder)[:_SHOWN_REPORTS]:
        try:
            kept.append((path.name, path.read_text(encoding="utf-8", errors="replace")[: 16 << 10]))
        except OSError:
            kept.append((path.name, "读不出来"))
    return kept


def _number(value: object) -> str:
    """Numbers only: what is kept under a key is never shown as it is."""
    try:
        return str(int(str(value)))
    except ValueError:
        return "—"


def _moment(value: str) -> str:
    try:
        return datetime.fromisoformat(value).isoformat(timespec="seconds")
    except ValueError:
        return "—"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "—"
