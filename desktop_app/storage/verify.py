"""Proof that a workspace is whole. It reports and never heals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, text

from desktop_app.storage.access_log import find_broken_access
from desktop_app.storage.change_log import find_broken_seal, find_gap
from desktop_app.storage.container import DamagedBackupError, check_container
from desktop_app.storage.journal_head import told_problems
from desktop_app.storage.problems import MEND_DAMAGE, DamagedDatabaseError, explained
from desktop_app.storage.workspace import BACKUP_FOLDER, Workspace
from village_core.domain.errors import ProblemOutsideError
from village_core.exchange.triggers import existing_triggers, trigger_statements
from village_core.records import synced_tables
from village_core.records.attachments import Attachment

Check = Callable[[Connection], Iterable[str]]
"""A check of the content by a feature: yields one Chinese sentence for each thing that is wrong."""
_REMEMBER_PAGES = "PRAGMA cache_size = -128000"
"""At most 128 MB. `integrity_check` looks up every row in every index; what is not remembered is deciphered anew."""


@dataclass(frozen=True)
class VerifyReport:
    """`digests`: table name → hex over the synced columns, the same on every member of the village."""

    ok: bool
    digests: dict[str, str]
    problems: list[str] = field(default_factory=list)


def verify_workspace(
    workspace: Workspace,
    *,
    digests: Callable[[Connection], dict[str, str]],
    checks: Iterable[Check] = (),
    progress: Callable[[int, int], None] | None = None,
) -> VerifyReport:
    """Database, keys, log, content, attachments and automatic backups. `progress(done, total)` counts the steps and
    may raise to stop."""
    problems: list[str] = []
    found: dict[str, str] = {}
    steps = (_check_log, *checks, _attachment_check(workspace))
    total = len(steps) + 3

    def tell(done: int) -> None:
        if progress is not None:
            progress(done, total)

    with ThreadPoolExecutor(1) as pool:  # SQLite reads pages on one core, we count on the other
        pages = pool.submit(_database_problems, workspace)
        try:
            with explained(), workspace.engine.connect() as connection:
                for number, check in enumerate(steps):
                    tell(number)
                    problems += check(connection)
                tell(len(steps))
                found = digests(connection)
        except DamagedDatabaseError as error:
            problems.append(error.what)
        tell(total - 2)
        problems = list(dict.fromkeys([*pages.result(), *problems]))
    tell(total - 1)
    problems += _check_backups(workspace)
    tell(total)
    return VerifyReport(ok=not problems, digests=found, problems=problems)


def _database_problems(workspace: Workspace) -> list[str]:
    """On a connection of its own that is closed afterwards, with what it remembered."""
    problems: list[str] = []
    try:
        with explained(), workspace.engine.connect() as connection:
            connection.exec_driver_sql(_REMEMBER_PAGES)
            problems += _check_database(connection)
            connection.invalidate()
    except DamagedDatabaseError as error:
        problems.append(error.what)
    return problems


def damaged_report(error: DamagedDatabaseError) -> VerifyReport:
    """The report on a workspace that is too damaged to be opened."""
    return VerifyReport(ok=False, digests={}, problems=[f"{error.what}{error.next_step}"])


def _check_database(connection: Connection) -> Iterable[str]:
    for (line,) in connection.execute(text("PRAGMA cipher_integrity_check")).all():
        yield f"资料文件有一页损坏（{line}）。{MEND_DAMAGE}"
    for (line,) in connection.execute(text("PRAGMA integrity_check")).all():
        if line != "ok":
            yield f"资料库检查没有通过（{line}）。"
    for row in connection.execute(text("PRAGMA foreign_key_check")).all():
        yield f"资料库里有一条记录找不到它所属的记录（{row[0]}）。"
    if existing_triggers(connection) != trigger_statements(synced_tables):
        yield "资料库里记录改动的机关不完整。"


def _check_log(connection: Connection) -> Iterable[str]:
    gap = find_gap(connection)
    if gap is not None:
        yield f"改动记录缺第 {gap} 条。"
    broken = find_broken_seal(connection)
    if broken is not None:
        yield f"改动记录{broken.words}。"
    broken = find_broken_access(connection)
    if broken is not None:
        yield f"查阅记录{broken.words}。"
    yield from told_problems(connection)


def _attachment_check(workspace: Workspace) -> Check:
    """Contents must be whole. With a county, one that has not come down yet is no fault."""
    may_be_elsewhere = workspace.state("device") is not None

    def check(connection: Connection) -> Iterable[str]:
        names = (Attachment.sha256, Attachment.medium_sha256, Attachment.small_sha256)
        for title, *contents in connection.execute(select(Attachment.title, *names)).all():
            for sha256 in dict.fromkeys(name for name in contents if name is not None):
                if may_be_elsewhere and not workspace.attachments.has(sha256):
                    continue
                try:
                    workspace.attachments.get(sha256)
                except ProblemOutsideError as error:
                    yield f"照片“{title}”：{error.what}"

    return check


def _check_backups(workspace: Workspace) -> Iterable[str]:
    for path in sorted((workspace.folder / BACKUP_FOLDER).glob("*.tgb")):
        try:
            check_container(path)
        except (DamagedBackupError, ProblemOutsideError):
            yield f"自动备份 {path.name} 有损坏。"
