"""A question before a person and what was put aside for it, as the planner sees them; and who may decide which kind."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table, Uuid

from village_core.exchange.objections import Reason
from village_core.exchange.operations import Operation
from village_core.exchange.values import MalformedValueError, Value, check_value, data_columns
from village_core.records.base import rule_of

STANDING, OFFERED, NEITHER = "standing", "offered", "neither"
CHOICES = (STANDING, OFFERED, NEITHER)

READ_ONLY_ROLE = "只读"
_FOR_GRANTS, _FOR_BOOKS = frozenset({"支书"}), frozenset({"报账员", "会计"})
DECIDERS: Mapping[str, frozenset[str]] = {
    "relief_case": _FOR_GRANTS,
    "relief_step": _FOR_GRANTS,
    "voucher": _FOR_BOOKS,
    "posting": _FOR_BOOKS,
}
"""Roles of which a person needs one, by the table that a question is about; any other is open to all but 只读."""

REASON_NEEDED = frozenset(
    {
        Reason.DUPLICATE_GRANT.value,
        Reason.OVER_CAP.value,
        Reason.DUTY.value,
        Reason.RECUSAL.value,
        Reason.NO_RIGHT.value,
    }
)
"""Kinds where what was put aside takes effect only with a written reason."""

NEVER_RELEASED = frozenset(
    {Reason.UNBALANCED.value, Reason.CLOSED_VOUCHER.value, Reason.MALFORMED.value, Reason.STALE_STEP.value}
)
"""Kinds where what was put aside can never take effect, whoever wants it."""

STANDS_ANYWAY = frozenset({Reason.NUMBER_TAKEN.value, Reason.LOCKED_MONTH.value})
"""Kinds of a voucher that was given another number or month. Where it is in the books (opening balances for a locked
month are not), a decision closes the question and changes nothing at the county: whoever takes the voucher back says
so with a reversal beside it."""

SHOWN_OF_PAIR: Mapping[str, tuple[str, ...]] = {
    "household": ("number", "head_name", "group_name", "phone"),
    "person": ("name", "id_number", "relation", "phone"),
}
"""By which people know a row: shown of both sides of a pair in any case, by every program."""


@dataclass
class Question:
    """A row of `held_change`. `number` is where it stands in the county's order, `choice` what closed it."""

    id: UUID
    table: str
    row_id: UUID
    field: str
    standing: dict[str, Any]
    offered: dict[str, Any]
    kind: str
    sentence: str
    device: int
    number: int = 0
    decision_id: UUID | None = None
    choice: str = ""
    value: dict[str, Any] = dataclasses.field(default_factory=dict)
    decided_by: tuple[int, int] = (0, 0)
    """Device and incarnation of the decision."""
    incarnation: int | None = None
    """Of the device that made the offer; an older county did not note it."""

    @property
    def row(self) -> tuple[str, UUID]:
        return self.table, self.row_id

    def is_by(self, hand: tuple[int, int]) -> bool:
        """Whether the offer was made by this device in this incarnation."""
        return self.device == hand[0] and self.incarnation in (None, hand[1])


def is_same_matter(
    question: Question, kind: str, *, standing: Mapping[str, Any], offered: Mapping[str, Any], beside: bool = False
) -> bool:
    """Whether a new question of the same hand about the same row and field may take the place of an open one: then
    nothing of the earlier offer is lost that its hand did not write again. `beside`: it did not write it at all.
    """
    if question.field:
        return question.kind == kind and (not beside or question.offered == offered)
    if Reason.TWO_ROWS in (kind, question.kind):
        pairs = [{left.get("id"), right.get("id")} for left, right in _sides(question, standing, offered)]
        return question.kind == kind and pairs[0] == pairs[1]
    if Reason.DECIDED_TWICE in (kind, question.kind):
        said = [[right.get(part) for part in _SAID] for _, right in _sides(question, standing, offered)]
        return question.kind == kind and said[0] == said[1]
    return question.offered.keys() <= offered.keys()


_SAID = ("question", "choice", "value")


def _sides(
    question: Question, standing: Mapping[str, Any], offered: Mapping[str, Any]
) -> tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]:
    return (question.standing, question.offered), (standing, offered)


@dataclass(frozen=True)
class PutAside:
    """An operation that the county holds back, with the hand it came from, and up to where that knew the village."""

    device: int
    incarnation: int
    clock: int
    actor: UUID
    reason: str
    operation: Operation
    base: int = 0


def may_decide(table: str, roles: Collection[str]) -> bool:
    """Whether somebody with these roles may decide a question about a row of this table."""
    needed = DECIDERS.get(table)
    if needed is not None:
        return bool(needed & set(roles))
    return set(roles) != {READ_ONLY_ROLE}


def who_may_decide(table: str) -> str:
    """In words, for the refusal."""
    needed = DECIDERS.get(table)
    return "或".join(sorted(needed, reverse=True)) if needed else "本村的工作人员（只读的除外）"


def read_document(text: str) -> dict[str, Any]:
    """The JSON of a question or decision; {} for what is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def read_value(table: Table, name: str, plain: Any) -> Value:
    """A value of such a document as its column holds it; `MalformedValueError` if it cannot."""
    column = data_columns(table).get(name)
    if column is None:
        raise MalformedValueError(name)
    if isinstance(column.type, Uuid) and isinstance(plain, str):
        try:
            plain = bytes.fromhex(plain)
        except ValueError as error:
            raise MalformedValueError(name) from error
    return check_value(column, plain)


def read_id(plain: Any) -> UUID | None:
    """An id of such a document."""
    try:
        return UUID(hex=plain) if isinstance(plain, str) else None
    except ValueError:
        return None


def decided_fields(
    table: Table, seen: Mapping[str, Any], *, left: Mapping[str, Value], right: Mapping[str, Value]
) -> set[str]:
    """In which fields the chosen row of a pair counts: what was shown on both sides and is as it was shown.

    `seen` is the document of the decision: `STANDING` and `OFFERED`, each with field → value. A program that says
    nothing showed `SHOWN_OF_PAIR`, and promised the chosen side for all the rest that is not sensitive.
    """
    if not seen:
        return (set(data_columns(table)) - rule_of(table).sensitive) | set(SHOWN_OF_PAIR.get(table.name, ()))
    return {
        name
        for name in data_columns(table)
        if _is_as_shown(table, name, seen.get(STANDING), left.get(name))
        and _is_as_shown(table, name, seen.get(OFFERED), right.get(name))
    }


def _is_as_shown(table: Table, name: str, shown: Any, value: Value) -> bool:
    try:
        return isinstance(shown, dict) and name in shown and read_value(table, name, shown[name]) == value
    except MalformedValueError:
        return False
