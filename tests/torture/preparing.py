"""The folders that every kill starts from a copy of: `books` with a case, an enrolled `laptop`, `older`."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from county_server.migrate import open_migrated
from desktop_app.bootstrap import create_workspace, open_with_key
from desktop_app.demo.people import make_village, write_sheet
from desktop_app.ledger.service import add_sub_account
from desktop_app.storage.backup import write_backup
from desktop_app.storage.key_file import unlock_key
from desktop_app.storage.workspace import Workspace
from tests.counties import opened_county
from tests.laptops import Laptop, join
from tests.ledger.sheets import OPENING, RENT, REPAIR
from tests.ledger.sheets import write_sheet as write_vouchers
from tests.notices.cases import carry_case, fill_in_village
from tests.older_client import FIXTURES, Program
from tests.torture.jobs import ImportSheet, ImportVouchers, WriteBackup
from tests.workspaces import PASSPHRASE, VILLAGE, do
from village_core.domain.ids import new_id
from village_core.domain.relief.steps import StepKind
from village_core.records.households import Household

WORKSPACE = "workspace"
HOUSEHOLDS = 12
RENTS = [(day, f"记-{number}", *rest) for number in range(1, 41) for day, _, *rest in RENT]


def prepare(folder: Path) -> dict[str, bytes]:
    """Make the templates in `folder`; their keys."""
    books = folder / "books"
    workspace = _new_workspace(books)
    key = workspace.key
    workspace.close()
    shutil.copytree(books, folder / "laptop")
    _fill_books(books, key)
    _enrol(folder / "laptop", key)
    return {"books": key, "laptop": key, "older": _make_older(folder / "older")}


def _new_workspace(home: Path) -> Workspace:
    workspace = create_workspace(
        home / WORKSPACE, village=VILLAGE, name="太平村", person="李琼仙", passphrase=PASSPHRASE
    )
    for number in range(HOUSEHOLDS):
        with workspace.unit_of_work(reason="试") as uow:
            uow.session.add(Household(village=uow.village, id=new_id(), number=f"K{number}", head_name="罗铉"))
            uow.commit()
    return workspace


def _fill_books(home: Path, key: bytes) -> None:
    workspace = open_with_key(home / WORKSPACE, key)
    fill_in_village(workspace)
    carry_case(workspace, upto=StepKind.FIRST_REVIEW)  # few pages: a kill is to meet the writing, not the drawing
    do(workspace, lambda uow: add_sub_account(uow, parent="501", name="发包收入", code="50103"))
    (home / WriteBackup.OLD).write_text(write_backup(workspace, home / WriteBackup.FILE).sha256)
    write_sheet(home / ImportSheet.FILE, make_village(11, 15))
    write_vouchers(home / ImportVouchers.FILE, [*OPENING, *RENTS, *REPAIR])
    workspace.close()
    with tempfile.TemporaryDirectory(dir=home) as tried:
        copy = shutil.copytree(home / WORKSPACE, Path(tried) / WORKSPACE)
        workspace = open_with_key(copy, key)
        for job in (ImportSheet(), ImportVouchers()):
            job.expect(workspace, home)
        workspace.close()


def _enrol(home: Path, key: bytes) -> None:
    address = str(home / "county.db")
    open_migrated(address).dispose()
    with opened_county(address) as county:
        laptop = Laptop(open_with_key(home / WORKSPACE, key), county)
        join(laptop, "报账员")
        laptop.sync()
        for row in laptop.all(Household)[:8]:
            laptop.edit(Household, row.id, phone="1")
        laptop.workspace.close()


def _make_older(home: Path) -> bytes:
    """A workspace of the frozen program, with rows that it wrote."""
    program, sheet = home.parent / "program", home.parent / "older.xlsx"
    with zipfile.ZipFile(FIXTURES / "client_schema1.zip") as archive:
        archive.extractall(program)
    write_sheet(sheet, make_village(18, 20))
    folder = home / WORKSPACE
    Program(program).make_village(folder, sheet, vouchers=3)
    (home / "households.txt").write_text("20")
    return unlock_key(folder / "key.json", PASSPHRASE)
