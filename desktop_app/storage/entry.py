"""The door: a passphrase tells who is at the keyboard, wrong tries cost time, and not everybody may come in.

Used by the window and by the command line alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, select

from desktop_app.storage import key_file
from desktop_app.storage.county_clock import AHEAD_SINCE, KNOWN_DAY, SKEW_SECONDS, days_to_remember, newest_day
from desktop_app.storage.duties import REVOKED, has_left, require_right, though_stopped
from desktop_app.storage.entry_guard import EntryGuard, tries_words
from desktop_app.storage.problems import explained
from desktop_app.storage.recovery_key import KEPT, STANDING, read_recovery_key
from desktop_app.storage.unit_of_work import Actor
from desktop_app.storage.workspace import KEY_FILE, Workspace
from village_core.domain.clock import CHINA
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.domain.staff.rights import Right
from village_core.exchange.change_log import device_state
from village_core.records.staff import StaffMember

_COUNTY_URL = "county.url"


class NotAdmittedError(ProblemOutsideError):
    """The passphrase is right, but this person, or this laptop, may not open the village's files."""


class MustChangeError(NotAdmittedError):
    """The passphrase was made by somebody else for one use: a new one of her own comes first."""


class StoppedError(NotAdmittedError):
    """The county has stopped this laptop; `county_url` is where it was enrolled, to be enrolled anew."""

    county_url: str = ""


class OtherCountyError(RefusedError):
    """Who answers does not hold the key of the county that this laptop knows."""


@dataclass(frozen=True)
class Admission:
    """What was found out at the door."""

    opened: key_file.Unlocked
    guard: EntryGuard

    @property
    def person(self) -> UUID | None:
        """None: the person who made the workspace (a key file of the first version)."""
        holder = self.opened.holder
        return UUID(holder.person) if holder is not None and holder.person else None

    @property
    def must_change(self) -> bool:
        return self.opened.holder is not None and self.opened.holder.must_change


def admit(folder: Path, passphrase: str, *, guard: EntryGuard | None = None) -> Admission:
    """Unlock with a person's passphrase. Raises `WaitError`, `WrongPassphraseError`, `KeyFileError`."""
    guard = guard or EntryGuard(folder)
    guard.check()
    try:
        opened = key_file.unlock(folder / KEY_FILE, passphrase, first=guard.last_slot)
    except key_file.WrongPassphraseError as error:
        raise _counted(guard, error) from error
    return Admission(opened, guard)


def admit_recovery(folder: Path, text: str) -> Admission:
    """Unlock with the recovery key. A mistyped group is named. 160 random bits need no wait after a wrong try."""
    secret = read_recovery_key(text)
    file = key_file.read_key_file(folder / KEY_FILE)
    if file.recovery is None:
        raise NotAdmittedError(
            "这份资料没有做过恢复钥匙。",
            safe="资料没有动过。",
            next_step="请用口令打开，或请有权管人员的同事重设口令。",
        )
    try:
        opened = key_file.unlock(folder / KEY_FILE, secret, kind=key_file.RECOVERY)
    except key_file.WrongPassphraseError as error:
        raise key_file.WrongPassphraseError(
            "这把恢复钥匙打不开这份资料。",
            safe="资料没有动过。",
            next_step="可能后来又换过恢复钥匙，请找最新封存的那一张。",
        ) from error
    return Admission(opened, EntryGuard(folder))


def actor_of(engine: Engine, person: UUID | None) -> Actor:
    """The person as actor; without a person the one who made the workspace."""
    with explained(), engine.connect() as connection:
        state: dict[str, str] = dict(connection.execute(select(device_state.c.key, device_state.c.value)).all())
        person_id = person or UUID(state["person"])
        row = connection.execute(select(StaffMember.name, StaffMember.roles).where(StaffMember.id == person_id)).first()
    name, roles = (row.name, row.roles) if row else ("", "")
    return Actor(person_id=person_id, name=name, role=roles.split(",")[0], device=int(state.get("device", "0")))


def check_person(workspace: Workspace, person: UUID) -> None:
    """Who has left or has no role any more does not come in, whatever the passphrase. Raises `NotAdmittedError`.

    Who leaves on a day to come works until then; a clock that was set back brings nobody back.
    """
    with explained(), workspace.engine.connect() as connection:
        row = connection.execute(
            select(StaffMember.name, StaffMember.roles, StaffMember.left_on).where(
                StaffMember.village == workspace.village, StaffMember.id == person
            )
        ).first()
    if row is None:
        raise _not_admitted("这个口令的主人不在村里的人员名单上。")
    known = {key: workspace.state(key) or "" for key in (KNOWN_DAY, AHEAD_SINCE, SKEW_SECONDS)}
    if has_left(row.left_on, newest_day(known, workspace.clock)):
        raise _not_admitted(f"{row.name} 已经记为离任，不能再打开村里的资料。")
    if not row.roles:
        raise _not_admitted(f"{row.name} 现在没有岗位，不能打开村里的资料。")
    for key, day in days_to_remember(known, workspace.clock).items():
        if day != known[key]:
            workspace.set_state(key, day)


