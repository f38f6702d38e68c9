"""A trial balance over a long history, against the one grouped sum that it cannot do without."""

from __future__ import annotations

import random
import secrets
from datetime import date, timedelta
from pathlib import Path

from bench.measures import Measure, Size, in_turns, timed
from bench.villages import SEED, VILLAGE, empty_village
from desktop_app.ledger.queries import trial_balance
from desktop_app.storage.workspace import Workspace

_FIRST_DAY, _DAYS = date(2024, 1, 1), 1_050
_BANK = "102"
_OTHERS = ("101", "112", "131", "151", "201", "211", "311", "321", "501", "502", "503", "511", "513", "514", "515")
_VOUCHER = (
    "INSERT INTO voucher (village, id, voucher_date, period, number, number_text, kind, paper_count, prepared_by,"
    " made_at, made_by) VALUES (?, ?, ?, ?, ?, ?, 'normal', 1, '李琼仙', '2026-11-22T02:00:00.000Z', ?)"
)
_POSTING = (
    "INSERT INTO posting (village, id, voucher_id, line, summary, account, voucher_date, opening, debit_fen,"
    " credit_fen) VALUES (?, ?, ?, ?, '收集体林地承包款', ?, ?, 0, ?, ?)"
)
_FLOOR = "SELECT account, sum(debit_fen), sum(credit_fen) FROM posting WHERE village = ? GROUP BY account"


def measure(size: Size, work: Path) -> list[Measure]:
    """Nearly three years of vouchers with two lines each; half of all lines are those of one bank account."""
    workspace = empty_village(work / "village")
    _write_vouchers(workspace, size.postings // 2)

    def balance() -> None:
        with workspace.reader() as reader:
            rows = trial_balance(reader, start=date(2026, 1, 1), end=date(2026, 12, 31))
        assert sum(row.closing_fen for row in rows if row.leaf) == 0

    def floor() -> None:
        with workspace.engine.connect() as connection:
            connection.exec_driver_sql(_FLOOR, (VILLAGE,)).all()

    balance()
    floor()
    told = in_turns(size.rounds, balance=timed(balance), floor=timed(floor))
    workspace.close()
    return [
        Measure(f"trial balance of {size.postings:,} postings", told["balance"], "s", bar=0.15),
        Measure(
            "  against one grouped sum",
            told["balance"],
            "s",
            floor=told["floor"],
            floor_name="SELECT … GROUP BY account",
        ),
    ]


def _write_vouchers(workspace: Workspace, count: int) -> None:
    rng = random.Random(SEED)
    person = workspace.actor.person_id.hex
    vouchers, postings = [], []
    for number in range(count):
        day = _FIRST_DAY + timedelta(days=number * _DAYS // count)
        voucher, amount = secrets.token_hex(16), rng.randint(100, 500_000)
        period = f"{day:%Y-%m}"
        vouchers.append((VILLAGE, voucher, day.isoformat(), period, number + 1, f"记-{number + 1}", person))
        lines = [(_BANK, amount, 0), (rng.choice(_OTHERS), 0, amount)]
        for place, (account, debit, credit) in enumerate(lines, start=1):
            key = secrets.token_hex(16)
            postings.append((VILLAGE, key, voucher, place, account, day.isoformat(), debit, credit))
    with workspace.unit_of_work(reason="made up for a benchmark") as uow:
        connection = uow.session.connection()
        connection.exec_driver_sql(_VOUCHER, vouchers)
        connection.exec_driver_sql(_POSTING, postings)
        uow.commit()
