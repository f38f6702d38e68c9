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
from village_core.domain.ledger.checks import check_voucher
from village_core.domain.ledger.periods import is_locked, period_label
from village_core.domain.ledger.voucher import Posting, Voucher, VoucherKind, parse_voucher_number
from village_core.domain.relief.facts import grant_of
from village_core.domain.relief.grants import Grant, HeldReason, judge_arriving_grant
from village_core.domain.relief.payload_codec import read_payload
from village_core.domain.relief.policy import PolicyPack, load_pack
from village_core.domain.relief.state import replay
from village_core.domain.relief.steps import StepKind, StepRecord
from village_core.exchange.objections import DEPENDS, MALFORMED, Objection, Reason
from village_core.exchange.operations import Kind, Operation
from village_core.exchange.values import Value
from village_core.resources import read_json

_SHAPE_RULES = frozenset({"VOUCHER-1", "VOUCHER-2", "VOUCHER-3"})
_GRANTING = frozenset({StepKind.VILLAGERS_RESOLUTION, StepKind.PAYMENT})
_CAP_RULE = "CRELIEF-5"


@dataclass
class Books:
    """Numbers that are taken and months that are locked."""

    numbers: dict[tuple[str, str, int], UUID] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)

    def note_voucher(self, voucher_id: UUID, values: Mapping[str, Value]) -> None:
        key = _number_key(values)
        if key is not None:
            self.numbers.setdefault(key, voucher_id)

    def judge(self, values: Mapping[str, Value], lines: Iterable[Operation], *, may_post: bool) -> Objection | None:
        """May this voucher with these lines stand?"""
        if not may_post:
            return Objection(Reason.NO_RIGHT, "这台电脑没有记账权，它记的凭证先放着。请由有记账权的报账员处理。")
        period = _text(values["period"])
        if is_locked(period, self.locked):
            return Objection(Reason.LOCKED_MONTH, f"{period_label(period)}已经锁账，后到的这张凭证先放着。")
        key = _number_key(values)
        if key is not None and key in self.numbers:
            number = _text(values["number_text"])
            return Objection(
                Reason.NUMBER_TAKEN,
                f"{period_label(period)}的 {number} 号已经有一张凭证，后到的这一张先放着。",
                standing={"id": self.numbers[key].bytes, "number_text": number},
            )
        findings = check_voucher(_voucher(values, lines), chart=_first_level_chart())
        for finding in findings:
            if finding.rule_id in _SHAPE_RULES:
                return Objection(Reason.UNBALANCED, f"这张凭证不能记账：{finding.message}")
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
    withheld_cases: set[UUID] = field(default_factory=set)

    def note_case(self, case_id: UUID, values: Mapping[str, Value]) -> None:
        self.households[case_id] = _uuid(values["household_id"])

    def note_step(self, step_id: UUID, values: Mapping[str, Value]) -> None:
        record = read_step(step_id, values)
        self.steps.setdefault(record.case_id, []).append(record)

    def judge(self, step_id: UUID, values: Mapping[str, Value]) -> Objection | None:
        """May this step take effect? Only a resolution or payment is judged; the rest follows its case."""
        try:
            record = read_step(step_id, values)
        except (ValueError, TypeError, KeyError):
            return MALFORMED
        if record.case_id in self.withheld_cases:
            return DEPENDS
        if record.kind not in _GRANTING:
            return None
        arriving = self._grant(record.case_id, [*self.steps.get(record.case_id, ()), record])
        if arriving is None:
            return None
        others = [grant for case in self.steps if (grant := self._grant(case, self.steps[case])) is not None]
        verdict = judge_arriving_grant(
            others,
            arriving,
            net_income_fen=self.net_income.get(arriving.counts_on.year - 1),
            pack=_policy(),
            over_cap_reason=record.reasons.get(_CAP_RULE, ""),
        )
        if verdict.effective:
            return None
        reason = Reason.DUPLICATE_GRANT if verdict.held is HeldReason.DUPLICATE else Reason.OVER_CAP
        standing: dict[str, Value] = {}
        if verdict.standing is not None:
            standing = {"case_id": verdict.standing.case_id.bytes, "amount_fen": verdict.standing.amount_fen}
        return Objection(reason, verdict.message, standing=standing)

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


def _voucher(values: Mapping[str, Value], lines: Iterable[Operation]) -> Voucher:
    postings = [line.values for line in lines if line.kind is Kind.INSERT]
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
            for line in postings
        ),
        kind=VoucherKind(_text(values["kind"])),
        paper_count=_integer(values["paper_count"]),
        reverses=None if reverses is None else _uuid(reverses),
    )


def _number_key(values: Mapping[str, Value]) -> tuple[str, str, int] | None:
    """What may stand once in a month; opening balances have no number."""
    number = _integer(values["number"])
    if number == 0:
        return None
    parsed = parse_voucher_number(_text(values["number_text"]))
    return _text(values["period"]), parsed.word if parsed else "", number


@cache
def _first_level_chart() -> Chart:
    accounts: tuple[Account, ...] = read_chart(read_json("accounts", "chart_2024.json"))
    return Chart(accounts, ())


@cache
def _policy() -> PolicyPack:
    return load_pack(read_json("policies", "collective_relief_2021.json"))


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
