"""One decision as it arrived, and the value that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from village_core.exchange.county_hand import Offer
from village_core.exchange.merge import Stamp
from village_core.exchange.operations import Operation, synced_table
from village_core.exchange.questions import OFFERED, STANDING, Question, read_document, read_value
from village_core.exchange.values import MalformedValueError, Value


@dataclass(frozen=True)
class Word:
    """What somebody said, and up to where he knew the village."""

    id: UUID
    held_id: UUID
    choice: str
    value: dict[str, Any]
    reason: str
    made_by_name: str
    actor: UUID
    stamp: Stamp
    base: int
    offer: Offer

    @property
    def hand(self) -> tuple[int, int]:
        """Device and incarnation."""
        return self.stamp.device, self.stamp.incarnation

    def shown_left(self, question: Question) -> Mapping[str, Any] | None:
        """What stood on the left before whoever wanted something else; None where an older program did not say."""
        shown = self.value.get(STANDING)
        return shown if isinstance(shown, dict) and question.field in shown else None


def read_word(operation: Operation, stamp: Stamp, *, base: int, offer: Offer) -> Word:
    """The word in an inserted `held_decision`."""
    values = operation.values
    held_id = values["held_id"]
    assert isinstance(held_id, bytes)
    return Word(
        id=operation.row_id,
        held_id=UUID(bytes=held_id),
        choice=str(values["choice"]),
        value=read_document(str(values["value"])),
        reason=str(values["reason"]),
        made_by_name=str(values["made_by_name"]),
        actor=offer.actor,
        stamp=stamp,
        base=base,
        offer=offer,
    )


def wanted_value(question: Question, choice: str, seen: Mapping[str, Any]) -> Value:
    """What shall stand in the field, also where that stood already: as the person saw it, or else as the question
    has it."""
    table = synced_table(question.table)
    if table is None:
        raise MalformedValueError(question.table)
    sides = {STANDING: question.standing, OFFERED: question.offered}
    document = seen if question.field in seen else sides.get(choice, seen)
    if question.field not in document:
        raise MalformedValueError(question.field)
    return read_value(table, question.field, document[question.field])


def read_side(table: Table, document: Any) -> dict[str, Value]:
    """One side of a pair as somebody saw it, as far as it can be read."""
    values: dict[str, Value] = {}
    for name, shown in document.items() if isinstance(document, dict) else ():
        try:
            values[name] = read_value(table, name, shown)
        except MalformedValueError:
            continue
    return values


def plain(value: Value) -> Any:
    """As the documents of a question have it."""
    return value.hex() if isinstance(value, bytes) else value
