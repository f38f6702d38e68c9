"""What every check of a step is given, and the small questions that many of them ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from village_core.domain.errors import Finding
from village_core.domain.households.names import name_key
from village_core.domain.relief.facts import CaseFacts, Kin
from village_core.domain.relief.payloads import Recusal
from village_core.domain.relief.policy import PolicyPack, PolicyRule
from village_core.domain.relief.state import CaseState
from village_core.domain.relief.steps import StepRecord


@dataclass(frozen=True)
class Check:
    """A proposed step with the ground on which it is judged. Rules are those in force on the step's own day."""

    state: CaseState
    proposed: StepRecord
    facts: CaseFacts
    pack: PolicyPack
    today: date

    @property
    def done_on(self) -> date:
        return self.proposed.done_on

    def rule(self, rule_id: str) -> PolicyRule:
        return self.pack.rule(rule_id, self.proposed.done_on)

    def finding(self, rule_id: str, message: str, *, field: str = "", hard: bool | None = None) -> Finding:
        return self.rule(rule_id).finding(message, field=field, hard=hard)

    def required(self, rule_id: str, *answers: tuple[str, str, str]) -> list[Finding]:
        """One hard finding for each (field, value, what to fill in) whose value is blank."""
        return [
            self.finding(rule_id, message, field=field, hard=True)
            for field, value, message in answers
            if not value.strip()
        ]


def check_recusal(
    check: Check,
    *,
    asked: bool,
    recused: tuple[Recusal, ...],
    leader: str,
    reviewers: tuple[str, ...] = (),
    recorder: str = "",
) -> list[Finding]:
    """RECUSAL-1: the question is answered, who stood aside is named, and none of them leads or reviews.

    Who is known to be near to the household must be among those aside, also if he only writes the record.
    """
    if not asked:
        message = "请答：参加的人里有没有申请户本人或近亲属要回避。"
        return [check.finding("RECUSAL-1", message, field="recusal_asked")]
    findings = []
    if any(not one.name.strip() or not one.relation.strip() for one in recused):
        findings.append(check.finding("RECUSAL-1", "回避的人要写姓名和与申请户的关系。", field="recused"))
    aside = {name_key(one.name) for one in recused}
    if leader.strip() and name_key(leader) in aside:
        message = f"{leader.strip()}要回避，不能主持，请换人。"
        findings.append(check.finding("RECUSAL-1", message, field="recused"))
    both = [one.strip() for one in reviewers if one.strip() and name_key(one) in aside]
    if both:
        message = f"{'、'.join(both)}要回避，不能又参加审核，请换人。"
        findings.append(check.finding("RECUSAL-1", message, field="recused"))
    return findings + _check_kin(check, recused=recused, deciding=(leader, *reviewers), recorder=recorder)


def _check_kin(
    check: Check, *, recused: tuple[Recusal, ...], deciding: tuple[str, ...], recorder: str
) -> list[Finding]:
    """Who is of the household or near to it, and what was said of him; who sits at the keyboard takes part too."""
    aside = {one.name for one in recused}
    findings = []
    for kin in check.facts.kin:
        decides = kin.is_among(deciding)
        if (kin.is_among(aside) and not decides) or not kin.works_on(check.done_on):
            continue
        if not decides and not kin.is_among((recorder,)) and not _is_at_keyboard(check, kin):
            message = f"{kin.name}是{kin.relation}。参加了就要回避，请写在“回避的人”里；没有参加，请写明。"
            findings.append(check.finding("RECUSAL-1", message, field="recused", hard=False))
        elif kin.certain:
            message = f"{kin.name}是{kin.relation}，要回避。请换人来办，并写在“回避的人”里。"
            findings.append(check.finding("RECUSAL-1", message, field="recused", hard=True))
        else:
            message = f"{kin.name}是不是{kin.relation}？是就要回避，请写在“回避的人”里；只是同名，请写明。"
            findings.append(check.finding("RECUSAL-1", message, field="recused", hard=False))
    return findings


def check_not_near(check: Check, *names: str, field: str = "") -> list[Finding]:
    """RECUSAL-1 in a step without a meeting: neither `names` nor who sits at the keyboard is near to the household."""
    findings = []
    for kin in check.facts.kin:
        written = kin.is_among(names)
        if not (written or _is_at_keyboard(check, kin)) or not kin.works_on(check.done_on):
            continue
        place = field if written else ""
        message = f"{kin.name}是{kin.relation}，要回避，请由别的人来办。"
        if not kin.certain:
            message = f"{kin.name}是不是{kin.relation}？是就要回避，请由别的人来办；只是同名，请写明。"
        findings.append(check.finding("RECUSAL-1", message, field=place, hard=kin.certain))
    return findings


def _is_at_keyboard(check: Check, kin: Kin) -> bool:
    """By the person, and by the name for a record that came from elsewhere."""
    return kin.person == check.proposed.actor_id or kin.is_among((check.proposed.actor_name,))


def positive_amount(check: Check, rule_id: str, amount_fen: int | None, *, field: str) -> list[Finding]:
    """The amount is filled in and more than nothing."""
    if amount_fen is not None and amount_fen > 0:
        return []
    return [check.finding(rule_id, "请填金额，要大于 0 元。", field=field, hard=True)]
