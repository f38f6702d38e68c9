"""What screens, papers and the command line see of relief cases: frozen rows, never records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from desktop_app.relief.papers import PaperRow
from desktop_app.settings.queries import BankAccount
from village_core.domain.relief.facts import CaseFacts, Kin
from village_core.domain.relief.grants import PoolStatus
from village_core.domain.relief.guidance import NextStep, StationView, WaitingReason
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.state import STATUS_TITLES, CaseState, CaseStatus
from village_core.domain.relief.steps import Station, StepKind, StepRecord

KIND_LABEL = "集体经济临时救助"


@dataclass(frozen=True)
class CaseRow:
    """One line of the list. `amount_fen` is what was resolved, before that what was asked for."""

    id: UUID
    number: str
    household_id: UUID
    household_name: str
    group_name: str
    status: CaseStatus
    station: Station
    step_label: str
    next_kind: StepKind | None
    next_title: str
    next_on: date | None
    waiting: str
    applied_on: date | None
    paid_on: date | None
    amount_fen: int | None
    kind_label: str = KIND_LABEL

    @property
    def status_title(self) -> str:
        return STATUS_TITLES[self.status]

    @property
    def title(self) -> str:
        return f"{self.household_name or '（还没有户主）'}家"


@dataclass(frozen=True)
class HouseholdCard:
    """The household beside its case. `bank_account` is whole: screens mask it, the archive may print it."""

    id: UUID
    head_name: str
    group_name: str
    people: int
    types: tuple[str, ...]
    member_names: tuple[str, ...]
    bank_name: str = ""
    bank_account: str = ""
    subsistence_allowance: bool = False
    extreme_hardship_support: bool = False


@dataclass(frozen=True)
class CaseDetail:
    """A case with everything that its page and its papers show. `case_id` None: not opened yet.

    `vouchers` names the voucher of a payment step. `no_grant` and `no_posting` say why the
    resolution or the payment cannot be recorded on this laptop; empty when it can.
    """

    case_id: UUID | None
    number: str
    household: HouseholdCard
    records: tuple[StepRecord, ...]
    state: CaseState
    facts: CaseFacts
    pack: PolicyPack
    today: date
    stations: tuple[StationView, ...]
    next_steps: tuple[NextStep, ...]
    waiting: tuple[WaitingReason, ...]
    pool: PoolStatus
    papers: tuple[PaperRow, ...]
    bank_accounts: tuple[BankAccount, ...]
    no_grant: str = ""
    no_posting: str = ""
    posting_place: str = ""
    vouchers: Mapping[UUID, UUID] = field(default_factory=dict)
    barred: Mapping[StepKind, str] = field(default_factory=dict)
    """Steps that the person at the keyboard may not record, and why."""
    aside: Mapping[StepKind, str] = field(default_factory=dict)
    """Steps in which the person at the keyboard has to stand aside: why, and who may do them instead."""
    near: Kin | None = None
    """The person at the keyboard, where he is certainly near to the household."""

    @property
    def title(self) -> str:
        return f"{self.household.head_name or '（还没有户主）'}家"

    def papers_of(self, step_id: UUID) -> tuple[PaperRow, ...]:
        """The papers of a step, those of the versions that it corrected included."""
        versions = {step_id}
        by_id = {record.id: record for record in self.records}
        before = by_id[step_id].supersedes if step_id in by_id else None
        while before is not None and before not in versions:
            versions.add(before)
            before = by_id[before].supersedes if before in by_id else None
        return tuple(paper for paper in self.papers if paper.step_id in versions)


@dataclass(frozen=True)
class HouseholdChoice:
    """A household that a case may be opened for. `note` says what speaks against it, if anything."""

    id: UUID
    head_name: str
    group_name: str
    types: tuple[str, ...]
    note: str = ""
