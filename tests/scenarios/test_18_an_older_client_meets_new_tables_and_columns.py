"""Scenario 18: a laptop of the older version goes on beside newer ones, and has everything after its upgrade."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from desktop_app.bootstrap import open_workspace
from desktop_app.demo.people import make_village, write_sheet
from desktop_app.ledger.posting import VoucherPapers, posting_values, voucher_values
from desktop_app.storage.unit_of_work import UnitOfWork
from tests.counties import new_postgres
from tests.older_client import ROOT, Program
from tests.workspaces import PASSPHRASE, VILLAGE
from village_core.domain.ids import new_id
from village_core.domain.ledger.voucher import Posting, Voucher, VoucherNumber
from village_core.records import ledger
from village_core.records.held import HeldChange, HeldDecision
from village_core.records.households import Household

ACCOUNT_FIRST, ACCOUNT_SECOND = "6228480000000001", "6228480000000002"
PRINTED = "记-0041"


class CountyProgram:
    """The county's server and its commands as processes, PostgreSQL behind."""

    def __init__(self, database: str, folder: Path) -> None:
        self._command = [sys.executable, "-m", "county_server", "--db", database]
        self._folder = folder
        self._environment = Program(ROOT).environment

    def code(self, role: str) -> str:
        return str(self.tell("enrol", VILLAGE, "--role", role)["code"])

    def tell(self, *arguments: str) -> Any:
        return Program.read(self._run(*arguments, "--json"))

    @contextmanager
    def serving(self) -> Iterator[str]:
        command = [*self._command, "serve", "--listen", "127.0.0.1:0"]
        with subprocess.Popen(
            command, cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().split("：")[-1].strip()
            finally:
                process.terminate()

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def county_program(postgres: str, tmp_path: Path) -> Iterator[CountyProgram]:
    with new_postgres(postgres) as database:
        yield CountyProgram(database, tmp_path)


def test_the_older_laptop_keeps_what_is_new_raw_and_has_it_all_after_the_upgrade(
    county_program: CountyProgram, older_program: Program, this_program: Program, tmp_path: Path
) -> None:
    older, newer, sheet = tmp_path / "older", tmp_path / "newer", tmp_path / "village.xlsx"
    write_sheet(sheet, make_village(5, 12))
    county_program.tell("village", "add", VILLAGE, "太平村")
    with county_program.serving() as url:
        begin = ("init", "--village", VILLAGE, "--name", "太平村", "--county", url, "--code")
        this_program(newer, *begin, county_program.code("报账员"), "--person", "李琼仙")
        older_program(older, *begin, county_program.code("文书"), "--person", "王建平")
        older_program(older, "import", "households", str(sheet))
        older_program(older, "sync")
        this_program(newer, "sync")
        number = _any_household(newer)
        _edit_account(newer, number)
        older_program.deed(older, "account", number, ACCOUNT_SECOND)
        this_program(newer, "sync")
        older_program(older, "sync")
        this_program(newer, "sync")
        _decide_and_post(newer)
        this_program(newer, "sync")

        met = older_program(older, "sync")
        words = older_program.say(older, "sync")
        older_books = _balance(older_program, older)
        older_program.deed(older, "account", number, "")
        pushed = older_program(older, "sync")
        received = this_program(newer, "sync")

        upgraded = this_program(older, "sync")
        checked = [this_program(one, "verify") for one in (older, newer)]
    status = county_program.tell("status")

    assert met["received"] >= 3
    assert met["deferred"] >= 2
    assert not met["equal"]
    assert "送出 0，收到 0" in words
    assert "等升级后才能放进来" in words
    assert older_books == 12_300
    assert (pushed["sent"], pushed["equal"]) == (1, False)
    assert received["received"] >= 1
    assert (upgraded["deferred"], upgraded["equal"]) == (0, True)
    assert [one["ok"] for one in checked] == [True, True]
    assert checked[0]["digests"] == checked[1]["digests"] == status["villages"][0]["digests"]
    assert _printed_numbers(older) == [PRINTED]
    assert _decisions(older) == _decisions(newer) != []


def _any_household(folder: Path) -> str:
    workspace = open_workspace(folder, PASSPHRASE)
    with workspace.reader() as reader:
        number = reader.session.scalars(select(Household.number).order_by(Household.number)).first()
    workspace.close()
    assert number is not None
    return number


def _edit_account(folder: Path, number: str) -> None:
    def edit(uow: UnitOfWork) -> None:
        uow.session.scalars(select(Household).where(Household.number == number)).one().bank_account = ACCOUNT_FIRST

    _do(folder, edit)


def _decide_and_post(folder: Path) -> None:
    """A row of a table that the older program does not have, and a fact with a column that it does not have."""

    def decide(uow: UnitOfWork) -> None:
        question = uow.session.scalars(select(HeldChange)).one()
        uow.session.add(
            HeldDecision(
                village=uow.village,
                id=new_id(),
                held_id=question.id,
                choice="standing",
                made_at="2026-11-22T02:00:00.000Z",
                made_by=uow.actor.person_id,
                made_by_name=uow.actor.name,
            )
        )

    def post(uow: UnitOfWork) -> None:
        lines = (Posting("101", "收现金", 12_300, 0), Posting("501", "收现金", 0, 12_300))
        voucher = Voucher(date(2026, 11, 20), lines, paper_count=1)
        papers, voucher_id = VoucherPapers(prepared_by=uow.actor.name), new_id()
        values = voucher_values(uow, voucher_id, voucher, number=VoucherNumber("记", 1, "记-1"), papers=papers)
        uow.session.execute(insert(ledger.Voucher), [values | {"printed_number": PRINTED}])
        uow.session.execute(insert(ledger.Posting), posting_values(uow.village, voucher_id, voucher))

    _do(folder, decide)
    _do(folder, post)


def _do(folder: Path, deed: Any) -> None:
    workspace = open_workspace(folder, PASSPHRASE)
    with workspace.unit_of_work(reason="试") as uow:
        deed(uow)
        uow.commit()
    workspace.close()


def _balance(program: Program, folder: Path) -> int:
    told = program(folder, "report", "trial-balance", "--from", "2026-01-01", "--to", "2026-12-31")
    return next(int(row["closing"]) for row in told["rows"] if row["code"] == "101")


def _printed_numbers(folder: Path) -> list[str]:
    return _read(folder, select(ledger.Voucher.printed_number))


def _decisions(folder: Path) -> list[str]:
    return _read(folder, select(HeldDecision.id))


def _read(folder: Path, query: Any) -> list[Any]:
    workspace = open_workspace(folder, PASSPHRASE)
    with workspace.reader() as reader:
        found = list(reader.session.scalars(query))
    workspace.close()
    return found
