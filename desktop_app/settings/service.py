"""Writes 村情."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from desktop_app.settings.checks import phone_problem
from desktop_app.storage.changes import Changes
from desktop_app.storage.unit_of_work import UnitOfWork
from village_core.domain.errors import RefusedError
from village_core.domain.households.contacts import tidy_account, tidy_phone
from village_core.domain.ids import derived_id, new_id
from village_core.domain.ledger.accounts import display_code
from village_core.domain.meetings.rules import MeetingBody
from village_core.domain.staff.rights import Right
from village_core.records.settings import (
    CollectiveBankAccount,
    CollectiveIncome,
    GoverningBody,
    VillageProfile,
)

CHANGED = Changes.of("settings")


def update_village(
    uow: UnitOfWork,
    *,
    name: str,
    township: str = "",
    county: str = "",
    collective_name: str = "",
    supervision_phone: str = "",
    township_phone: str = "",
    posting_place: str = "",
) -> Changes:
    """Write the village's facts; an empty text removes what stood there."""
    uow.require(Right.MANAGE_SETTINGS)
    if not name.strip():
        raise RefusedError("村名还没有填。", safe="资料没有改动。", next_step="请填写村委会的名称，例如 太平村。")
    for label, phone in (("村监督电话", supervision_phone), ("乡镇监督电话", township_phone)):
        if problem := phone_problem(phone):
            raise RefusedError(f"{label}：{problem}", safe="资料没有改动。", next_step="请改好再存。")
    key = (uow.village, derived_id(uow.village, "village"))
    row = uow.session.get(VillageProfile, key)
    if row is None:
        row = VillageProfile(village=key[0], id=key[1], name=name.strip())
        uow.session.add(row)
    row.name = name.strip()
    row.township = township.strip() or None
    row.county = county.strip() or None
    row.collective_name = collective_name.strip() or None
    row.supervision_phone = tidy_phone(supervision_phone) or None
    row.township_phone = tidy_phone(township_phone) or None
    row.posting_place = posting_place.strip() or None
    return CHANGED


def record_income(uow: UnitOfWork, year: int, *, net_income_fen: int, source: str) -> Changes:
    """Write a year's net income (分, may be negative) and where the figure comes from."""
    uow.require(Right.MANAGE_SETTINGS)
    if not 2000 <= year < uow.today.year:
        raise RefusedError(f"{year} 年还没有过完，或太早了。", safe="资料没有改动。", next_step="请填已经过完的年份。")
    if not source.strip():
        raise RefusedError(
            "还没有写这个数从哪里来。", safe="资料没有改动。", next_step="例如：2025 年收益分配表，乡镇农经站核定。"
        )
    key = (uow.village, derived_id(uow.village, "income", str(year)))
    row = uow.session.get(CollectiveIncome, key)
    if row is None:
        row = CollectiveIncome(village=key[0], id=key[1], year=year, net_income_fen=net_income_fen)
        uow.session.add(row)
    row.net_income_fen = net_income_fen
    row.source = source.strip()
    return CHANGED | Changes.of("relief")


def update_body(uow: UnitOfWork, kind: str, *, size: int, names: Sequence[str] = ()) -> Changes:
    """Write how many should come to a meeting of this body; names are optional but must not be more than that."""
    uow.require(Right.MANAGE_SETTINGS)
    body = MeetingBody(kind)
    given = [name.strip() for name in names if name.strip()]
    if size < 1:
        raise RefusedError("应到人数至少是 1。", safe="资料没有改动。", next_step="请照名册填写人数。")
    if len(given) > size:
        raise RefusedError(
            f"名单有 {len(given)} 人，比应到 {size} 人多。", safe="资料没有改动。", next_step="请改人数或名单。"
        )
    key = (uow.village, derived_id(uow.village, "body", body.value))
    row = uow.session.get(GoverningBody, key)
    if row is None:
        row = GoverningBody(village=key[0], id=key[1], kind=body.value, size=size)
        uow.session.add(row)
    row.size = size
    row.names = "\n".join(given) or None
    return CHANGED


def save_bank_account(
    uow: UnitOfWork,
    account_id: UUID | None = None,
    *,
    name: str,
    bank: str,
    account_number: str,
    ledger_account: str,
) -> Changes:
    """Add a bank account of the collective, or change one. One sub-account of 102 mirrors one account."""
    uow.require(Right.MANAGE_SETTINGS)
    number = tidy_account(account_number)
    others = uow.session.scalars(
        select(CollectiveBankAccount).where(CollectiveBankAccount.village == uow.village)
    ).all()
    for other in others:
        if other.id == account_id:
            continue
        if other.account_number == number:
            raise RefusedError("这个账号已经登记过了。", safe="资料没有改动。", next_step="请核对账号，或去改那一条。")
        if other.closed_on is None and other.ledger_account == ledger_account.strip():
            raise RefusedError(
                f"科目 {display_code(ledger_account)} 已经对着“{other.bank}”的账户。",
                safe="资料没有改动。",
                next_step="请换一个明细科目，例如 102-02。",
            )
    row = next((other for other in others if other.id == account_id), None)
    if row is None:
        row = CollectiveBankAccount(
            village=uow.village, id=new_id(), name=name, bank=bank, account_number=number, ledger_account=""
        )
        uow.session.add(row)
    row.name = name.strip()
    row.bank = bank.strip()
    row.account_number = number
    row.ledger_account = ledger_account.strip()
    return CHANGED | Changes.of("ledger")


def close_bank_account(uow: UnitOfWork, account_id: UUID, *, closed_on: date | None) -> Changes:
    """Mark an account as closed; None opens it again (撤销)."""
    uow.require(Right.MANAGE_SETTINGS)
    row = uow.session.get_one(CollectiveBankAccount, (uow.village, account_id))
    row.closed_on = closed_on.isoformat() if closed_on else None
    return CHANGED | Changes.of("ledger")
