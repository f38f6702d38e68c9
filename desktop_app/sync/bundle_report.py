"""What reading a way back brought, in words: also whether laptop and county are equal, and if not, why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from desktop_app.sync.inbox import Settled
from desktop_app.sync.words import deferred_words
from village_core.domain.errors import UserError
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.messages import SyncAnswer


class Ending(Enum):
    """How laptop and county stand at the end of the newest file."""

    UNKNOWN = "unknown"
    """Nothing in it could prove anything: all of it was known, or it answered a batch only."""
    EQUAL = "equal"
    CHANGED = "changed"
    """Something was done here that the county did not know when it wrote the file."""
    LEFT = "left"
    """The county did not give all that others did."""
    OLDER = "older"
    """This program is older than what came."""
    COUNTY_OLDER = "county_older"
    UNEQUAL = "unequal"
    """Rows differ, and only over the line can be found out which."""


def ending_of(settled: Settled, answer: SyncAnswer) -> Ending:
    """What one settled answer to a request without a batch says of it."""
    if settled.equal:
        return Ending.EQUAL
    if settled.deferred or answer.schema > SCHEMA_VERSION:
        return Ending.OLDER
    if 0 < answer.schema < SCHEMA_VERSION:
        return Ending.COUNTY_OLDER
    if settled.equal is None:
        return Ending.LEFT if answer.more else Ending.CHANGED
    return Ending.UNEQUAL


_ENDS = {
    Ending.EQUAL: "与县里核对一致。",
    Ending.UNKNOWN: "下次同步再核对。",
    Ending.CHANGED: "写这份回执以后又有新的改动，下次同步再核对。",
    Ending.LEFT: "请连网同步一次，会自己补齐。",
    Ending.COUNTY_OLDER: "县里的程序比这台电脑的旧，要等县里升级以后才能核对；请告诉县里的管理员。这里的一条也没有丢。",
    Ending.UNEQUAL: "和县里核对过，还不一样。U 盘上不能逐条核对，请连网同步一次，会自己找出不一样的、对好。",
}


@dataclass
class ReadBundle:
    """What a way back brought. `sent` own changes were confirmed, `received` of others came; `code` is the slip's.

    `begun_again`: the county asked this laptop to write once more. `left`: not all that others did came with it.
    `deferred` waits here for an upgrade.
    """

    code: str = ""
    sent: int = 0
    received: int = 0
    questions: int = 0
    contents: int = 0
    receipts: int = 0
    ending: Ending = Ending.UNKNOWN
    left: bool = False
    deferred: int = 0
    begun_again: bool = False
    passed_over: int = 0
    operations: int = 0
    bytes: int = 0
    refused: list[UserError] = field(default_factory=list)
    """Files of the folder that were not taken, while others were."""

    @property
    def applied(self) -> int:
        """What was taken in now."""
        return self.sent + self.received

    @property
    def equal(self) -> bool:
        """As after an exchange over the line."""
        return self.ending is Ending.EQUAL

    @property
    def wants_line(self) -> bool:
        """Whether only an exchange over the line brings it to its end."""
        return self.ending in (Ending.LEFT, Ending.UNEQUAL)

    @property
    def words(self) -> str:
        """What came of it, in a sentence or two."""
        if self.begun_again:
            return (
                "县里认出这台电脑从前恢复或复制过，或者县里自己恢复过。"
                "没送到的都还在，请再写一次 U 盘，或连网同步一次，一条也不会少。"
            )
        if not (self.applied or self.contents or self.receipts):
            known = self.ending in (Ending.EQUAL, Ending.UNKNOWN)
            why = "，以前已经读过，或已经连网办好了" if known else ""
            end = self._end if self.ending is not Ending.UNKNOWN else ""
            return f"这份回执没有新的内容{why}。{end}"
        moved = [f"县里收到了 {self.sent:,} 条"] * bool(self.sent) + [f"取回别人的 {self.received:,} 条"] * bool(
            self.received
        )
        photos = [f"取回照片 {self.contents} 个"] * bool(self.contents)
        photos += [f"县里收到了照片 {self.receipts} 个"] * bool(self.receipts)
        return "，".join([*moved, *photos]) + "；" + self._end

    @property
    def _end(self) -> str:
        end = _ENDS.get(self.ending)
        if end is None:
            waits = f"{deferred_words(self.deferred)}：" if self.deferred else ""
            end = f"{waits}这台电脑的程序比县里的旧，请升级田埂，升级以后才能核对。"
        return ("别人的改动这一趟没有带全。" if self.left else "") + end

    def as_json(self) -> dict[str, object]:
        """For scripts: `operations` are those of the file, `applied` those taken in now, `held` the questions."""
        return {
            "operations": self.operations,
            "applied": self.applied,
            "held": self.questions,
            "sent": self.sent,
            "received": self.received,
            "contents": self.contents,
            "equal": self.equal,
            "ending": self.ending.value,
            "code": self.code,
        }
