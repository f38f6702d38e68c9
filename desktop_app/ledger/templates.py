"""Entries in plain words (常用分录): what happened, which account on each side, and the summary."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from village_core.domain.ledger.accounts import BANK, CASH, Account, Chart, Side
from village_core.domain.ledger.voucher import Posting
from village_core.resources import read_resource


@dataclass(frozen=True)
class Slot:
    """One side of an entry: below which accounts one chooses, the question asked, and the sub-account suggested."""

    side: Side
    accounts: tuple[str, ...]
    ask: str
    suggest: str = ""


@dataclass(frozen=True)
class EntryTemplate:
    """One plain-language entry; `certainty` says how sure the debit and credit are."""

    key: str
    group: str
    title: str
    hint: str
    summary: str
    slots: tuple[Slot, ...]
    certainty: str
    source: str
    warn: str = ""


@cache
def entry_templates() -> tuple[EntryTemplate, ...]:
    """All templates in the order in which they are offered."""
    return read_resource(_read_templates, "accounts", "templates.json")


def _read_templates(data: Any) -> tuple[EntryTemplate, ...]:
    return tuple(
        EntryTemplate(
            key=entry["key"],
            group=entry["group"],
            title=entry["title"],
            hint=entry["hint"],
            summary=entry["summary"],
            slots=tuple(
                Slot(Side(slot["side"]), tuple(slot["accounts"]), slot["ask"], slot.get("suggest", ""))
                for slot in entry["slots"]
            ),
            certainty=entry["certainty"],
            source=entry["source"],
            warn=entry.get("warn", ""),
        )
        for entry in data["templates"]
    )


def get_template(key: str) -> EntryTemplate:
    return next(template for template in entry_templates() if template.key == key)


def choices_for(slot: Slot, chart: Chart) -> tuple[Account, ...]:
    """The accounts that may be chosen for a slot."""
    return tuple(account for code in slot.accounts for account in chart.leaves(code))


def missing_suggestion(slot: Slot, chart: Chart) -> str:
    """The code of the suggested sub-account when the village does not have it yet, else ''."""
    return slot.suggest if slot.suggest and chart.find(slot.suggest) is None else ""


def default_choice(slot: Slot, chart: Chart, *, used: Collection[str] = ()) -> str:
    """What is chosen to begin with, '' when only she can say.

    The suggested sub-account, to be opened if need be, unless the village already posts on its parent itself (`used`
    are accounts with postings). Where two first-level accounts differ in more than where the money lies (a year's
    loan or a longer one), none.
    """
    parent = slot.accounts[0]
    if slot.suggest and not (parent in used and chart.is_leaf(parent)):
        return slot.suggest
    if len(slot.accounts) > 1 and not {*slot.accounts} <= {CASH, BANK}:
        return ""
    first = [account for account in choices_for(slot, chart) if account.code.startswith(parent)]
    return first[0].code if len(first) == 1 else ""


def fill_template(
    template: EntryTemplate, *, accounts: Mapping[Side, str], amount_fen: int, summary: str
) -> tuple[Posting, ...]:
    """The lines of the entry: one amount on both sides."""
    return tuple(
        Posting(
            accounts[slot.side],
            summary,
            debit_fen=amount_fen if slot.side is Side.DEBIT else 0,
            credit_fen=amount_fen if slot.side is Side.CREDIT else 0,
        )
        for slot in template.slots
    )
