"""Wires the program without Qt: key → engine → migrations → workspace."""

from __future__ import annotations

import os
import re
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, insert, select

from desktop_app.storage import entry
from desktop_app.storage.engine import HybridClock, open_engine
from desktop_app.storage.key_file import (
    KeyFileError,
    check_passphrase,
    copy_of,
    create_key,
    has_key_file,
)
from desktop_app.storage.migrate import create_schema, needs_upgrade, upgrade_on_copy
from desktop_app.storage.problems import explain_system, explained
from desktop_app.storage.staging import settle_restore
from desktop_app.storage.unfinished import making, settle_unfinished
from desktop_app.storage.unit_of_work import Actor, Reader
from desktop_app.storage.workspace import DATABASE_FILE, KEY_FILE, Workspace
from village_core.domain.clock import Clock, SystemClock
from village_core.domain.errors import Finding, ProblemOutsideError, RefusedError
from village_core.domain.ids import derived_id, new_id
from village_core.exchange.change_log import device_state
from village_core.exchange.local_tables import deferred_operation
from village_core.records.settings import VillageProfile
from village_core.records.staff import StaffMember

SOLE_PERSON_ROLES = "报账员,文书"
"""Roles of the person of a workspace without a county: all duties in one hand (兼任), which is put on record."""


_PRIVATE = 0o700
"""Other users of the computer do not even see the encrypted files."""


class NoWorkspaceError(RefusedError):
    """There is no workspace in the folder."""


def has_workspace(folder: Path) -> bool:
    """Also where a file of the two is lost: what lies there must never be taken for an empty folder."""
    settle_restore(folder)
    settle_unfinished(folder)
    return (folder / DATABASE_FILE).exists() or has_key_file(folder / KEY_FILE)


def create_workspace(
    folder: Path, *, village: str, name: str, person: str, passphrase: str, clock: Clock | None = None
) -> Workspace:
    """A new encrypted workspace for one village, with its first person. Refuses where one is already."""
    clock = clock or SystemClock()
    _check_village(village, name)
    check_passphrase(passphrase)
    _refuse_taken(folder)
    try:
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        folder.chmod(_PRIVATE)
    except OSError as error:
        raise explain_system(error) from error
    with making(folder):
        _refuse_taken(folder)
        return _make(folder, village=village, name=name, person=person, passphrase=passphrase, clock=clock)


def _refuse_taken(folder: Path) -> None:
    if has_workspace(folder):
        raise RefusedError(
            "这个文件夹里已经有一份村里的资料。", safe="资料没有改动。", next_step="请打开它，或换一个空的文件夹。"
        )


def _make(folder: Path, *, village: str, name: str, person: str, passphrase: str, clock: Clock) -> Workspace:
    person_id = new_id()
    key = create_key(folder / KEY_FILE, passphrase, person=person_id.hex)
    hybrid_clock = HybridClock(clock)
    engine = open_engine(folder / DATABASE_FILE, key, clock=hybrid_clock)
    try:
        create_schema(engine)
        with explained(), engine.execution_options(write=True).begin() as connection:
            connection.execute(
                insert(device_state),
                [{"key": "village", "value": village}, {"key": "person", "value": person_id.hex}],
            )
        actor = Actor(person_id=person_id, name=person, role=SOLE_PERSON_ROLES.split(",")[0])
        workspace = _wired(Workspace(folder, key, engine=engine, hybrid_clock=hybrid_clock, clock=clock, actor=actor))
        with workspace.unit_of_work(reason="新建村里的资料") as uow:
            uow.session.add(
                StaffMember(
                    village=village, id=person_id, name=person, roles=SOLE_PERSON_ROLES, may_combine_duties=True
                )
            )
            uow.session.add(VillageProfile(village=village, id=derived_id(village, "village"), name=name))
            uow.commit()
    except BaseException:
        engine.dispose()
        remove_workspace(folder)
        raise
    return workspace


