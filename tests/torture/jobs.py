"""The jobs that are killed. Each tells `done(text)` right after what it promised is committed, and can look afterwards
whether all that it told is there."""

from __future__ import annotations

import hashlib
import json
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from county_server.engine import open_database
from desktop_app.archive.service import write_archive
from desktop_app.households.service import import_households
from desktop_app.ledger.excel import import_vouchers
from desktop_app.storage.backup import write_backup
from desktop_app.storage.container import check_container, hash_file
from desktop_app.storage.workspace import Workspace
from tests.counties import County
from tests.laptops import Laptop, sync_until_quiet
from tests.ledger.books import DAY, post
from village_core.domain.clock import SystemClock
from village_core.records import Record
from village_core.records.households import ExtraField, Household, Person
from village_core.records.ledger import Posting, SubAccount, Voucher
from village_core.records.notices import PrintedDocument

Done = Callable[[str], None]


class Job(ABC):
    """`name` is what the table calls it; `template` is the prepared folder that it works on."""

    name: str
    template: str = "books"

    @abstractmethod
    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        """The work. `files` is the folder of the copy; the workspace is in it."""

    @abstractmethod
    def lost(self, workspace: Workspace, files: Path, told: Sequence[str]) -> str | None:
        """What is not there of what was told, or is there by half."""


class EditHouseholds(Job):
    """Two fields of one household a transaction: both or none."""

    name = "edit"

    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        value = f"{random.SystemRandom().random()}"
        for household in _ids(workspace)[:6]:
            with workspace.unit_of_work(reason="试") as uow:
                row = uow.session.get(Household, (uow.village, household))
                assert row is not None
                row.note = row.bank_name = value
                uow.commit()
            done(f"{household} {value}")

    def lost(self, workspace: Workspace, files: Path, told: Sequence[str]) -> str | None:
        with workspace.reader() as reader:
            rows = {row.id: row for row in reader.session.scalars(select(Household))}
            values = [(rows[UUID(line.split()[0])].note, line.split()[1]) for line in told]
            halves = [row.id for row in rows.values() if row.note and row.note != row.bank_name]
        if any(found != promised for found, promised in values):
            return f"an edit that was acknowledged: {values}"
        return f"half an edit: {halves}" if halves else None


class ImportSheet(Job):
    """A sheet in one transaction: all of its people, with every column, or none."""

    name = "import"
    FILE = "households.xlsx"
    TABLES: tuple[type[Record], ...] = (Household, Person, ExtraField)

    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        import_households(workspace, files / self.FILE)
        done("imported")

    def lost(self, workspace: Workspace, files: Path, told: Sequence[str]) -> str | None:
        before, after = json.loads((files / f"{self.FILE}.json").read_text())
        allowed = {after} if told else {before, after}
        return None if content_of(workspace, self.TABLES) in allowed else f"rows of the sheet, told {list(told)}"

    def expect(self, workspace: Workspace, files: Path) -> None:
        """Note what stands before and after, by doing it to `workspace` when nobody kills it."""
        before = content_of(workspace, self.TABLES)
        self.run(workspace, files, lambda _: None)
        (files / f"{self.FILE}.json").write_text(json.dumps([before, content_of(workspace, self.TABLES)]))


class ImportVouchers(ImportSheet):
    """The same for the books: vouchers, their lines and the accounts that the sheet opens."""

    name = "import-vouchers"
    FILE = "vouchers.xlsx"
    TABLES = (Voucher, Posting, SubAccount)

    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        import_vouchers(workspace, files / self.FILE)
        done("imported")


class PostVouchers(Job):
    """A voucher with its lines and its number."""

    name = "voucher"

    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        for fen in (700, 800, 900):
            done(str(post(workspace, ("10201", fen), ("50103", -fen), on=DAY).voucher_id))

    def lost(self, workspace: Workspace, files: Path, told: Sequence[str]) -> str | None:
        with workspace.reader() as reader:
            counted = select(Posting.voucher_id, func.count()).group_by(Posting.voucher_id)
            lines = dict(reader.session.execute(counted).all())
            vouchers = {row.id for row in reader.session.scalars(select(Voucher))}
        missing = {UUID(line) for line in told} - vouchers
        if missing:
            return f"vouchers {missing}"
        halves = [one for one in vouchers if lines.get(one, 0) < 2]
        return f"lines of {halves}" if halves or set(lines) - vouchers else None


