"""The chart of a village: the national accounts of the release with the sub-accounts of the village's rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from village_core.domain.ledger.accounts import Account, Chart, read_chart
from village_core.domain.staff.rights import Right
from village_core.records.ledger import SubAccount
from village_core.resources import read_resource

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

CHART_FILE = "chart_2024.json"
OLD_CHART_FILE = "chart_2004_names.json"


@dataclass(frozen=True)
class OfferedAccount:
    """A sub-account that is suggested and made only when wanted."""

    code: str
    name: str
    certainty: str


@dataclass(frozen=True)
class OldAccount:
    """An account of the 2004 chart, known by its name only; `becomes` are the codes of today (none: abolished)."""

    name: str
    becomes: tuple[str, ...]
    note: str


@cache
def national_accounts() -> tuple[Account, ...]:
    """The first-level accounts, fixed by 财会〔2023〕14号."""
    return read_resource(read_chart, "accounts", CHART_FILE)


@cache
def offered_accounts() -> tuple[OfferedAccount, ...]:
    return read_resource(_read_offered, "accounts", CHART_FILE)


@cache
def old_accounts() -> dict[str, OldAccount]:
    """The 2004 chart by name."""
    return read_resource(_read_old, "accounts", OLD_CHART_FILE)


def _read_offered(data: Any) -> tuple[OfferedAccount, ...]:
    return tuple(OfferedAccount(entry["code"], entry["name"], entry["certainty"]) for entry in data["offered"])


def _read_old(data: Any) -> dict[str, OldAccount]:
    return {
        entry["name"]: OldAccount(entry["name"], tuple(entry["becomes"]), entry.get("note", ""))
        for entry in data["accounts"]
    }


def load_chart(reader: Reader) -> Chart:
    """All accounts of the village; sub-accounts may bear names of people."""
    reader.require(Right.READ_LEDGER)
    rows = reader.session.execute(
        select(SubAccount.code, SubAccount.name, SubAccount.closed_on).where(SubAccount.village == reader.village)
    )
    return Chart(national_accounts(), rows.all())
