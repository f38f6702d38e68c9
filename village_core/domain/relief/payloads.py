"""What each step of a case records: one frozen dataclass per kind of step. Dates beside these are the step's own.

Money in 分. The votes of the four meetings share one dataclass. Nothing here is optional by accident: a field
that may be empty says what emptiness means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Cause(StrEnum):
    """Why life became hard (救助事由). Only this category is ever published."""

    ILLNESS = "illness"
    DISASTER = "disaster"
    SCHOOLING = "schooling"
    ACCIDENT = "accident"
    NATURAL_DISASTER = "natural_disaster"
    OTHER = "other"


CAUSE_TITLES: Mapping[Cause, str] = {
    Cause.ILLNESS: "因病",
    Cause.DISASTER: "因灾",
    Cause.SCHOOLING: "因学",
    Cause.ACCIDENT: "因意外",
    Cause.NATURAL_DISASTER: "因自然灾害",
    Cause.OTHER: "其他特殊困难",
}


class CivilAffairsAnswer(StrEnum):
    """What came of asking 民政 first (CRELIEF-15)."""

    NOT_ELIGIBLE = "not_eligible"
    NOT_ENOUGH = "not_enough"
    REFUSED = "refused"
    PENDING = "pending"
    NOT_APPLIED = "not_applied"


CIVIL_AFFAIRS_TITLES: Mapping[CivilAffairsAnswer, str] = {
    CivilAffairsAnswer.NOT_ELIGIBLE: "问过，不符合低保等条件",
    CivilAffairsAnswer.NOT_ENOUGH: "已享受或已批准，仍有困难",
    CivilAffairsAnswer.REFUSED: "申请过，没有批准",
    CivilAffairsAnswer.PENDING: "已申请，还没有结果",
    CivilAffairsAnswer.NOT_APPLIED: "符合条件，还没有申请",
}


class ObjectionOutcome(StrEnum):
    """The three ends of an objection (CRELIEF-10)."""

    UNFOUNDED = "unfounded"
    DISQUALIFIED = "disqualified"
    STILL_ELIGIBLE = "still_eligible"


OBJECTION_TITLES: Mapping[ObjectionOutcome, str] = {
    ObjectionOutcome.UNFOUNDED: "不属实，继续办",
    ObjectionOutcome.DISQUALIFIED: "属实，确实不符合条件，不给予救助",
    ObjectionOutcome.STILL_ELIGIBLE: "属实，但不影响资格，写明理由继续办",
}


class PaymentMethod(StrEnum):
    """How money leaves the collective. Cash is here only to be refused."""

    BANK = "bank"
    CASH = "cash"


class UseOfMoney(StrEnum):
    """What a grant was used for, as the visit found (CRELIEF-13)."""

    DAILY_LIFE = "daily_life"
    PRODUCTION = "production"
    MEDICAL = "medical"
    SCHOOLING = "schooling"
    NOT_YET = "not_yet"
    OTHER = "other"


USE_TITLES: Mapping[UseOfMoney, str] = {
    UseOfMoney.DAILY_LIFE: "保障生活",
    UseOfMoney.PRODUCTION: "改进生产",
    UseOfMoney.MEDICAL: "看病",
    UseOfMoney.SCHOOLING: "上学",
    UseOfMoney.NOT_YET: "还没有用",
    UseOfMoney.OTHER: "其他",
}


class OtherHelpKind(StrEnum):
    """The other three ways of 村级集体经济帮扶, beside the grant (CRELIEF-23)."""

    ENTERPRISE = "enterprise"
    EMPLOYMENT = "employment"
    INFRASTRUCTURE = "infrastructure"


OTHER_HELP_TITLES: Mapping[OtherHelpKind, str] = {
    OtherHelpKind.ENTERPRISE: "经济实体帮扶（订单种植、保底收购、优先流转等）",
    OtherHelpKind.EMPLOYMENT: "带动就业帮扶",
    OtherHelpKind.INFRASTRUCTURE: "基础设施惠民",
}


@dataclass(frozen=True)
class Recusal:
    """Someone who stood aside because the household is his own or his near relative's (回避)."""

    name: str
    relation: str


