"""Rules of the village asked again at the county: may this voucher, this grant take effect beside what arrived before?

The order of arrival decides, never a clock. What may not is kept, marked and put before a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from uuid import UUID

from village_core.domain.ledger.accounts import Account, Chart, read_chart
from village_core.domain.ledger.checks import check_reversal, check_voucher
from village_core.domain.ledger.periods import period_label
from village_core.domain.ledger.voucher import Posting, Voucher, VoucherKind
from village_core.domain.relief.facts import grant_of
from village_core.domain.relief.grants import (
    Grant,
    HeldReason,
    PoolStatus,
    counts_in_year,
    judge_arriving_grant,
    pool_status,
)
from village_core.domain.relief.payload_codec import read_payload
from village_core.domain.relief.policy import PolicyPack, load_pack
from village_core.domain.relief.state import replay
from village_core.domain.relief.steps import BESIDE, STEP_TITLES, StepKind, StepRecord
from village_core.exchange.late_vouchers import NumberKey, Placement, may_be_placed, number_key, place_voucher
from village_core.exchange.objections import DEPENDS, MALFORMED, Objection, Reason
from village_core.exchange.operations import Kind, Operation
from village_core.exchange.values import Value
from village_core.resources import read_resource

_SHAPE_RULES = frozenset({"VOUCHER-1", "VOUCHER-2", "VOUCHER-3"})
_GRANTING = frozenset({StepKind.VILLAGERS_RESOLUTION, StepKind.PAYMENT})
_CAP_RULE = "CRELIEF-5"


@dataclass
class Books:
    """Numbers that are taken, months that are locked, and what was taken back."""

    numbers: dict[NumberKey, UUID] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)
    reversals: dict[UUID, UUID] = field(default_factory=dict)
    """Voucher → the one that takes it back."""
    openings: list[UUID] = field(default_factory=list)
    """Opening balances, also those that were taken back since."""
    contents: dict[UUID, Voucher] = field(default_factory=dict)
    """Vouchers that a reversal names, as far as they are known."""

    def note_voucher(self, voucher_id: UUID, values: Mapping[str, Value]) -> None:
        key = number_key(values)
        if key is not None:
            self.numbers.setdefault(key, voucher_id)
        reverses = values.get("reverses")
        if isinstance(reverses, bytes):
            self.reversals.setdefault(UUID(bytes=reverses), voucher_id)
        elif values.get("kind") == VoucherKind.OPENING:
            self.openings.append(voucher_id)

    def note_content(self, voucher_id: UUID, values: Mapping[str, Value], lines: Iterable[Operation]) -> None:
        """What a voucher says, for a reversal that may follow it."""
        self.contents[voucher_id] = read_voucher(values, [line.values for line in lines if line.kind is Kind.INSERT])

    def judge(self, values: Mapping[str, Value], lines: Iterable[Operation], *, may_post: bool) -> Objection | None:
        """May this voucher with these lines stand? `may_post`: its laptop has or had 记账权."""
        if not may_post:
            return Objection(Reason.NO_RIGHT, "记这张凭证的电脑没有记账权，先放着。请由有记账权的报账员处理。")
        if not may_be_placed(values, self.locked):
            label = period_label(_text(values["period"]))
            return Objection(Reason.LOCKED_MONTH, f"{label}已经锁账，后到的期初余额先放着。")
        voucher = read_voucher(values, [line.values for line in lines if line.kind is Kind.INSERT])
        findings = check_voucher(voucher, chart=_first_level_chart())
        for finding in findings:
            if finding.rule_id in _SHAPE_RULES:
                return Objection(Reason.UNBALANCED, f"这张凭证不能记账：{finding.message}")
        return self._judge_opening(voucher) or self._judge_reversal(voucher)

    def place(self, values: Mapping[str, Value], *, fenced: bool) -> Placement:
        """The number and month under which an acceptable voucher stands."""
        return place_voucher(values, taken=self.numbers, locked=self.locked, fenced=fenced)

    def _judge_opening(self, voucher: Voucher) -> Objection | None:
        """Books open once: who enters the balances anew takes the former ones back first."""
        standing = next((one for one in self.openings if one not in self.reversals), None)
        if voucher.kind is not VoucherKind.OPENING or voucher.reverses is not None or standing is None:
            return None
        message = (
            "期初余额已经有一份算进账里了，再算一份，每个科目都会多出来，后到的这一份先放着。"
            "要用后到的，请先在“期初余额”里把账上的改成一样的。"
        )
        return Objection(Reason.OPENED_TWICE, message, standing={"id": standing.bytes, "number_text": "期初"})

    def _judge_reversal(self, voucher: Voucher) -> Objection | None:
        if voucher.reverses is None:
            return None
        earlier = self.reversals.get(voucher.reverses)
        if earlier is not None:
            message = "它要冲销的凭证已经由另一张冲销过，再冲一次账就错了，后到的这一张先放着。"
            return Objection(Reason.NOT_REVERSIBLE, message, standing={"id": earlier.bytes})
        original = self.contents.get(voucher.reverses)
        findings = check_reversal(voucher, original) if original is not None else ()
        if findings:
            return Objection(Reason.NOT_REVERSIBLE, f"这张冲销凭证先放着：{findings[0].message}")
        return None


@dataclass
class Relief:
    """The village's cases with their effective steps, and what is needed to judge one more grant."""

    households: dict[UUID, UUID] = field(default_factory=dict)
    """Case → household."""
    steps: dict[UUID, list[StepRecord]] = field(default_factory=dict)
    aliases: dict[UUID, UUID] = field(default_factory=dict)
    """Household that was joined → the one that stands for it."""
    net_income: dict[int, int] = field(default_factory=dict)
    groups: dict[UUID, str] = field(default_factory=dict)
    """Household → its villagers' group."""
    withheld_cases: set[UUID] = field(default_factory=set)
    waived: dict[UUID, set[Reason]] = field(default_factory=dict)
    """Case → what a person let pass with a written reason."""

    def note_case(self, case_id: UUID, values: Mapping[str, Value]) -> None:
        self.households[case_id] = _uuid(values["household_id"])

    def note_step(self, step_id: UUID, values: Mapping[str, Value]) -> None:
        record = read_step(step_id, values)
        self.steps.setdefault(record.case_id, []).append(record)

    def judge(self, step_id: UUID, values: Mapping[str, Value], *, may_grant: bool = True) -> Objection | None:
        """May this step take effect? None in a case that ended before; a resolution or payment is a grant besides.

        `may_grant`: its laptop has or had 救助审批权, which a resolution that gives money needs.
        """
        try:
            record = read_step(step_id, values)
        except (ValueError, TypeError, KeyError):
            return MALFORMED
        if record.case_id in self.withheld_cases:
            return DEPENDS
        stale = self._stale(record)
        if stale is not None or record.kind not in _GRANTING:
            return stale
        arriving = self._grant(record.case_id, [*self.steps.get(record.case_id, ()), record])
        if arriving is None:
            return None
        if record.kind is StepKind.VILLAGERS_RESOLUTION and not may_grant:
            message = "记这个决议的电脑没有救助审批权，先放着。请由有救助审批权的电脑处理。"
            return Objection(Reason.NO_RIGHT, message)
        waived = self.waived.get(record.case_id, set())
        verdict = judge_arriving_grant(
            self.grants(),
            arriving,
            net_income_fen=self.net_income.get(arriving.counts_on.year - 1),
            pack=_policy(),
            over_cap_reason=record.reasons.get(_CAP_RULE, "") or ("定过" if Reason.OVER_CAP in waived else ""),
            second_allowed=Reason.DUPLICATE_GRANT in waived,
        )
        if verdict.effective:
            return None
        reason = Reason.DUPLICATE_GRANT if verdict.held is HeldReason.DUPLICATE else Reason.OVER_CAP
        standing: dict[str, Value] = {}
        if verdict.standing is not None:
            standing = {"case_id": verdict.standing.case_id.bytes, "amount_fen": verdict.standing.amount_fen}
        return Objection(reason, verdict.message, standing=standing)

    def _stale(self, record: StepRecord) -> Objection | None:
        """A case that was refused or withdrawn stays so. A correction may still say that it was not."""
        ended = replay(self.steps.get(record.case_id, ())).ended_by
        if ended is None or record.supersedes is not None or record.kind in BESIDE:
            return None
        done = "申请已经撤回" if ended.kind is StepKind.WITHDRAWAL else f"“{STEP_TITLES[ended.kind]}”没有通过"
        message = f"{done}，这一件已经办结，后到的“{STEP_TITLES[record.kind]}”不生效，先放着。"
        return Objection(Reason.STALE_STEP, message, standing={"step_id": ended.id.bytes})

    def grants(self) -> list[Grant]:
        """Everything that took effect."""
        return [grant for case in self.steps if (grant := self._grant(case, self.steps[case])) is not None]

    def pool(self, year: int) -> PoolStatus:
        """The money for relief of a year."""
        return pool_status(year, self.grants(), net_income_fen=self.net_income.get(year - 1), pack=_policy())

    def granted_by_group(self, year: int) -> dict[str, int]:
        """What the households of each villagers' group got or were promised in a year."""
        found: dict[str, int] = {}
        for grant in self.grants():
            if counts_in_year(grant, year):
                group = self.groups.get(grant.household_id, "")
                found[group] = found.get(group, 0) + grant.amount_fen
        return found

    def _grant(self, case_id: UUID, records: Iterable[StepRecord]) -> Grant | None:
        household = self.households.get(case_id)
        if household is None:
            return None
        grant = grant_of(case_id, household, replay(records))
        if grant is None:
            return None
        return Grant(
            grant.case_id,
            grant.household_id,
            grant.amount_fen,
            grant.resolved_on,
            grant.paid_on,
            aliases=frozenset({self._standing_household(household)}),
        )

    def household_of(self, case_id: UUID) -> UUID | None:
        """The household whose case it is; of joined ones the one that stands."""
        household = self.households.get(case_id)
        return None if household is None else self._standing_household(household)

    def _standing_household(self, household: UUID) -> UUID:
        seen: set[UUID] = set()
        while household in self.aliases and household not in seen:
            seen.add(household)
            household = self.aliases[household]
        return household


