"""What becomes of one arriving field. Pure: the county asks here, and so does anyone who wants to foretell it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum

from village_core.exchange.operations import COUNTY_DEVICE
from village_core.exchange.values import LONGEST_TEXT, Value


class Verdict(StrEnum):
    """What became of an operation. A refused one comes from a device that may not speak; its bytes are kept."""

    APPLIED = "applied"
    MERGED = "merged"
    HELD = "held"
    REFUSED = "refused"


class FieldOutcome(Enum):
    """What became of a field."""

    SAME = "same"
    TAKEN = "taken"
    LOST = "lost"
    HELD = "held"
    UNITED = "united"
    """What stands from now on are its lines and those that stood: `unite_lines`."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who wrote, and where this stands in the county's order. `clock` was clamped to the time of arrival."""

    number: int
    clock: int
    device: int
    incarnation: int

    def same_hand(self, other: Stamp) -> bool:
        return (self.device, self.incarnation) == (other.device, other.incarnation)

    def of_nobody(self) -> Stamp:
        """At the same place a value that no laptop wrote: whoever did not see it here wrote without knowing it."""
        return replace(self, device=COUNTY_DEVICE, incarnation=0)


@dataclass(slots=True)
class Row:
    """A row as it stands at the county, with the writer of each field that was edited after the insert."""

    values: dict[str, Value]
    inserted: Stamp
    edited: dict[str, Stamp] = field(default_factory=dict)
    deleted: bool = False

    def writer(self, name: str) -> Stamp:
        return self.edited.get(name, self.inserted)

    def writers(self) -> tuple[Stamp, ...]:
        """Everybody of whom something stands here."""
        return (self.inserted, *self.edited.values())

    def write(self, name: str, value: Value, stamp: Stamp) -> None:
        self.values[name] = value
        self.edited[name] = stamp


def is_concurrent(writer: Stamp, arriving: Stamp, base: int) -> bool:
    """Whether the arriving change was made without knowing what `writer` wrote."""
    return writer.number > base and not writer.same_hand(arriving)


def judge_field(
    row: Row,
    name: str,
    *,
    offered: Value,
    arriving: Stamp,
    base: int,
    sensitive: bool,
    lines: bool = False,
    gap_filling: bool = False,
) -> FieldOutcome:
    """What becomes of `offered` for the field `name`.

    A field that was left empty when the row was made is no claim: filling it contradicts nobody. `gap_filling` is
    for a row that arrives a second time under the same id: what it leaves empty says nothing either. Of `lines` that
    were written apart from each other none is lost, and none goes: who took one away did not know of the other hand.
    """
    standing, writer = row.values.get(name), row.writer(name)
    if offered == standing or (gap_filling and offered is None):
        return FieldOutcome.SAME
    if not is_concurrent(writer, arriving, base):
        return FieldOutcome.TAKEN
    if standing is None and name not in row.edited:
        return FieldOutcome.TAKEN
    if sensitive:
        return FieldOutcome.HELD
    if lines:
        return FieldOutcome.UNITED
    newer = (arriving.clock, arriving.device, arriving.incarnation) > (writer.clock, writer.device, writer.incarnation)
    return FieldOutcome.TAKEN if newer else FieldOutcome.LOST


def unite_lines(standing: Value, offered: Value) -> Value:
    """The lines of both, those that stand first. A text that says it all is taken as it is; what is too long is not."""
    here, there = _lines_of(standing), _lines_of(offered)
    if there.keys() <= here.keys():
        return standing
    if here.keys() <= there.keys():
        return offered
    united = "\n".join(here | there)
    return united if len(united) <= LONGEST_TEXT else standing


def _lines_of(text: Value) -> dict[str, None]:
    lines = text.splitlines() if isinstance(text, str) else []
    return dict.fromkeys(" ".join(line.split()) for line in lines if line.strip())


def confirm_value(row: Row, name: str, offered: Value, *, arriving: Stamp) -> bool:
    """Somebody said the same later: the value is as new as that. Returns whether this changed anything.

    Where it stands in the county's order does not change, for whoever saw it there saw this value.
    """
    writer = row.writer(name)
    if offered is None or offered != row.values.get(name) or arriving.clock <= writer.clock:
        return False
    row.edited[name] = replace(writer, clock=arriving.clock)
    return True
