"""Why something that arrived does not take effect by itself: the kinds, and the sentence for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from village_core.exchange.values import Value


class Reason(StrEnum):
    """`HeldChange.reason_kind`."""

    SENSITIVE = "sensitive"
    TWO_ROWS = "two_rows"
    CLOSED_HOUSEHOLD = "closed_household"
    DECIDED_TWICE = "decided_twice"
    DUPLICATE_GRANT = "duplicate_grant"
    OVER_CAP = "over_cap"
    STALE_STEP = "stale_step"
    NUMBER_TAKEN = "number_taken"
    UNBALANCED = "unbalanced"
    NO_RIGHT = "no_right"
    DUTY = "duty"
    RECUSAL = "recusal"
    LOCKED_MONTH = "locked_month"
    CLOSED_VOUCHER = "closed_voucher"
    NOT_REVERSIBLE = "not_reversible"
    OPENED_TWICE = "opened_twice"
    MISSING = "missing"
    DELETED = "deleted"
    MALFORMED = "malformed"
    DEPENDS = "depends"
    WAITS = "waits"


@dataclass(frozen=True)
class Objection:
    """`quiet` ones only follow from another that is already before a person, and are not listed themselves."""

    reason: Reason
    sentence: str
    standing: dict[str, Value] = field(default_factory=dict)
    quiet: bool = False


DEPENDS = Objection(Reason.DEPENDS, "它依靠的那一条还没有定下来。", quiet=True)
MISSING = Objection(Reason.MISSING, "它所属的那一条县里没有，先放着。")
DELETED = Objection(Reason.DELETED, "这一条在另一台电脑上已经删掉，后来的修改先放着。")
WAITS = Objection(Reason.WAITS, "它是更新版本的程序写的，等县里升级后才能放进来。", quiet=True)
LOST = Objection(Reason.WAITS, "它所属的那一条，县里从备份恢复后还没有收到，等别的电脑送来。", quiet=True)
MALFORMED = Objection(Reason.MALFORMED, "这一条的内容县里看不懂，原样保管着。")
CLOSED_VOUCHER = Objection(Reason.CLOSED_VOUCHER, "这张凭证已经记账，不能再添分录，先放着。")