def read_step(step_id: UUID, values: Mapping[str, Value]) -> StepRecord:
    """The record of a step from its columns. What cannot be read raises ValueError, TypeError or KeyError."""
    kind = StepKind(_text(values["kind"]))
    supersedes = values["supersedes"]
    return StepRecord(
        id=step_id,
        case_id=_uuid(values["case_id"]),
        kind=kind,
        done_on=date.fromisoformat(_text(values["done_on"])),
        recorded_at=_text(values["made_at"]),
        actor_id=_uuid(values["made_by"]),
        actor_name=_text(values["made_by_name"]),
        payload=read_payload(kind, _text(values["payload"])),
        pack_version=_text(values["pack_version"]),
        supersedes=None if supersedes is None else _uuid(supersedes),
        reasons=json.loads(_text(values["reasons"])),
    )


def read_voucher(values: Mapping[str, Value], lines: Iterable[Mapping[str, Value]]) -> Voucher:
    """A voucher and its lines from their columns. What cannot be read raises ValueError, TypeError or KeyError."""
    reverses = values["reverses"]
    return Voucher(
        voucher_date=date.fromisoformat(_text(values["voucher_date"])),
        postings=tuple(
            Posting(
                account=_text(line.get("account")),
                summary=_text(line.get("summary")),
                debit_fen=_integer(line.get("debit_fen")),
                credit_fen=_integer(line.get("credit_fen")),
            )
            for line in sorted(lines, key=lambda one: _integer(one.get("line")))
        ),
        kind=VoucherKind(_text(values["kind"])),
        paper_count=_integer(values["paper_count"]),
        reverses=None if reverses is None else _uuid(reverses),
    )


@cache
def _first_level_chart() -> Chart:
    accounts: tuple[Account, ...] = read_resource(read_chart, "accounts", "chart_2024.json")
    return Chart(accounts, ())


@cache
def _policy() -> PolicyPack:
    return read_resource(load_pack, "policies", "collective_relief_2021.json")


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _integer(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError("number expected")
    return value


def _uuid(value: Value) -> UUID:
    if not isinstance(value, bytes):
        raise TypeError("id expected")
    return UUID(bytes=value)
