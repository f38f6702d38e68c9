"""After the money: visits, the complete file of a household (一户一档), withdrawal, and supervision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from village_core.domain.errors import Finding
from village_core.domain.relief.check import Check
from village_core.domain.relief.facts import CaseFacts
from village_core.domain.relief.payloads import (
    Archive,
    FollowUp,
    Inspection,
    OtherHelp,
    UseOfMoney,
    Withdrawal,
)
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.state import CaseState
from village_core.domain.relief.steps import STEP_TITLES, StepKind, StepRecord

PAPER_TITLES: Mapping[str, str] = {
    "application": "申请书和证明材料",
    "home_visit": "入户核实照片或核查表",
    "minutes": "会议记录",
    "sign_in": "签到表",
    "notice_near": "张贴照片（近景）",
    "notice_far": "张贴照片（远景）",
    "township_opinion": "乡镇审核意见",
    "bank_receipt": "银行回单",
    "follow_up": "回访照片",
    "id_copy": "身份证、户口簿或银行卡复印件",
    "other": "其他材料",
}


PAPERS_WITH_NUMBERS = frozenset({"id_copy", "bank_receipt"})
"""Pictures on which identity or account numbers stand: not shown before somebody has said why."""


@dataclass(frozen=True)
class MissingPaper:
    """A paper that the file of the case still lacks."""

    step: StepRecord
    kind: str

    @property
    def title(self) -> str:
        return f"{STEP_TITLES[self.step.kind]}：{PAPER_TITLES.get(self.kind, self.kind)}"


def missing_papers(state: CaseState, facts: CaseFacts, *, pack: PolicyPack, on: date) -> tuple[MissingPaper, ...]:
    """What CRELIEF-14 still wants of the steps that are done. A scan of a corrected step serves its correction."""
    wanted = pack.rule("CRELIEF-14", on).lists("papers")
    missing = []
    for step in state.records:
        owners = _versions_of(state, step)
        kept = {paper.kind for paper in facts.papers if paper.step_id in owners}
        missing += [MissingPaper(step, kind) for kind in wanted.get(step.kind.value, ()) if kind not in kept]
    return tuple(missing)


def _versions_of(state: CaseState, step: StepRecord) -> set[object]:
    """The ids of a step and of all that it corrected."""
    ids: set[object] = {step.id}
    replaced = {record.id: record for record in state.superseded}
    before = step.supersedes
    while before is not None and before not in ids:
        ids.add(before)
        before = replaced[before].supersedes if before in replaced else None
    return ids


def check_follow_up(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-13: who went, and what the money was used for."""
    payload = check.proposed.payload
    assert isinstance(payload, FollowUp)
    findings = check.required(
        "CRELIEF-13",
        ("visitors", "".join(payload.visitors), "请填谁去回访的。"),
        ("finding", payload.finding, "请写救助金用在了哪里、效果怎样。"),
    )
    if payload.use is UseOfMoney.OTHER and not payload.advice.strip():
        message = "救助金要用在保障生活、改进生产等方面；用在别处的，请写怎样提醒和监督的。"
        findings.append(check.finding("CRELIEF-13", message, field="advice", hard=True))
    return tuple(findings)


def check_archive(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-13, 14 and 17: at least one visit, every paper, and the voucher's number."""
    payload = check.proposed.payload
    assert isinstance(payload, Archive)
    findings = check.required("CRELIEF-14", ("keeper", payload.keeper, "请填档案由谁保管。"))
    missing = missing_papers(check.state, check.facts, pack=check.pack, on=check.done_on)
    if missing:
        shown = "；".join(paper.title for paper in missing)
        message = f"档案还缺 {len(missing)} 样：{shown}。请先补上扫描件或照片。"
        findings.append(check.finding("CRELIEF-14", message, field="papers"))
    if check.facts.payment_reversed:
        message = "发放的凭证已经冲销，要先更正发放记录、重新记账，才能归档。"
        findings.append(check.finding("CRELIEF-17", message))
    visits = check.state.all_of(StepKind.FOLLOW_UP)
    if visits and all(_not_used(visit) for visit in visits):
        message = "回访时救助金还没有用，等用了再回访一次，才能归档。"
        findings.append(check.finding("CRELIEF-13", message, hard=False))
    return tuple(findings)


def _not_used(visit: StepRecord) -> bool:
    return isinstance(visit.payload, FollowUp) and visit.payload.use is UseOfMoney.NOT_YET


def check_withdrawal(check: Check) -> tuple[Finding, ...]:
    """An application is the household's own: it says who takes it back and why."""
    payload = check.proposed.payload
    assert isinstance(payload, Withdrawal)
    return tuple(
        check.required(
            "CRELIEF-9",
            ("by_whom", payload.by_whom, "请填谁来撤回的。"),
            ("reason", payload.reason, "请写为什么撤回。"),
        )
    )


def check_inspection(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-16: who saw it, and as what."""
    payload = check.proposed.payload
    assert isinstance(payload, Inspection)
    return tuple(
        check.required(
            "CRELIEF-16",
            ("by_whom", payload.by_whom, "请填谁来看的。"),
            ("capacity", payload.capacity, "请填身份：村务监督委员会、党员或村民。"),
        )
    )


def check_other_help(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-23: what the collective did for the household beside the grant."""
    payload = check.proposed.payload
    assert isinstance(payload, OtherHelp)
    return tuple(check.required("CRELIEF-23", ("content", payload.content, "请写帮了什么。")))
