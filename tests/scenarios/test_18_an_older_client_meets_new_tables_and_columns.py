"""Scenario 18: a laptop of the older version goes on beside newer ones, and has everything after its upgrade."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from desktop_app.bootstrap import open_workspace
from desktop_app.demo.people import make_village, write_sheet
from desktop_app.ledger.posting import VoucherPapers, posting_values, voucher_values
from desktop_app.storage.unit_of_work import UnitOfWork
from tests.laptops import LaptopMaker
from tests.older_client import Program
from tests.real_county import RealCounty, RealLaptop
from tests.workspaces import PASSPHRASE, VILLAGE
from village_core.domain.ids import new_id
from village_core.domain.ledger.voucher import Posting, Voucher, VoucherNumber
from village_core.records import ledger
from village_core.records.held import HeldChange, HeldDecision
from village_core.records.households import Household

ACCOUNT_FIRST, ACCOUNT_SECOND = "6228480000000001", "6228480000000002"
PRINTED = "记-0041"


def test_the_older_laptop_keeps_what_is_new_raw_and_has_it_all_after_the_upgrade(
    real_county: RealCounty, make_laptop: LaptopMaker, older_program: Program, this_program: Program, tmp_path: Path
) -> None:
    older, sheet = tmp_path / "older", tmp_path / "village.xlsx"
    write_sheet(sheet, make_village(5, 12))
    newer = real_county.laptop(make_laptop, "报账员")
    begin = ("init", "--village", VILLAGE, "--name", "太平村", "--county", real_county.url, "--code")
    older_program(older, *begin, real_county.code("文书"), "--person", "王建平")
    older_program(older, "import", "households", str(sheet))
    older_program(older, "sync")
    newer.sync()
    number = min(household.number for household in newer.all(Household))
    _edit_account(newer, number)
    older_program.deed(older, "account", number, ACCOUNT_SECOND)
    newer.sync()
    older_program(older, "sync")
    newer.sync()
    _decide_and_post(newer)
    newer.sync()

    met = older_program(older, "sync")
    words = older_program.say(older, "sync")
    older_books = _balance(older_program, older)
    older_program.deed(older, "account", number, "")
    pushed = older_program(older, "sync")
    received = newer.sync()

    upgraded = this_program(older, "sync")
    checked = this_program(older, "verify")

    assert met["received"] >= 3
    assert met["deferred"] >= 2
    assert not met["equal"]
    assert "送出 0，收到 0" in words
    assert "等升级后才能放进来" in words
    assert older_books == 12_300
    assert (pushed["sent"], pushed["equal"]) == (1, False)
    assert received.received >= 1
    assert (upgraded["deferred"], upgraded["equal"]) == (0, True)
    assert newer.sync().equal
    assert checked["ok"]
    assert _printed_numbers(older) == [PRINTED]
    assert _decisions(older) == [decision.id for decision in newer.all(HeldDecision)] != []


def _edit_account(laptop: RealLaptop, number: str) -> None:
    def edit(uow: UnitOfWork) -> None:
        uow.session.scalars(select(Household).where(Household.number == number)).one().bank_account = ACCOUNT_FIRST

    laptop.do(edit)


def _decide_and_post(laptop: RealLaptop) -> None:
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

    laptop.do(decide)
    laptop.do(post)


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
