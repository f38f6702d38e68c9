"""乡镇审核: the township's Party committee meeting decides on object and amount (CRELIEF-19)."""

from __future__ import annotations

from village_core.domain.errors import Finding
from village_core.domain.money import format_yuan
from village_core.domain.relief.check import Check, check_not_near
from village_core.domain.relief.payloads import TownshipReview


def check_township_review(check: Check) -> tuple[Finding, ...]:
    """Minutes, opinion, and on a yes the very amount that was resolved: another amount is not a yes."""
    review = check.proposed.payload
    assert isinstance(review, TownshipReview)
    findings = check.required(
        "CRELIEF-19",
        ("minutes", review.minutes, "请填乡镇党委会的会议名称或纪要文号。"),
        ("opinion", review.opinion, "请写乡镇审核意见。"),
    )
    findings += check_not_near(check)
    if not (review.object_approved and review.amount_approved):
        return tuple(findings)
    resolved = check.state.resolved_fen
    if resolved is not None and review.approved_fen != resolved:
        shown = "没有填" if review.approved_fen is None else f"{format_yuan(review.approved_fen)} 元"
        message = (
            f"乡镇审核的金额{shown}，村里决议的是 {format_yuan(resolved)} 元，两个要一样；"
            "乡镇不同意这个金额的，请记“金额没有通过”。"
        )
        findings.append(check.finding("CRELIEF-19", message, field="approved_fen"))
    return tuple(findings)
