"""The policy pack: rules as data, with their parameters, period in force, exact wording and source.

Hard rules refuse. Soft ones (一般, 原则上) let a deed pass with a written reason. `must` rules only say what has to
be there. A case is decided under the pack version that it was opened with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from village_core.domain.errors import Finding
from village_core.domain.meetings.rules import MeetingBody, QuorumRules, Share, load_quorum_rules, load_share
from village_core.domain.relief.steps import MEETING_STEPS

_HIGHEST = 10**15
"""Beyond any sum or number of days that a rule may name."""


class RuleKind(StrEnum):
    HARD = "hard"
    SOFT = "soft"
    MUST = "must"


class YearBasis(StrEnum):
    """What “一年” means (the text is silent)."""

    CALENDAR = "calendar"
    TWELVE_MONTHS = "twelve_months"
    BOTH = "both"


class Certainty(StrEnum):
    """How sure we are of a rule: read in its source, still to be confirmed (待核实), or our own addition."""

    CONFIRMED = "confirmed"
    TO_VERIFY = "to_verify"
    OURS = "ours"


CERTAINTY_TITLES: Mapping[Certainty, str] = {
    Certainty.CONFIRMED: "原文",
    Certainty.TO_VERIFY: "待核实",
    Certainty.OURS: "本系统补充",
}

REQUIRED_RULES = frozenset(
    {f"CRELIEF-{number}" for number in range(1, 24)} | {"NOTICE-4", "QUORUM-0", "QUORUM-5", "RECUSAL-1", "CORRECTION-1"}
)


_PARAMETERS: Mapping[str, Mapping[str, str]] = {
    "CRELIEF-1": {"household_types": "texts"},
    "CRELIEF-3": {"year": "text"},
    "CRELIEF-4": {"limit_fen": "integer"},
    "CRELIEF-5": {"share": "ratio"},
    "CRELIEF-8": dict.fromkeys(MEETING_STEPS.values(), "bodies"),
    "CRELIEF-13": {"due_within_days": "integer"},
    "CRELIEF-14": {"papers": "lists"},
    "CRELIEF-20": {"one_notice_may_serve_twice": "flag"},
    "NOTICE-4": {"minimum_workdays": "integer", "counts_posting_day": "flag"},
    "QUORUM-5": {"enabled": "flag", "attendance": "share", "plan_days": "integer"},
}
"""What the checks read of a rule, and as what: looked at when a pack is loaded, not in the middle of a case."""


@dataclass(frozen=True)
class PolicyRule:
    """One rule in one period. Parameters: money in 分, shares as `[num, den]`, days, names of types."""

    id: str
    title: str
    kind: RuleKind
    in_force_from: date
    in_force_to: date | None
    parameters: Mapping[str, object]
    clause: str
    source: str
    certainty: Certainty
    note: str

    def in_force(self, on: date) -> bool:
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)

    def integer(self, name: str) -> int:
        value = self.parameters[name]
        if type(value) is not int or not 0 <= value <= _HIGHEST:
            raise ValueError(f"{self.id}: {name} is not an integer")
        return value

    def flag(self, name: str) -> bool:
        value = self.parameters[name]
        if type(value) is not bool:
            raise ValueError(f"{self.id}: {name} is not true or false")
        return value

    def text(self, name: str) -> str:
        value = self.parameters[name]
        if not isinstance(value, str):
            raise ValueError(f"{self.id}: {name} is not a text")
        return value

    def bodies(self, name: str) -> tuple[MeetingBody, ...]:
        return tuple(MeetingBody(body) for body in self.texts(name))

    def texts(self, name: str) -> tuple[str, ...]:
        return _texts(self.parameters[name])

    def ratio(self, name: str) -> tuple[int, int]:
        """`[30, 100]` as (30, 100)."""
        value = self.parameters[name]
        if not isinstance(value, list) or len(value) != 2 or not all(type(part) is int for part in value):
            raise ValueError(f"{self.id}: {name} is not a ratio")
        numerator, denominator = value
        if not 0 <= numerator <= _HIGHEST or not 0 < denominator <= _HIGHEST:
            raise ValueError(f"{self.id}: {name} is not a ratio")
        return numerator, denominator

    def share(self, name: str) -> Share:
        """`["at_least", 2, 3]` as a share of a body."""
        return load_share(self.parameters[name])

    def lists(self, name: str) -> Mapping[str, tuple[str, ...]]:
        value = self.parameters[name]
        if not isinstance(value, Mapping):
            raise ValueError(f"{self.id}: {name} is not an object")
        return {str(key): _texts(entry) for key, entry in value.items()}

    @property
    def cited_source(self) -> str:
        """The source as it is shown: what is not yet confirmed says so."""
        if self.certainty is Certainty.CONFIRMED or not self.source:
            return self.source
        return f"{self.source}（{CERTAINTY_TITLES[self.certainty]}）"

    def finding(self, message: str, *, field: str = "", hard: bool | None = None) -> Finding:
        """A finding that carries this rule's wording. `hard` overrides the rule's own kind."""
        is_hard = self.kind is RuleKind.HARD if hard is None else hard
        return Finding(self.id, is_hard, message, clause=self.clause, source=self.cited_source, field=field)


@dataclass(frozen=True)
class PolicyPack:
    """All rules of 村级集体经济临时救助 in one version, and the thresholds of its meetings."""

    id: str
    version: str
    title: str
    document: str
    issued_on: date
    rules: tuple[PolicyRule, ...]
    quorum: QuorumRules

    def rule(self, rule_id: str, on: date) -> PolicyRule:
        """The wording of a rule that is in force on a day; the nearest one where the day lies outside all."""
        versions = [rule for rule in self.rules if rule.id == rule_id]
        for rule in versions:
            if rule.in_force(on):
                return rule
        if not versions:
            raise KeyError(rule_id)
        earliest, latest = versions[0], versions[-1]
        return earliest if on < earliest.in_force_from else latest

    def bodies(self, name: str, on: date) -> tuple[MeetingBody, ...]:
        """Which bodies may hold one of the four meetings, e.g. `resolution_bodies`."""
        return self.rule("CRELIEF-8", on).bodies(name)


def load_pack(data: object) -> PolicyPack:
    """Reads the parsed JSON of `resources/policies/`. A malformed or incomplete pack raises ValueError/KeyError."""
    if not isinstance(data, Mapping):
        raise ValueError("a policy pack is a JSON object")
    rules = tuple(sorted((_load_rule(entry) for entry in data["rules"]), key=lambda rule: rule.in_force_from))
    for rule in rules:
        _check_parameters(rule)
    missing = REQUIRED_RULES - {rule.id for rule in rules}
    if missing:
        raise ValueError(f"the pack lacks rules: {', '.join(sorted(missing))}")
    return PolicyPack(
        id=str(data["id"]),
        version=str(data["version"]),
        title=str(data["title"]),
        document=str(data["document"]),
        issued_on=date.fromisoformat(str(data["issued_on"])),
        rules=rules,
        quorum=load_quorum_rules(data["meetings"]),
    )


def _load_rule(entry: Mapping[str, object]) -> PolicyRule:
    parameters, end = entry["parameters"], entry["in_force_to"]
    if not isinstance(parameters, Mapping):
        raise ValueError(f"{entry['id']}: parameters is not an object")
    return PolicyRule(
        id=str(entry["id"]),
        title=str(entry["title"]),
        kind=RuleKind(str(entry["kind"])),
        in_force_from=date.fromisoformat(str(entry["in_force_from"])),
        in_force_to=None if end is None else date.fromisoformat(str(end)),
        parameters=parameters,
        clause=str(entry["clause"]),
        source=str(entry["source"]),
        certainty=Certainty(str(entry["certainty"])),
        note=str(entry["note"]),
    )


def _check_parameters(rule: PolicyRule) -> None:
    for name, kind in _PARAMETERS.get(rule.id, {}).items():
        getattr(rule, kind)(name)
    if rule.id == "CRELIEF-3":
        YearBasis(rule.text("year"))


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise ValueError("not a list of texts")
    return tuple(value)
