"""The jobs that are killed. Each tells `done(text)` right after what it promised is committed, and can look afterwards
whether all that it told is there."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from county_server.engine import open_database
from desktop_app.archive.service import write_archive
from desktop_app.households.service import import_households
from desktop_app.storage.backup import write_backup
from desktop_app.storage.container import check_container
from desktop_app.storage.workspace import Workspace
from tests.counties import County
from tests.laptops import Laptop, sync_until_quiet
from tests.ledger.books import DAY, post
from village_core.domain.clock import SystemClock
from village_core.records.households import Household, Person
from village_core.records.ledger import Posting, Voucher
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
    """A sheet in one transaction: all of its people or none."""

    name = "import"
    PEOPLE_FILE = "sheet.xlsx"

    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        report = import_households(workspace, files / self.PEOPLE_FILE)
        done(f"{report.created + report.unchanged}")

    def lost(self, workspace: Workspace, files: Path, told: Sequence[str]) -> str | None:
        with workspace.reader() as reader:
            people = reader.session.scalar(select(func.count()).select_from(Person))
        before, after = (int(word) for word in (files / "people.txt").read_text().split())
        allowed = {after} if told else {before, after}
        return None if people in allowed else f"{people} people of {allowed}"


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
    """A backup over an older one: the file is the old or the new, whole."""

    name = "backup"
    FILE = "kept.tgb"

    def run(self, workspace: Workspace, files: Path, done: Done) -> None:
        write_backup(workspace, files / self.FILE)
        done("written")

    def lost(self, workspace: Workspace, files: Path, told: Sequence[str]) -> str | None:
        check_container(files / self.FILE)
        return None


def _ids(workspace: Workspace) -> list[UUID]:
    with workspace.reader() as reader:
        return list(reader.session.scalars(select(Household.id).order_by(Household.id)))


def _county(files: Path) -> County:
    path = str(files / "county.db")
    return County(path, open_database(path), SystemClock())


JOBS: tuple[Job, ...] = (
    EditHouseholds(),
    ImportSheet(),
    PostVouchers(),
    WriteArchive(),
    ExchangeWithCounty(),
    Upgrade(),
    WriteBackup(),
)
