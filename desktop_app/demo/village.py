"""What the demo's village says about itself, and what its books begin with."""

from __future__ import annotations

from datetime import date

from desktop_app.ledger.service import add_sub_account, enter_opening_balances
from desktop_app.settings.service import record_income, save_bank_account, update_body, update_village
from desktop_app.storage.workspace import Workspace
from village_core.domain.meetings.rules import MeetingBody

VILLAGE = "532327101201"
NAME = "太平村"
PASSPHRASE = "田埂演示用的口令"
BANK_ACCOUNT = "10201"
"""Sub-account of 银行存款 that mirrors the collective's bank account."""

BODIES = {
    MeetingBody.PARTY_COMMITTEE: 5,
    MeetingBody.TWO_COMMITTEES: 9,
    MeetingBody.PARTY_MEMBERS: 31,
    MeetingBody.DELEGATES: 30,
}
_INCOMES = (8_420_000, 9_640_000, 20_401_300)
"""Net income of the collective in the last three years, oldest first, 分."""


def describe_village(workspace: Workspace) -> None:
    """村情: names, phones, income, bodies, the bank account; and the opening balances of the year."""
    with workspace.unit_of_work(reason="填写村情") as uow:
        update_village(
            uow,
            name=NAME,
            township="太平镇",
            county="永仁县",
            collective_name="太平村股份经济合作社",
            supervision_phone="0878-6710000",
            township_phone="0878-6710001",
            posting_place="村务公开栏",
        )
        for years_ago, fen in zip(range(len(_INCOMES), 0, -1), _INCOMES, strict=True):
            record_income(uow, uow.today.year - years_ago, net_income_fen=fen, source="收益及收益分配表")
        for body, size in BODIES.items():
            update_body(uow, body.value, size=size)
        uow.commit()
    with workspace.unit_of_work(reason="建账") as uow:
        add_sub_account(uow, parent="102", name="基本户", code=BANK_ACCOUNT)
        save_bank_account(
            uow,
            name="太平村股份经济合作社",
            bank="永仁县农村信用社太平分社",
            account_number="5300000000001201",
            ledger_account=BANK_ACCOUNT,
        )
        enter_opening_balances(
            uow,
            on=date(uow.today.year, 1, 1),
            balances={BANK_ACCOUNT: 36_000_000, "151": 52_000_000, "301": -60_000_000, "311": -28_000_000},
        )
        uow.commit()