@dataclass(frozen=True)
class Application:
    """户申请. `household_types` are the labels of the household on that day; the service fills them in."""

    applicant_name: str
    cause: Cause
    reason: str
    written: bool
    high_risk: bool
    materials: tuple[str, ...]
    household_types: tuple[str, ...] = ()
    cause_text: str = ""
    requested_fen: int | None = None


@dataclass(frozen=True)
class FirstReview:
    """村初审: who reviewed, the visit to the household, the answer of 民政, the opinion."""

    secretary: str
    reviewers: tuple[str, ...]
    visited_on: date | None
    visit_finding: str
    opinion: str
    passed: bool
    civil_affairs: CivilAffairsAnswer | None = None
    civil_affairs_note: str = ""
    suggested_fen: int | None = None
    recusal_asked: bool = False
    recused: tuple[Recusal, ...] = ()


@dataclass(frozen=True)
class Meeting:
    """One of the four meetings. `quorum_rule` is the id of the threshold used and records the regime with it.

    `noticed_on` is when people were told (or got the plan); `amount_fen` what was resolved, if `passed`.
    """

    quorum_rule: str
    place: str
    chair: str
    recorder: str
    eligible: int
    present: int
    votes_for: int
    votes_against: int
    abstained: int
    passed: bool
    discussion: str = ""
    held_at: str = ""
    amount_fen: int | None = None
    noticed_on: date | None = None
    recusal_asked: bool = False
    recused: tuple[Recusal, ...] = ()
    supervisor: str = ""
    township_guest: str = ""


@dataclass(frozen=True)
class Publication:
    """决议公开 or 实施结果公开: where, by whom, until when (None: no end was set)."""

    place: str
    posted_by: str
    until: date | None = None


@dataclass(frozen=True)
class TownshipReview:
    """乡镇党委会的审核, on object and on amount, as the village files the signed paper."""

    minutes: str
    object_approved: bool
    amount_approved: bool
    approved_fen: int | None
    opinion: str
    signed_by: str = ""


@dataclass(frozen=True)
class NoticePosted:
    """公示贴出: the period runs to `until`, that day included."""

    place: str
    posted_by: str
    until: date
    household_name: str
    amount_fen: int


@dataclass(frozen=True)
class ObjectionReceived:
    """异议 (举报). An empty `from_whom` is an anonymous one, investigated all the same."""

    content: str
    from_whom: str = ""
    channel: str = ""


@dataclass(frozen=True)
class ObjectionConcluded:
    """What the investigation of one objection found. `reason` says why to go on when the text is silent."""

    objection_id: UUID
    outcome: ObjectionOutcome
    investigators: tuple[str, ...]
    finding: str
    reason: str = ""


@dataclass(frozen=True)
class NoticeTakenDown:
    """公示期满取下."""

    taken_by: str
    remark: str = ""


@dataclass(frozen=True)
class Payment:
    """发放救助金: once, by bank, to the household's account. The voucher is made in the same deed."""

    method: PaymentMethod
    amount_fen: int
    payee_name: str
    payee_bank: str
    payee_account: str
    bank_account: str
    bank_receipt: str
    still_eligible: bool
    voucher_number: str = ""
    supervisor: str = ""


@dataclass(frozen=True)
class FollowUp:
    """跟踪问效: one visit after the payment."""

    visitors: tuple[str, ...]
    use: UseOfMoney
    finding: str
    advice: str = ""


@dataclass(frozen=True)
class Archive:
    """归档: who keeps the file and under which number."""

    keeper: str
    file_number: str = ""
    supervisor: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Withdrawal:
    """The household takes its application back."""

    by_whom: str
    reason: str


@dataclass(frozen=True)
class Inspection:
    """全程监督 (CRELIEF-16): who looked at the case, in which capacity, and what was said."""

    by_whom: str
    capacity: str
    remark: str = ""


@dataclass(frozen=True)
class OtherHelp:
    """Another way in which the collective helps this household (CRELIEF-23); no money of the pool."""

    kind: OtherHelpKind
    content: str
    helper: str = ""


Payload = (
    Application
    | FirstReview
    | Meeting
    | Publication
    | TownshipReview
    | NoticePosted
    | ObjectionReceived
    | ObjectionConcluded
    | NoticeTakenDown
    | Payment
    | FollowUp
    | Archive
    | Withdrawal
    | Inspection
    | OtherHelp
)
