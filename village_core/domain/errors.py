"""The two families of failure.

A `UserError` is something the person at the keyboard can mend: it is a Chinese sentence in three parts (what
happened, what is safe, what to do). Every other exception is a defect of ours and becomes a crash report.
"""

from __future__ import annotations

from dataclasses import dataclass


class UserError(Exception):
    """What happened, what is safe and what to do, in plain Chinese. `exit_status` is the command line's."""

    exit_status = 1

    def __init__(self, what: str, *, safe: str = "", next_step: str = "") -> None:
        self.what = what
        self.safe = safe
        self.next_step = next_step
        super().__init__("".join(part for part in (what, safe, next_step) if part))


class RefusedError(UserError):
    """A rule or a check said no; nothing was done."""

    exit_status = 1


class NoSeatError(RefusedError):
    """This laptop does not hold 救助审批权 or 记账权; like a rule's, the refusal goes on record."""


class ProblemOutsideError(UserError):
    """Disk, network, key or another program stands in the way; nothing was lost."""

    exit_status = 3


@dataclass(frozen=True)
class Finding:
    """One rule that has something to say about a deed.

    `hard` findings refuse. Soft ones (一般, 原则上) let the deed pass with a written reason.
    `clause` is the text of the rule as it stands in its `source` (document, annex, paragraph).
    """

    rule_id: str
    hard: bool
    message: str
    clause: str = ""
    source: str = ""
    field: str = ""


class RuleRefusedError(RefusedError):
    """Hard findings, or soft ones without a reason. Carries all of them so that each can be shown in its place."""

    def __init__(self, findings: tuple[Finding, ...], *, next_step: str = "") -> None:
        self.findings = findings
        first = findings[0]
        clause = f"「{first.clause}」{first.source}。" if first.clause else ""
        super().__init__(f"{first.message}{clause}", safe="资料没有改动。", next_step=next_step)
