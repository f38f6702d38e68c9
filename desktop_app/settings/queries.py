"""Reads 村情: the village, its income by year, the bodies that vote, the collective's bank accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from desktop_app.shell.due import DueItem
from desktop_app.shell.status import StatusItem
from desktop_app.storage.automatic_backup import LAST_BACKUP
from desktop_app.storage.unit_of_work import Reader
from village_core.domain.clock import CHINA, read_day
from village_core.domain.ids import derived_id
from village_core.domain.meetings.rules import BODY_TITLES, MeetingBody
from village_core.exchange.change_log import device_state
from village_core.records.settings import (
    CollectiveBankAccount,
    CollectiveIncome,
    GoverningBody,
    VillageProfile,
)

_BACKUP_DAYS = 3


@dataclass(frozen=True)
class Village:
    """The village's own facts; empty texts are not filled in yet."""

    code: str
    name: str
    township: str = ""
    county: str = ""
    collective_name: str = ""
    supervision_phone: str = ""
    township_phone: str = ""
    posting_place: str = ""


@dataclass(frozen=True)
class IncomeYear:
    """Net income of the collective in one year, in 分, and where the figure comes from."""

    year: int
    net_income_fen: int
    source: str


@dataclass(frozen=True)
class Body:
    """A body that votes: how many should come, and their names when they were given."""

    kind: MeetingBody
    title: str
    size: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class BankAccount:
    """A bank account of the collective. `ledger_account` is the sub-account of 102 that mirrors it."""

    id: UUID
    name: str
    bank: str
    account_number: str
    ledger_account: str
    closed_on: date | None


def get_village(reader: Reader) -> Village:
    """The village of this workspace, with its code even before anything was filled in."""
    row = reader.session.get(VillageProfile, (reader.village, derived_id(reader.village, "village")))
    if row is None:
        return Village(code=reader.village, name="")
    return Village(
        code=reader.village,
        name=row.name,
        township=row.township or "",
        county=row.county or "",
        collective_name=row.collective_name or "",
        supervision_phone=row.supervision_phone or "",
        township_phone=row.township_phone or "",
        posting_place=row.posting_place or "",
    )


def get_village_name(reader: Reader) -> str:
    """What stands in the window's header."""
    return get_village(reader).name


def list_incomes(reader: Reader) -> list[IncomeYear]:
    """The years whose net income is known, the newest first."""
    rows = reader.session.scalars(
        select(CollectiveIncome)
        .where(CollectiveIncome.village == reader.village)
        .order_by(CollectiveIncome.year.desc(), CollectiveIncome.id)
    )
    # Of two rows of one year, which only a wrong program makes, the county counts the one with the highest id, too.
    years = {row.year: IncomeYear(row.year, row.net_income_fen, row.source or "") for row in rows}
    return list(years.values())


def find_income(reader: Reader, year: int) -> IncomeYear | None:
    """The net income of one year, None when nobody has given it."""
    return next((income for income in list_incomes(reader) if income.year == year), None)


def list_bodies(reader: Reader) -> list[Body]:
    """The bodies whose size was given, in the order of the meetings."""
    rows = {
        row.kind: row
        for row in reader.session.scalars(select(GoverningBody).where(GoverningBody.village == reader.village))
    }
    return [
        Body(kind, BODY_TITLES[kind], rows[kind].size, tuple((rows[kind].names or "").split()))
        for kind in MeetingBody
        if kind in rows
    ]


def find_body(reader: Reader, kind: str) -> Body | None:
    """One body, None when its size was never given."""
    return next((body for body in list_bodies(reader) if body.kind == kind), None)


def list_bank_accounts(reader: Reader, *, closed: bool = False) -> list[BankAccount]:
    """The collective's accounts that are in use; with `closed` also the others."""
    rows = reader.session.scalars(
        select(CollectiveBankAccount)
        .where(CollectiveBankAccount.village == reader.village)
        .order_by(CollectiveBankAccount.ledger_account)
    )
    accounts = [
        BankAccount(
            id=row.id,
            name=row.name,
            bank=row.bank,
            account_number=row.account_number,
            ledger_account=row.ledger_account,
            closed_on=read_day(row.closed_on),
        )
        for row in rows
    ]
    return [account for account in accounts if closed or account.closed_on is None]


def find_bank_account(reader: Reader, account_id: UUID) -> BankAccount | None:
    """One account by its id, also a closed one."""
    return next((one for one in list_bank_accounts(reader, closed=True) if one.id == account_id), None)


def list_status(reader: Reader) -> list[StatusItem]:
    """When the last automatic backup was read back; amber when that was days ago."""
    at = reader.session.scalar(select(device_state.c.value).where(device_state.c.key == LAST_BACKUP))
    if at is None:
        return []
    moment = datetime.fromisoformat(at).astimezone(CHINA)
    days = (reader.today - moment.date()).days
    day = {0: "今天", 1: "昨天"}.get(days, f"{moment.month}月{moment.day}日")
    tone = "plain" if 0 <= days <= _BACKUP_DAYS else "soon"
    words = f"自动备份 {day} {moment:%H:%M}"
    return [StatusItem(words, tone=tone, page="settings", right=True, order=200)]


def list_due_items(reader: Reader) -> list[DueItem]:
    """What 村情 still lacks before a relief case can be carried."""
    missing = []
    village = get_village(reader)
    if not village.supervision_phone:
        missing.append("监督电话")
    last_year = reader.today.year - 1
    if find_income(reader, last_year) is None:
        missing.append(f"{last_year} 年集体净收入")
    known = {body.kind for body in list_bodies(reader)}
    if not {MeetingBody.PARTY_MEMBERS, MeetingBody.DELEGATES} <= known:
        missing.append("各种会议的应到人数")
    if not missing:
        return []
    return [
        DueItem(
            title="把村情补齐",
            detail=f"还缺：{'、'.join(missing)}。办救助、打公示要用。",
            page="settings",
            action="去补齐",
        )
    ]
