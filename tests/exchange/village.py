"""A county's state between the batches of several devices; questions are read again in between, as the county does."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.exchange.examples import arrive, insert, row, transaction, update
from village_core.exchange.operations import Operation
from village_core.exchange.plan import Known
from village_core.exchange.questions import Question
from village_core.exchange.values import Value

HOME = row(1)


class Village:
    """Batches of several devices at one county; between them the questions are read again, as the county does."""

    def __init__(self) -> None:
        self.known = Known()
        self.last = 0
        self._seq = 0

    def send(self, device: int, *parts: tuple[Operation, ...], base: int, incarnation: int = 1) -> None:
        """Each part is a transaction, made when its laptop knew everything up to `base`."""
        made = [
            transaction(*(replace(one, number=self._next()) for one in operations), base=base, clock=self._seq << 16)
            for operations in parts
        ]
        plan = arrive(self.known, *made, device=device, first_number=self.last + 1, incarnation=incarnation)
        self.last = plan.last_number
        for _, operation in plan.county:
            if operation.table == "held_change":
                self._read_again(operation)

    def edit(self, device: int, /, *, base: int, **values: Value) -> None:
        self.send(device, (update(0, "household", HOME, **values),), base=base)

    def decide(self, device: int, question: Question, choice: str, *, seen: str, base: int) -> None:
        self.send(device, (word(question, choice, {question.field: seen}),), base=base)

    def account(self) -> Value:
        return self.known.rows["household", HOME].values["bank_account"]

    def open(self) -> list[Question]:
        return [one for one in self.known.questions.values() if one.decision_id is None]

    def offers(self) -> list[str]:
        return sorted(one.offered[one.field] for one in self.open())

    def value(self, table: str, number: int, name: str) -> Value:
        return self.known.rows[table, row(number)].values.get(name)

    def asked(self) -> list[str]:
        return [one.kind for one in self.known.questions.values()]

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _read_again(self, operation: Operation) -> None:
        question = self.known.questions[operation.row_id]
        question.number = operation.number
        for name in operation.values.keys() & {"standing", "offered"}:
            setattr(question, name, json.loads(str(operation.values[name])))
        self.known.parents.add(operation.row)


def word(question: Question, choice: str, seen: object) -> Operation:
    """A decision; `seen` is what stood before the person, by field."""
    return insert(
        0,
        "held_decision",
        row(5000 + question.number * 10 + len(choice)),
        held_id=question.id.bytes,
        choice=choice,
        value=json.dumps(seen),
        reason="",
        made_at="",
        made_by=row(99).bytes,
        made_by_name="",
    )