class WriteArchive(Job):
    """一户一档 as a file, and the record that it was printed."""

    name = "archive"
    FILE = "archive.pdf"

    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        done(write_archive(workspace, "2026-001", files / self.FILE)[1])

    def lost(self, workspace: Workspace, files: Path, told: Sequence[str]) -> str | None:
        path = files / self.FILE
        if path.exists() and not path.read_bytes().rstrip().endswith(b"%%EOF"):
            return "half a PDF"
        with workspace.reader() as reader:
            known = set(reader.session.scalars(select(PrintedDocument.sha256)))
        return None if set(told) <= known and (path.exists() or not told) else "the printed archive"


class ExchangeWithCounty(Job):
    """The county is in the same process: laptop and server lose their power at the same moment."""

    name = "exchange"
    template = "laptop"

    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        county = _county(files)
        try:
            laptop = Laptop(workspace, county)
            laptop.edit(Household, _ids(workspace)[0], note="before the exchange")
            done("edited")
            sync_until_quiet(laptop)
            done("equal")
        finally:
            county.engine.dispose()

    def lost(self, workspace: Workspace, files: Path, told: Sequence[str]) -> str | None:
        county = _county(files)
        try:
            with county.engine.connect() as connection:
                notes = set(connection.scalars(select(Household.note)))
            if "equal" in told and "before the exchange" not in notes:
                return "what the county had acknowledged"
            with workspace.reader() as reader:
                mine = set(reader.session.scalars(select(Household.note)))
            return "an edit" if told and "before the exchange" not in mine else None
        finally:
            county.engine.dispose()


class Upgrade(Job):
    """Opening brought the schema from 0001 to what this program knows; all rows are still there."""

    name = "migration"
    template = "older"

    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        done(str(len(_ids(workspace))))

    def lost(self, workspace: Workspace, files: Path, told: Sequence[str]) -> str | None:
        wanted = int((files / "households.txt").read_text())
        found = len(_ids(workspace))
        return None if found == wanted else f"{found} households of {wanted}"


class WriteBackup(Job):
    """Twice a backup over an older one: what lies there is the one told last or the next one, whole; no older one."""

    name = "backup"
    FILE = "kept.tgb"
    OLD = "kept.sha256"
    TIMES = 2

    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        for _ in range(self.TIMES):
            done(write_backup(workspace, files / self.FILE).sha256)

    def lost(self, workspace: Workspace, files: Path, told: Sequence[str]) -> str | None:
        check_container(files / self.FILE)
        found = hash_file(files / self.FILE)
        *older, last = (files / self.OLD).read_text(), *told
        if found in older or (len(told) == self.TIMES and found != last):
            return f"the backup {last}, there lies {found}"
        (files / self.OLD).write_text(found)
        return None


def content_of(workspace: Workspace, tables: Sequence[type[Record]]) -> str:
    """A hash over all their rows without ids and times, but with what a row says of the row that it belongs to: the
    same for the same sheet, whenever it was taken in."""
    with workspace.reader() as reader:
        rows = [dict(row) for one in tables for row in reader.session.execute(select(one.__table__)).mappings()]
    for row in rows:
        row.pop("made_at", None)
    said = {row.pop("id"): [value for value in row.values() if not isinstance(value, UUID)] for row in rows}
    lines = sorted(
        repr([said.get(value) if isinstance(value, UUID) else value for value in row.values()]) for row in rows
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _ids(workspace: Workspace) -> list[UUID]:
    with workspace.reader() as reader:
        return list(reader.session.scalars(select(Household.id).order_by(Household.id)))


def _county(files: Path) -> County:
    path = str(files / "county.db")
    return County(path, open_database(path), SystemClock())


JOBS: tuple[Job, ...] = (
    EditHouseholds(),
    ImportSheet(),
    ImportVouchers(),
    PostVouchers(),
    WriteArchive(),
    ExchangeWithCounty(),
    Upgrade(),
    WriteBackup(),
)
