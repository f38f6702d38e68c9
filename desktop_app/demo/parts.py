"""The parts of the demo that no command of the command line does: each runs in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from desktop_app.demo.case import apply, carry_to_archive, carry_to_notice
from desktop_app.demo.village import describe_village
from desktop_app.households.editing import save_household
from desktop_app.households.queries import HouseholdFilter, get_household, list_households
from desktop_app.ledger.queries import list_vouchers
from desktop_app.relief.queries import list_cases
from desktop_app.storage.workspace import Workspace

PARTS = ("case", "edit", "screens")
_LAPTOP = (1366, 768)
_MONITORED = ("边缘易致贫户", "突发严重困难户", "脱贫不稳定户")


def play(part: str, workspace: Workspace, out: Path) -> dict[str, Any]:
    """One of `PARTS` on an open workspace; returns what the next part needs."""
    if part == "case":
        return play_case(workspace)
    if part == "edit":
        return play_edit(workspace)
    return {"files": [str(path) for path in take_pictures(workspace, out / "screens")]}


def play_case(workspace: Workspace) -> dict[str, Any]:
    """村情, one case carried to its archive, one that is being published, one that was just applied for."""
    describe_village(workspace)
    first, second, third = _monitored(workspace)
    with workspace.reader() as reader:
        today = reader.today
    case = carry_to_archive(workspace, first.id, first.head, account=(first.bank, first.account))
    carry_to_notice(workspace, second.id, second.head, applied_on=today - timedelta(days=26))
    apply(workspace, third.id, third.head, done_on=today - timedelta(days=1))
    return {"case": str(case)}


@dataclass(frozen=True)
class _Applicant:
    id: UUID
    head: str
    bank: str
    account: str


def _monitored(workspace: Workspace) -> list[_Applicant]:
    """Monitored households of the made-up village that have a head and a bank account."""
    found = []
    with workspace.reader() as reader:
        rows = [row for kind in _MONITORED for row in list_households(reader, HouseholdFilter(kind=kind))]
        for row in rows:
            values = get_household(reader, row.id).values
            if row.head_name and values["bank_account"] and not values["risk_cleared"]:
                bank, account = str(values["bank_name"] or "农村信用社"), str(values["bank_account"])
                found.append(_Applicant(row.id, row.head_name, bank, account))
    return found[:3]


def play_edit(workspace: Workspace) -> dict[str, Any]:
    """On the second laptop: a telephone number is written down and a remark made."""
    with workspace.reader() as reader:
        household = list_households(reader)[0]
        values = dict(get_household(reader, household.id).values)
    with workspace.unit_of_work(reason="演示：登记新号码") as uow:
        save_household(uow, household.id, {**values, "phone": "13987800001", "note": "演示：换了新号码"})
        uow.commit()
    return {"household": str(household.id)}


def take_pictures(workspace: Workspace, out: Path) -> list[Path]:
    """A picture of each screen, in the size of the laptop that the clerk has."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from desktop_app.demo.screens import grab_pages
    from desktop_app.window import build_window

    app = QApplication.instance() or QApplication(["tiangeng"])
    window = build_window(workspace)
    window.resize(*_LAPTOP)
    window.show()
    window.start()
    files = grab_pages(window, out, pages=_pages(workspace))
    window.close()
    window.tasks.shutdown()
    app.processEvents()
    return files


def _pages(workspace: Workspace) -> list[tuple[str, str, Mapping[str, object]]]:
    with workspace.reader() as reader:
        cases = list_cases(reader)
        household = cases[0].household_id
        voucher = list_vouchers(reader)[-1].voucher_id
    return [
        ("首页", "home", {}),
        ("农户", "households", {}),
        ("一户", "household", {"household_id": household}),
        ("改一户", "household_edit", {"household_id": household}),
        ("导入", "household_import", {}),
        ("救助", "cases", {}),
        *((f"救助案{number}", "case", {"case_id": case.id}) for number, case in enumerate(cases, start=1)),
        ("三资", "ledger", {}),
        ("凭证", "voucher", {"voucher_id": voucher}),
        ("科目余额表", "trial_balance", {}),
        ("公示档案", "papers", {}),
        ("同步", "sync", {}),
        ("设置", "settings", {}),
    ]
