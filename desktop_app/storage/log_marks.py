"""What a hash chain covers, and what it says when it does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

MARK_BYTES = 4
entry_bytes = msgspec.json.Encoder().encode
"""What a chain covers of an entry, as a sequence of its columns: the very bytes of `json.dumps(…, ensure_ascii=False,
separators=(",", ":"))`, in a third of the time."""


class Harm(StrEnum):
    """What was done to an entry."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"


@dataclass(frozen=True)
class BrokenChain:
    """The first entry that is not as it was sealed. `last` is another number only where an old seal, without marks,
    tells no more than from where to where."""

    first: int
    last: int
    harm: Harm

    @property
    def words(self) -> str:
        """For a sentence: 第 5 条被改过."""
        if self.first != self.last:
            return f"第 {self.first} 条到第 {self.last} 条里有被动过的"
        return (
            f"第 {self.first} 条"
            + {
                Harm.CHANGED: "被改过",
                Harm.MISSING: "被删掉了",
                Harm.INSERTED: "是后来塞进去的",
            }[self.harm]
        )
