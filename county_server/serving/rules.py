"""Every route of the county in one table: who may call it, how he shows it, and how much he may send.

The application, its published description and the tests are made from this table; a handler without a rule, or a
rule without a handler, is refused when the application is built.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from village_core.exchange.bisection import VERIFY_PATH, VerifyAnswer, VerifyRequest
from village_core.exchange.chunks import CHUNK_BYTES, MARK_BYTES
from village_core.exchange.contents import (
    CONTENTS_PATH,
    LONGEST_REQUEST,
    LONGEST_SPAN,
    ContentsAnswer,
    ContentsRequest,
    ContentState,
)
from village_core.exchange.messages import (
    BLOB_PATH,
    ENROL_PATH,
    MAX_BLOB,
    MAX_BODY,
    SYNC_PATH,
    EnrolAnswer,
    SyncAnswer,
    SyncRequest,
)
from village_core.exchange.pieces import ANSWER_PATH, MAX_PIECE_BODY, PART_PATH, SNAPSHOT_PATH, PartState

SignedKind = type[SyncRequest] | type[VerifyRequest] | type[ContentsRequest]

_LONGEST_ENROL = 4096
_CHUNK_ROOM = LONGEST_SPAN * (CHUNK_BYTES + MARK_BYTES)


class Who(StrEnum):
    """How a caller shows who he is. The village is always that of the device, or of the code; nobody names it."""

    SIGNATURE = "device signature over the whole body"
    TICKET = "device signature over method and path, in the header Authorization"
    CONTENT_TICKET = "device signature over method and content, in the header Authorization"
    CODE = "one-time enrolment code, signed with the new device's key"


@dataclass(frozen=True)
class Rule:
    """One method on one path. `name` is what measures and log call it; `kind` the signed message in its body.

    `village_in_path`: the path names a village, which must be the caller's own. `streamed`: the handler takes the
    body itself while it arrives. `answers` are the statuses of success; `message` is what such an answer holds,
    where it is not a file's bytes or nothing.
    """

    name: str
    method: str
    path: str
    who: Who
    body_limit: int
    kind: SignedKind | None = None
    village_in_path: bool = False
    streamed: bool = False
    answers: tuple[int, ...] = (200,)
    message: type[msgspec.Struct] | None = None

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


_CHUNKS = BLOB_PATH + "{sha256}/{size}/{numbers}"
_WHOLE = BLOB_PATH + "{sha256}"

RULES = (
    Rule("sync", "POST", SYNC_PATH, Who.SIGNATURE, MAX_BODY, SyncRequest, message=SyncAnswer),
    Rule("verify", "POST", VERIFY_PATH, Who.SIGNATURE, MAX_BODY, VerifyRequest, message=VerifyAnswer),
    Rule("content", "POST", CONTENTS_PATH, Who.SIGNATURE, LONGEST_REQUEST, ContentsRequest, message=ContentsAnswer),
    Rule("enrol", "POST", ENROL_PATH, Who.CODE, _LONGEST_ENROL, message=EnrolAnswer),
    Rule("part", "PUT", PART_PATH + "{name}/{start}", Who.TICKET, MAX_PIECE_BODY, streamed=True, message=PartState),
    Rule("answer", "GET", ANSWER_PATH + "{name}", Who.TICKET, 0, answers=(206,)),
    Rule("snapshot", "GET", SNAPSHOT_PATH + "{village}/{number}", Who.TICKET, 0, village_in_path=True, answers=(206,)),
    Rule("blob", "PUT", _CHUNKS, Who.CONTENT_TICKET, _CHUNK_ROOM, streamed=True, message=ContentState),
    Rule("blob", "GET", _CHUNKS, Who.CONTENT_TICKET, 0),
    Rule("blob", "PUT", _WHOLE, Who.CONTENT_TICKET, MAX_BLOB, answers=(204,)),
    Rule("blob", "GET", _WHOLE, Who.CONTENT_TICKET, 0),
)
NAMES = frozenset(rule.name for rule in RULES)