def confirm_person(workspace: Workspace, passphrase: str) -> Workspace:
    """Whoever's passphrase this is, for a deed that an open window alone must not allow: the same open files in her
    name. Counted like at the door; also where the county has stopped this laptop, which stays stopped.

    Raises `WaitError`, `WrongPassphraseError`, `NotAdmittedError`.
    """
    admission = admit(workspace.folder, passphrase)
    if admission.opened.key != workspace.key:
        raise NotAdmittedError("钥匙文件换成了另一份资料的。", safe="资料没有动过。", next_step="请关掉田埂再打开。")
    person = actor_of(workspace.engine, admission.person)
    check_person(workspace, person.person_id)
    named = workspace.in_name_of(person, slot=admission.opened.slot.id)
    settle_entry(named, admission)
    return named


def require_though_stopped(workspace: Workspace, right: Right) -> None:
    """Like `Workspace.require`, but the county's stop, which takes all rights, does not count: for what lifts it."""
    with workspace.reader() as reader:
        assert reader.duties is not None
        require_right(though_stopped(reader.duties), right)


def check_device(workspace: Workspace) -> None:
    """Whether the county has stopped this laptop. Raises `StoppedError`."""
    since = workspace.state(REVOKED)
    if since:
        error = stopped_error(since)
        error.county_url = workspace.state(_COUNTY_URL) or ""
        raise error


def note_revoked(workspace: Workspace) -> None:
    """The county said that this laptop is stopped: nobody opens it from now on."""
    if not workspace.state(REVOKED):
        workspace.set_state(REVOKED, datetime.now(UTC).isoformat(timespec="seconds"))
        workspace.log_access("revoked", "workspace", "县里停用了这台电脑")


def note_admitted_again(workspace: Workspace) -> None:
    """The county has enrolled this laptop anew."""
    if workspace.state(REVOKED):
        workspace.set_state(REVOKED, "")
        workspace.log_access("admitted", "workspace", "县里让这台电脑接着用，重新登记了")


def stopped_error(since: str) -> StoppedError:
    """In words, with the day."""
    day = datetime.fromisoformat(since).astimezone(CHINA)
    return StoppedError(
        f"县里停用了这台电脑（{day.year}年{day.month}月{day.day}日得知）。",
        safe="资料还加密存在这台电脑上，一条也没有删。",
        next_step="县里让接着用的，请要一个新的登记码，点“重新登记”填进去，没送到的会接着送。",
    )


def settle_entry(workspace: Workspace, admission: Admission) -> None:
    """After opening: the wrong tries go to the journal, an old key file becomes a new one, its copy is mended."""
    workspace.slot = admission.opened.slot.id
    try:
        _renew_files(workspace, admission.opened)
    except ProblemOutsideError as error:
        workspace.log_access("key_mended", "workspace", f"钥匙文件没有补成：{error.what}")
    _note_recovery(workspace, there=admission.opened.file.recovery is not None)
    tries = admission.guard.note_right(workspace.slot)
    if tries:
        times = "、".join(f"{datetime.fromisoformat(one).astimezone(CHINA):%Y-%m-%d %H:%M:%S}" for one in tries)
        workspace.log_access("wrong_try", "workspace", f"口令试错 {len(tries)} 次：{times}")


def _note_recovery(workspace: Workspace, *, there: bool) -> None:
    """What the key file shows counts: an older program did not note it, and key files come back from backups."""
    if there != bool(workspace.state(STANDING)):
        workspace.set_state(STANDING, KEPT if there else "")


def _renew_files(workspace: Workspace, opened: key_file.Unlocked) -> None:
    path = workspace.folder / KEY_FILE
    if not opened.file.sealed:
        holder = key_file.Holder(workspace.actor.person_id.hex)
        key_file.write_key_file(path, opened.file.with_holders({opened.slot.id: holder}, key=opened.key))
        workspace.drafts.adopt_ownerless()
    elif key_file.mend_copies(path):
        workspace.log_access("key_mended", "workspace", "钥匙文件有一份缺失或损坏，已用另一份补好")


def _counted(guard: EntryGuard, error: ProblemOutsideError) -> ProblemOutsideError:
    """The same error, telling how many tries are left, or how long to wait."""
    guard.note_wrong()
    told = type(error)(error.what, safe=error.safe, next_step=error.next_step + tries_words(guard.wrong))
    try:
        guard.check()
    except ProblemOutsideError as wait:
        told = type(error)(error.what + wait.what, safe=error.safe, next_step=wait.next_step)
    return told


def _not_admitted(what: str) -> NotAdmittedError:
    return NotAdmittedError(what, safe="资料没有动过。", next_step="请找管人员的同事，或乡镇的技术人员。")
