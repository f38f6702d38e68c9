"""The restore drill (恢复演练): restore a backup for a try beside the workspace, open it, check it, throw it away."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from desktop_app.storage.attachments import AttachmentStore
from desktop_app.storage.container import Manifest, Progress, check_container, opened_container
from desktop_app.storage.frozen_copy import Counts, count_records, prove_copy
from desktop_app.storage.one_at_a_time import alone
from desktop_app.storage.problems import explain_system, explained
from desktop_app.storage.restore import find_content, restore_backup
from desktop_app.storage.restore_preview import made_words
from desktop_app.storage.shelf import newest_daily
from desktop_app.storage.verify import VerifyReport
from desktop_app.storage.workspace import ATTACHMENT_FOLDER, BACKUP_FOLDER, Workspace
from village_core.domain.clock import stamp
from village_core.domain.errors import RefusedError, UserError

LAST_DRILL = "backup.drill_at"
"""Key of `device_state`: when the last drill ended."""
DRILL_WORDS = "backup.drill_words"
"""What it found, in words."""
DRILL_OK = "backup.drill_ok"
"""1 when all was well."""
_TRIAL = ".drill"

OpenRestored = Callable[[Path, bytes], Workspace]
"""Open a restored folder with the key, as the program does it each day."""
VerifyRestored = Callable[[Workspace], VerifyReport]


@dataclass(frozen=True)
class DrillReport:
    """`holds`: what the restored copy has, `now`: what the workspace has at this moment. `problems` in Chinese."""

    ok: bool
    backup: str
    made_at: str
    holds: Counts
    now: Counts
    contents: int
    seconds: float
    problems: tuple[str, ...]

    @property
    def words(self) -> str:
        made = f"{made_words(self.made_at)}做的备份" if self.made_at else self.backup
        if not self.ok:
            return f"试过了，{made}有问题：{''.join(self.problems[:5])}"
        photos = f"{self.contents:,} 个照片文件都完好。" if self.contents else ""
        return (
            f"试过了，{made}能恢复：打得开，检查通过，有 {self.holds.words}。{photos}"
            f"用了 {max(1, round(self.seconds))} 秒，试完已经删掉。"
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def newest_backup(workspace: Workspace) -> Path:
    """The newest of the daily backups."""
    newest = newest_daily(workspace.folder / BACKUP_FOLDER)
    if newest is not None:
        return newest.path
    raise RefusedError("还没有可以试的备份。", safe="资料没有改动。", next_step="请先备份一次，或写上备份文件的名字。")


def drill(
    workspace: Workspace,
    source: Path | None = None,
    *,
    open_restored: OpenRestored,
    verify: VerifyRestored,
    progress: Progress | None = None,
) -> DrillReport:
    """Try one backup of this workspace, the newest daily one by default. What it finds is kept for the page."""
    source = source or newest_backup(workspace)
    trial = workspace.folder / _TRIAL
    started = time.monotonic()
    with alone(workspace.folder / ".drill.lock", what="另一次试恢复"):
        try:
            shutil.rmtree(trial, ignore_errors=True)
            manifest = check_container(source, progress=progress)
            restore_backup(source, trial, key=workspace.key, with_attachments=False)
            problems, holds = _look_through(workspace, trial, open_restored, verify)
            wrong, contents = _check_contents(manifest, source, workspace, progress)
            problems += wrong
        except OSError as error:
            raise explain_system(error) from error
        except UserError as error:
            _keep(workspace, f"试过了，{source.name} 恢复不了：{error.what}", ok=False)
            raise
        finally:
            shutil.rmtree(trial, ignore_errors=True)
    with explained(), workspace.engine.connect() as connection:
        now = count_records(connection)
    report = DrillReport(
        ok=not problems,
        backup=source.name,
        made_at=manifest.made_at,
        holds=holds,
        now=now,
        contents=contents,
        seconds=round(time.monotonic() - started, 3),
        problems=tuple(problems),
    )
    _keep(workspace, report.words, ok=report.ok)
    return report


def _look_through(
    workspace: Workspace, trial: Path, open_restored: OpenRestored, verify: VerifyRestored
) -> tuple[list[str], Counts]:
    restored = open_restored(trial, workspace.key)
    try:
        with explained(), restored.engine.connect() as connection:
            prove_copy(connection)
            holds = count_records(connection)
        restored.attachments = workspace.attachments  # they are looked at where they lie, each for itself
        return list(verify(restored).problems), holds
    finally:
        restored.engine.dispose()


def _check_contents(
    manifest: Manifest, source: Path, workspace: Workspace, progress: Progress | None
) -> tuple[list[str], int]:
    """Open every photo that the backup holds or names. Returns what is wrong, and how many are whole."""
    store: AttachmentStore = workspace.attachments
    inside = [name for name in manifest.files if name.startswith(f"{ATTACHMENT_FOLDER}/")]
    total = len(inside) + len(manifest.outside)
    whole = broken = absent = 0
    with opened_container(source) as container:
        for number, name in enumerate((*inside, *manifest.outside)):
            short = name.removeprefix(f"{ATTACHMENT_FOLDER}/")
            if name in manifest.files:
                good = store.is_sealed_as(short, container.read(name))
                broken += not good
            else:
                good = find_content(name, source, store) is not None or _here(workspace, name, short)
                absent += not good
            whole += good
            if progress is not None and number % 16 == 0:
                progress(number, total)
    problems = [f"备份里有 {broken} 个照片文件打不开。"] if broken else []
    if absent:
        problems.append(f"备份要用的照片文件，有 {absent} 个找不到或有损坏。")
    return problems, whole


def _here(workspace: Workspace, name: str, short: str) -> bool:
    path = workspace.folder / name
    return path.is_file() and workspace.attachments.is_sealed_as(short, path.read_bytes())


def _keep(workspace: Workspace, words: str, *, ok: bool) -> None:
    workspace.set_state(LAST_DRILL, stamp(workspace.clock))
    workspace.set_state(DRILL_WORDS, words)
    workspace.set_state(DRILL_OK, "1" if ok else "0")
