"""The steps of a case: their kinds, the eight stations they belong to, and the immutable record of one deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from uuid import UUID

from village_core.domain.relief.payloads import (
    Application,
    Archive,
    FirstReview,
    FollowUp,
    Inspection,
    Meeting,
    NoticePosted,
    NoticeTakenDown,
    ObjectionConcluded,
    ObjectionReceived,
    OtherHelp,
    Payload,
    Payment,
    Publication,
    TownshipReview,
    Withdrawal,
)


class Station(IntEnum):
    """The eight stations of CRELIEF-6, left to right."""

    APPLICATION = 1
    FIRST_REVIEW = 2
    FOUR_MEETINGS = 3
    TOWNSHIP = 4
    NOTICE = 5
    PAYMENT = 6
    FOLLOW_UP = 7
    ARCHIVE = 8


STATION_TITLES: Mapping[Station, str] = {
    Station.APPLICATION: "户申请",
    Station.FIRST_REVIEW: "村初审",
    Station.FOUR_MEETINGS: "四议两公开",
    Station.TOWNSHIP: "乡镇审核",
    Station.NOTICE: "公示公开",
    Station.PAYMENT: "发放救助金",
    Station.FOLLOW_UP: "跟踪问效",
    Station.ARCHIVE: "资料归档",
}


class StepKind(StrEnum):
    """What a record tells. The order is that of the procedure."""

    APPLICATION = "application"
    FIRST_REVIEW = "first_review"
    PARTY_PROPOSAL = "party_proposal"
    COMMITTEES_CONSULTATION = "committees_consultation"
    PARTY_MEMBERS_REVIEW = "party_members_review"
    VILLAGERS_RESOLUTION = "villagers_resolution"
    RESOLUTION_PUBLISHED = "resolution_published"
    TOWNSHIP_REVIEW = "township_review"
    NOTICE_POSTED = "notice_posted"
    OBJECTION_RECEIVED = "objection_received"
    OBJECTION_CONCLUDED = "objection_concluded"
    NOTICE_TAKEN_DOWN = "notice_taken_down"
    PAYMENT = "payment"
    RESULT_PUBLISHED = "result_published"
    FOLLOW_UP = "follow_up"
    ARCHIVE = "archive"
    WITHDRAWAL = "withdrawal"
    INSPECTION = "inspection"
    OTHER_HELP = "other_help"


STEP_TITLES: Mapping[StepKind, str] = {
    StepKind.APPLICATION: "户申请",
    StepKind.FIRST_REVIEW: "村初审",
    StepKind.PARTY_PROPOSAL: "①村党组织会议提议",
    StepKind.COMMITTEES_CONSULTATION: "②村“两委”会议商议",
    StepKind.PARTY_MEMBERS_REVIEW: "③党员大会审议",
    StepKind.VILLAGERS_RESOLUTION: "④村民代表会议或村民会议决议",
    StepKind.RESOLUTION_PUBLISHED: "决议公开",
    StepKind.TOWNSHIP_REVIEW: "乡镇审核",
    StepKind.NOTICE_POSTED: "贴出公示",
    StepKind.OBJECTION_RECEIVED: "收到异议",
    StepKind.OBJECTION_CONCLUDED: "异议核查结论",
    StepKind.NOTICE_TAKEN_DOWN: "公示期满取下",
    StepKind.PAYMENT: "发放救助金",
    StepKind.RESULT_PUBLISHED: "实施结果公开",
    StepKind.FOLLOW_UP: "跟踪问效",
    StepKind.ARCHIVE: "归档",
    StepKind.WITHDRAWAL: "撤回申请",
    StepKind.INSPECTION: "监督查看",
    StepKind.OTHER_HELP: "其他帮扶",
}

STEP_STATIONS: Mapping[StepKind, Station] = {
    StepKind.APPLICATION: Station.APPLICATION,
    StepKind.FIRST_REVIEW: Station.FIRST_REVIEW,
    StepKind.PARTY_PROPOSAL: Station.FOUR_MEETINGS,
    StepKind.COMMITTEES_CONSULTATION: Station.FOUR_MEETINGS,
    StepKind.PARTY_MEMBERS_REVIEW: Station.FOUR_MEETINGS,
    StepKind.VILLAGERS_RESOLUTION: Station.FOUR_MEETINGS,
    StepKind.RESOLUTION_PUBLISHED: Station.FOUR_MEETINGS,
    StepKind.TOWNSHIP_REVIEW: Station.TOWNSHIP,
    StepKind.NOTICE_POSTED: Station.NOTICE,
    StepKind.OBJECTION_RECEIVED: Station.NOTICE,
    StepKind.OBJECTION_CONCLUDED: Station.NOTICE,
    StepKind.NOTICE_TAKEN_DOWN: Station.NOTICE,
    StepKind.PAYMENT: Station.PAYMENT,
    StepKind.RESULT_PUBLISHED: Station.PAYMENT,
    StepKind.FOLLOW_UP: Station.FOLLOW_UP,
    StepKind.ARCHIVE: Station.ARCHIVE,
}
"""Withdrawal, inspection and other help belong to no station."""

MEETING_STEPS: Mapping[StepKind, str] = {
    StepKind.PARTY_PROPOSAL: "proposal_bodies",
    StepKind.COMMITTEES_CONSULTATION: "consultation_bodies",
    StepKind.PARTY_MEMBERS_REVIEW: "review_bodies",
    StepKind.VILLAGERS_RESOLUTION: "resolution_bodies",
}
"""The four meetings, each with the parameter of CRELIEF-8 that lists the bodies which may hold it."""

GRANTING_STEPS = frozenset({StepKind.VILLAGERS_RESOLUTION, StepKind.PAYMENT})
"""Steps whose day says in which year a grant counts."""

DECIDING_STEPS = frozenset({StepKind.VILLAGERS_RESOLUTION, StepKind.TOWNSHIP_REVIEW})
"""Whoever recorded one of these is the second person of a payment, beside the one who pays."""

NAMING_ASIDE_STEPS = frozenset({StepKind.FIRST_REVIEW, *MEETING_STEPS})
"""Steps of several people: who is near to the household stands aside, by name (RECUSAL-1)."""

LEFT_TO_OTHERS = frozenset({StepKind.TOWNSHIP_REVIEW, StepKind.OBJECTION_CONCLUDED, StepKind.PAYMENT})
"""Steps that who is near to the household leaves to others altogether (RECUSAL-1)."""

PREDECESSORS: Mapping[StepKind, tuple[StepKind, ...]] = {
    StepKind.APPLICATION: (),
    StepKind.FIRST_REVIEW: (StepKind.APPLICATION,),
    StepKind.PARTY_PROPOSAL: (StepKind.FIRST_REVIEW,),
    StepKind.COMMITTEES_CONSULTATION: (StepKind.PARTY_PROPOSAL,),
    StepKind.PARTY_MEMBERS_REVIEW: (StepKind.COMMITTEES_CONSULTATION,),
    StepKind.VILLAGERS_RESOLUTION: (StepKind.PARTY_MEMBERS_REVIEW,),
    StepKind.RESOLUTION_PUBLISHED: (StepKind.VILLAGERS_RESOLUTION,),
    StepKind.TOWNSHIP_REVIEW: (StepKind.RESOLUTION_PUBLISHED,),
    StepKind.NOTICE_POSTED: (StepKind.TOWNSHIP_REVIEW,),
    StepKind.OBJECTION_RECEIVED: (StepKind.VILLAGERS_RESOLUTION,),
    StepKind.OBJECTION_CONCLUDED: (StepKind.OBJECTION_RECEIVED,),
    StepKind.NOTICE_TAKEN_DOWN: (StepKind.NOTICE_POSTED,),
    StepKind.PAYMENT: (StepKind.NOTICE_TAKEN_DOWN,),
    StepKind.RESULT_PUBLISHED: (StepKind.PAYMENT,),
    StepKind.FOLLOW_UP: (StepKind.PAYMENT,),
    StepKind.ARCHIVE: (StepKind.RESULT_PUBLISHED, StepKind.FOLLOW_UP),
    StepKind.WITHDRAWAL: (StepKind.APPLICATION,),
    StepKind.INSPECTION: (StepKind.APPLICATION,),
    StepKind.OTHER_HELP: (StepKind.APPLICATION,),
}
"""What must be done before, and on no later day."""

BESIDE = frozenset({StepKind.INSPECTION, StepKind.OTHER_HELP})
"""What may be recorded at any time, also when the case has ended, and moves nothing."""

REPEATABLE = BESIDE | {StepKind.OBJECTION_RECEIVED, StepKind.OBJECTION_CONCLUDED, StepKind.FOLLOW_UP}

PAYLOAD_TYPES: Mapping[StepKind, type[Payload]] = {
    StepKind.APPLICATION: Application,
    StepKind.FIRST_REVIEW: FirstReview,
    StepKind.PARTY_PROPOSAL: Meeting,
    StepKind.COMMITTEES_CONSULTATION: Meeting,
    StepKind.PARTY_MEMBERS_REVIEW: Meeting,
    StepKind.VILLAGERS_RESOLUTION: Meeting,
    StepKind.RESOLUTION_PUBLISHED: Publication,
    StepKind.TOWNSHIP_REVIEW: TownshipReview,
    StepKind.NOTICE_POSTED: NoticePosted,
    StepKind.OBJECTION_RECEIVED: ObjectionReceived,
    StepKind.OBJECTION_CONCLUDED: ObjectionConcluded,
    StepKind.NOTICE_TAKEN_DOWN: NoticeTakenDown,
    StepKind.PAYMENT: Payment,
    StepKind.RESULT_PUBLISHED: Publication,
    StepKind.FOLLOW_UP: FollowUp,
    StepKind.ARCHIVE: Archive,
    StepKind.WITHDRAWAL: Withdrawal,
    StepKind.INSPECTION: Inspection,
    StepKind.OTHER_HELP: OtherHelp,
}

CORRECTION_REASON = "CORRECTION-1"
"""The key of `StepRecord.reasons` under which a correction says why."""


@dataclass(frozen=True)
class StepRecord:
    """One deed of a case. Never changed; a correction is a further record that names what it `supersedes`.

    `done_on` is the day on which it was done in the village, `recorded_at` when it was entered (ISO 8601, UTC).
    `reasons` maps the id of a soft rule to what was written down for it.
    """

    id: UUID
    case_id: UUID
    kind: StepKind
    done_on: date
    recorded_at: str
    actor_id: UUID
    actor_name: str
    payload: Payload
    pack_version: str
    supersedes: UUID | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if type(self.payload) is not PAYLOAD_TYPES[self.kind]:
            raise TypeError(f"{self.kind} does not record a {type(self.payload).__name__}")

    @property
    def title(self) -> str:
        return STEP_TITLES[self.kind]