def remove_workspace(folder: Path) -> None:
    """Take back a workspace that could not be finished; for a new one only, before anything was entered."""
    for name in (f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm", DATABASE_FILE):
        (folder / name).unlink(missing_ok=True)
    for path in (copy_of(folder / KEY_FILE), folder / KEY_FILE):
        path.unlink(missing_ok=True)


def open_workspace(
    folder: Path,
    passphrase: str,
    *,
    clock: Clock | None = None,
    user: str = "",
    stopped: bool = False,
    must_change: bool = False,
) -> Workspace:
    """Open what is there; upgrade it first if it is older. Wrong passphrase, newer file: each its own sentence.

    `user` is who it must be. `stopped`: also when the county has stopped this laptop (to enrol it anew).
    `must_change`: also with a passphrase for one use; the caller lets it be changed before anything else.
    """
    _check_there(folder)
    admission = entry.admit(folder, passphrase)
    if admission.must_change and not must_change:
        raise entry.MustChangeError(
            "这是别人给您的一次性口令，要先换成自己的。",
            safe="资料没有动过。",
            next_step="请打开窗口，填这个口令，再填自己的新口令。",
        )
    return _let_in(folder, admission, clock=clock, user=user, stopped=stopped)


def recover_workspace(folder: Path, recovery_key: str, *, passphrase: str, user: str = "") -> Workspace:
    """Open with the recovery key and give `user` (or who made the workspace) a new passphrase. It is journalled."""
    from desktop_app.staff.recovery import set_passphrase_by_recovery

    _check_there(folder)
    check_passphrase(passphrase)
    admission = entry.admit_recovery(folder, recovery_key)
    workspace = open_with_key(folder, admission.opened.key)
    try:
        set_passphrase_by_recovery(workspace, admission, passphrase=passphrase, user=user)
        entry.check_device(workspace)
        return workspace
    except BaseException:
        workspace.close()
        raise


def _check_there(folder: Path) -> None:
    if not has_workspace(folder):
        raise NoWorkspaceError(
            "这个文件夹里还没有村里的资料。", next_step="请先新建一份（init），或选对资料所在的文件夹。"
        )
    if not (folder / DATABASE_FILE).exists():
        raise KeyFileError(
            "资料文件不见了，只剩下钥匙。", safe="备份里的资料还在。", next_step="请用最近一次备份恢复，不要新建。"
        )
    for path, word in ((folder, "文件夹"), (folder / DATABASE_FILE, "文件")):
        if not os.access(path, os.W_OK):
            raise ProblemOutsideError(
                f"资料所在的{word}不能写入，所以没有打开：{path}。",
                safe="资料没有动过。",
                next_step="请检查权限，或U盘上的写保护开关，再打开一次。",
            )


def _let_in(folder: Path, admission: entry.Admission, *, clock: Clock | None, user: str, stopped: bool) -> Workspace:
    workspace = open_with_key(folder, admission.opened.key, clock=clock, person=admission.person)
    try:
        entry.settle_entry(workspace, admission)
        if not stopped:
            entry.check_device(workspace)
        entry.check_person(workspace, workspace.actor.person_id)
        if user and workspace.actor.name != user:
            raise entry.NotAdmittedError(
                f"这不是“{user}”的口令。", safe="资料没有动过。", next_step=f"请填 {user} 自己的口令，或去掉 --user。"
            )
        return workspace
    except BaseException as error:
        if isinstance(error, entry.NotAdmittedError):
            workspace.log_access("refusal", "打开资料", error.what)
        workspace.close()
        raise


def open_with_key(folder: Path, key: bytes, *, clock: Clock | None = None, person: UUID | None = None) -> Workspace:
    """With the key already unwrapped, in the name of `person`; without in that of who made the workspace."""
    clock = clock or SystemClock()
    hybrid_clock = HybridClock(clock)
    path = folder / DATABASE_FILE

    def opener(file: Path) -> Engine:
        return open_engine(file, key, clock=hybrid_clock)

    engine = opener(path)
    try:
        if needs_upgrade(engine):
            engine.dispose()
            upgrade_on_copy(path, key=key, open_copy=opener, clock=clock)
            engine = opener(path)
        actor = entry.actor_of(engine, person)
        workspace = _wired(Workspace(folder, key, engine=engine, hybrid_clock=hybrid_clock, clock=clock, actor=actor))
        _carry_out_deferred(workspace)
        return workspace
    except BaseException:
        engine.dispose()
        raise


def _carry_out_deferred(workspace: Workspace) -> None:
    """What an older program could only keep. Loaded when there is any, so that the program opens without it."""
    with explained(), workspace.engine.connect() as connection:
        if connection.execute(select(deferred_operation.c.number).limit(1)).first() is None:
            return
    from desktop_app.sync.inbox import carry_out_deferred

    carry_out_deferred(workspace)


def _relief_on_vouchers(reader: Reader, voucher: object) -> tuple[Finding, ...]:
    """Loaded when the first voucher is posted, so that the window opens without it."""
    from desktop_app.relief.public_spending import advise_on_voucher

    return advise_on_voucher(reader, voucher)


def _wired(workspace: Workspace) -> Workspace:
    workspace.advisers["voucher"] = (_relief_on_vouchers,)
    return workspace


def _check_village(village: str, name: str) -> None:
    if not re.fullmatch(r"\d{12}", village):
        raise RefusedError(
            f"村的区划代码应是 12 位数字，现在是“{village}”。", next_step="请照统计用区划代码填写，例如 532327101201。"
        )
    if not name.strip():
        raise RefusedError("村名还没有填。", next_step="请填写村委会的名称，例如 太平村。")
