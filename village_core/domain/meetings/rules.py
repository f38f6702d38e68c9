"""The thresholds of each body as data: a rule names its regime, its period in force and the clause behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from village_core.domain.errors import Finding


class MeetingBody(StrEnum):
    """The bodies that vote. The values are those of `GoverningBody.kind`."""

    PARTY_COMMITTEE = "party_committee"
    TWO_COMMITTEES = "two_committees"
    PARTY_MEMBERS = "party_members"
    DELEGATES = "delegates"
    VILLAGERS = "villagers"
    HOUSEHOLD_HEADS = "household_heads"
    COLLECTIVE_MEMBERS = "collective_members"
    COLLECTIVE_DELEGATES = "collective_delegates"
    COUNCIL = "council"


BODY_TITLES: Mapping[MeetingBody, str] = {
    MeetingBody.PARTY_COMMITTEE: "村党组织会议",
    MeetingBody.TWO_COMMITTEES: "村“两委”会议",
    MeetingBody.PARTY_MEMBERS: "党员大会",
    MeetingBody.DELEGATES: "村民代表会议",
    MeetingBody.VILLAGERS: "村民会议（十八周岁以上村民）",
    MeetingBody.HOUSEHOLD_HEADS: "村民会议（户的代表）",
    MeetingBody.COLLECTIVE_MEMBERS: "集体经济组织成员大会",
    MeetingBody.COLLECTIVE_DELEGATES: "集体经济组织成员代表大会",
    MeetingBody.COUNCIL: "集体经济组织理事会会议",
}


class Regime(StrEnum):
    """The law or rule book that a threshold comes from."""

    PARTY = "party"
    COMMITTEE_LAW = "committee_law"
    COLLECTIVE_LAW = "collective_law"
    CUSTOM = "custom"


REGIME_TITLES: Mapping[Regime, str] = {
    Regime.PARTY: "中国共产党支部工作条例（试行）",
    Regime.COMMITTEE_LAW: "村民委员会组织法",
    Regime.COLLECTIVE_LAW: "农村集体经济组织法",
    Regime.CUSTOM: "议事惯例",
}


@dataclass(frozen=True)
class Share:
    """A share of a body: `3 of 4 and more`, or `more than 1 of 2` when `strict`. Integers only, no float."""

    numerator: int
    denominator: int
    strict: bool

    def minimum(self, whole: int) -> int:
        """The smallest number of heads that satisfies the share of `whole`."""
        product = whole * self.numerator
        if self.strict:
            return product // self.denominator + 1
        return -(-product // self.denominator)

    @property
    def title(self) -> str:
        names = {(1, 2): "半数", (2, 3): "三分之二", (1, 3): "三分之一", (3, 4): "四分之三"}
        name = names.get((self.numerator, self.denominator), f"{self.denominator}分之{self.numerator}")
        return f"过{name}" if self.strict else f"{name}以上"


@dataclass(frozen=True)
class QuorumRule:
    """What a body needs in order to meet and to decide, in a period.

    `attendance` is a share of those who should attend (None: the text sets none); `passing` is a share of those
    present, or of all who should attend when `passing_of_all`. `notice_days` are natural days before the meeting.
    """

    id: str
    rule_id: str
    body: MeetingBody
    regime: Regime
    title: str
    attendance: Share | None
    passing: Share
    passing_of_all: bool
    notice_days: int
    in_force_from: date
    in_force_to: date | None
    clause: str
    source: str
    certainty: str
    note: str = ""

    def in_force(self, on: date) -> bool:
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)

    def finding(self, message: str, *, field: str = "", hard: bool = True) -> Finding:
        """A finding that carries this rule's clause; thresholds that await confirmation say so."""
        source = f"{self.source}（待核实）" if self.certainty == "to_verify" else self.source
        return Finding(self.rule_id, hard, message, clause=self.clause, source=source, field=field)


@dataclass(frozen=True)
class QuorumRules:
    """All thresholds that a policy pack carries."""

    rules: tuple[QuorumRule, ...]

    def find_rule(self, rule_id: str) -> QuorumRule | None:
        """The threshold with this id, e.g. `delegates-2018`."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def list_for(self, bodies: tuple[MeetingBody, ...], on: date) -> tuple[QuorumRule, ...]:
        """What may be chosen on a day, in the order in which the pack names the bodies."""
        return tuple(rule for body in bodies for rule in self.rules if rule.body is body and rule.in_force(on))


def load_quorum_rules(data: object) -> QuorumRules:
    """Reads the list `meetings` of a policy pack. A malformed entry raises ValueError or KeyError."""
    if not isinstance(data, list):
        raise ValueError("meetings is a list")
    rules = tuple(_load_rule(entry) for entry in data)
    if len({rule.id for rule in rules}) != len(rules):
        raise ValueError("two thresholds have the same id")
    return QuorumRules(rules)


def _load_rule(entry: Mapping[str, object]) -> QuorumRule:
    attendance = entry["attendance"]
    end = entry.get("in_force_to")
    notice_days = entry.get("notice_days", 0)
    if not isinstance(notice_days, int) or notice_days < 0:
        raise ValueError("notice_days is a number of days")
    return QuorumRule(
        id=str(entry["id"]),
        rule_id=str(entry["rule"]),
        body=MeetingBody(str(entry["body"])),
        regime=Regime(str(entry["regime"])),
        title=str(entry["title"]),
        attendance=None if attendance is None else load_share(attendance),
        passing=load_share(entry["passing"]),
        passing_of_all=entry["passing_of"] == "eligible",
        notice_days=notice_days,
        in_force_from=date.fromisoformat(str(entry["in_force_from"])),
        in_force_to=None if end is None else date.fromisoformat(str(end)),
        clause=str(entry["clause"]),
        source=str(entry["source"]),
        certainty=str(entry["certainty"]),
        note=str(entry.get("note", "")),
    )


def load_share(data: object) -> Share:
    """`["at_least", 2, 3]` or `["more_than", 1, 2]`."""
    if not isinstance(data, list) or len(data) != 3 or data[0] not in ("at_least", "more_than"):
        raise ValueError(f"not a share: {data}")
    numerator, denominator = data[1], data[2]
    if type(numerator) is not int or type(denominator) is not int or not 0 < numerator <= denominator <= 1000:
        raise ValueError(f"not a share: {data}")
    return Share(numerator, denominator, data[0] == "more_than")
