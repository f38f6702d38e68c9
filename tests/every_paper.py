"""A village in which every kind of paper can be drawn, and numbers in it that are nobody's business."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from desktop_app.journal.queries import JournalFilter
from desktop_app.ledger.queries import list_vouchers
from desktop_app.staff.recovery_paper import OneTimePaper, make_recovery_paper
from desktop_app.sync.bundle import write_bundle
from tests.laptops import Laptop, join, sync_until_quiet
from tests.relief.village import add_household, furnish, start_case, walk
from village_core.domain.notices.model import NoticeKind
from village_core.domain.relief.steps import StepKind
from village_core.records.households import Household

ACCOUNT, PHONE, IDENTITY = "6217006317066907441", "13987650002", "532327199001011234"
NOTE = f"卡在他儿子那里：{ACCOUNT}，电话 {PHONE}"


def ready_for_every_paper(laptop: Laptop, folder: Path) -> dict[str, dict[str, Any]]:
    """What the maker of each kind of paper asks for. The laptop has not been enrolled before and is so now."""
    workspace = laptop.workspace
    furnish(workspace)
    household = add_household(workspace, number="0001")
    laptop.add_person(household, "罗大山", relation="之子", id_number=IDENTITY, phone=PHONE)
    case_id = start_case(workspace, household)
    walk(workspace, case_id, until=StepKind.ARCHIVE)
    laptop.edit(Household, household, bank_account=ACCOUNT, phone=PHONE, note=NOTE)
    join(laptop)
    sync_until_quiet(laptop)
    with workspace.reader() as reader:
        voucher = list_vouchers(reader)[-1].voucher_id
    return {
        **{kind.value: {"case_id": case_id} for kind in NoticeKind},
        "archive": {"case_id": case_id},
        "voucher": {"voucher_id": voucher},
        "trial_balance": {"start": date(2026, 1, 1), "end": date(2026, 12, 31)},
        "stick_slip": {"written": write_bundle(workspace, folder)},
        "check_sheet": {},
        "journal": {"wanted": JournalFilter(), "about": ""},
        "recovery_key": {"paper": OneTimePaper(make_recovery_paper(workspace))},
    }
