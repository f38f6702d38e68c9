"""回避 told before anything is typed: which steps the person at the keyboard leaves to others, why, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.staff.queries import list_staff
from village_core.domain.relief.facts import CaseFacts, Kin
from village_core.domain.relief.steps import LEFT_TO_OTHERS, NAMING_ASIDE_STEPS, STEP_TITLES, StepKind
from village_core.domain.staff.rights import Duties, Right
from village_core.exchange.staff_roles import role_list

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

_MOST_NAMES = 3


def find_near(reader: Reader, facts: CaseFacts) -> Kin | None:
    """How the person at the keyboard is near to the household; what is certain before what is asked."""
    duties = reader.duties
    if duties is None:
        return None
    own = [
        kin
        for kin in facts.kin
        if (kin.person == duties.person or kin.is_among((duties.name,))) and kin.works_on(reader.today)
    ]
    return next((kin for kin in own if kin.certain), next(iter(own), None))


def aside_words(reader: Reader, facts: CaseFacts, near: Kin | None) -> dict[StepKind, str]:
    """For each step from which he stands aside: that he does, and who may do it instead."""
    if near is None:
        return {}
    others = _others(reader, facts)
    return {kind: _words(kind, near, others) for kind in sorted(NAMING_ASIDE_STEPS | LEFT_TO_OTHERS)}


def _words(kind: StepKind, near: Kin, others: list[tuple[str, Duties]]) -> str:
    title, instead = STEP_TITLES[kind], _instead(others, role_list().steps[kind.value])
    if not near.certain:
        return f"{near.name}是不是{near.relation}？是就要回避，“{title}”请由{instead}来办；只是同名，请写明。"
    who = f"{near.name}是{near.relation}，要回避"
    if kind in LEFT_TO_OTHERS:
        return f"{who}，不能记“{title}”，请由{instead}来办。"
    return f"{who}：不主持、不记录、不表决，写在“回避的人”里。这一步最好由{instead}来记。"


def _instead(others: list[tuple[str, Duties]], right: Right) -> str:
    """Who of the others may do it; the roles where nobody does."""
    found = [words for words, duties in others if duties.may(right)]
    if not found:
        return f"另一位{'、'.join(role_list().who(right))}（没有的，请管人员的人或县里定一位）"
    more = f"等 {len(found)} 人" if len(found) > _MOST_NAMES else ""
    return "、".join(found[:_MOST_NAMES]) + more


def _others(reader: Reader, facts: CaseFacts) -> list[tuple[str, Duties]]:
    """Who else works here and is not near himself: with the roles in words, and what he may do."""
    near = {kin.person for kin in facts.kin}
    duties = reader.duties
    return [
        (one.words, Duties(one.name, one.roles, combines=one.may_combine_duties, of=role_list()))
        for one in list_staff(reader)
        if one.id not in near and (duties is None or one.id != duties.person)
    ]
