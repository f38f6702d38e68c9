"""At the county: who has another name from now on keeps the one from before among the near relatives.

A laptop's service writes it itself. An older program does not, nor does one that was tampered with.
"""

from __future__ import annotations

from village_core.domain.staff.names import with_earlier_name, write_relatives
from village_core.exchange.county_hand import CountyHand
from village_core.exchange.merge import Row
from village_core.exchange.plan import Known, RowKey
from village_core.exchange.staff_roles import STAFF, split_relatives
from village_core.exchange.values import LONGEST_TEXT, Value

_REASON = "改了名字，以前的名字回避时也算"


class EarlierNames:
    """Of one transaction: its own operations come first in the county's order, so that they stand beneath."""

    def __init__(self, known: Known, hand: CountyHand) -> None:
        self._known = known
        self._hand = hand
        self._renamed: list[tuple[RowKey, Value]] = []

    def note(self, key: RowKey, row: Row, *, before: Value) -> None:
        """Something was written to `row`; `before` is the name that stood there until then."""
        if key[0] != STAFF:
            return
        self._known.people.note_worker(key[1], row.values)
        if before != row.values.get("name"):
            self._renamed.append((key, before))

    def write(self) -> None:
        """Behind the transaction."""
        for key, before in self._renamed:
            self._hand.update(key, with_name_from_before(self._known.rows[key], before), reason=_REASON)
        self._renamed.clear()


def with_name_from_before(row: Row, before: Value) -> dict[str, Value]:
    """What has to be written beside the new name; nothing where the old one stands there already.

    The lines that are there stay word for word. Of a text that fills its column the end gives way.
    """
    text = _text(row.values.get("relatives"))
    relatives = split_relatives(text)
    kept = with_earlier_name(relatives, _text(before).strip(), now=_text(row.values.get("name")))
    line = write_relatives(kept[len(relatives) :])
    room = LONGEST_TEXT - len(line) - 1
    return {"relatives": "\n".join([*text[:room].splitlines(), line])} if line and room >= 0 else {}


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
