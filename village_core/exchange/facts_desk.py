"""Facts of a transaction at the county: may they stand, and in which place of the books?"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from village_core.exchange.county_hand import CountyHand
from village_core.exchange.objections import CLOSED_VOUCHER, MALFORMED, Objection, Reason
from village_core.exchange.operations import Operation, Transaction
from village_core.exchange.people import import_hands
from village_core.exchange.plan import Arrival, Known
from village_core.exchange.values import Value
from village_core.exchange.words import describe_row


class FactsDesk:
    """Asks the judges for the planner, and tells them what then stands."""

    def __init__(self, arrival: Arrival, known: Known, hand: CountyHand) -> None:
        self._arrival = arrival
        self._known = known
        self._hand = hand
        self._vouchers: dict[UUID, str] = {}
        """Of this transaction; with the day on which the lines count where it is not the voucher's own."""
        self._imports: frozenset[tuple[Value, ...]] = frozenset()
        """Whose imported vouchers of this transaction are before a person: hundreds of them are one question."""

    def begin(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._imports = frozenset()
        self._vouchers = {}

    def judge(self, operation: Operation) -> Objection | None:
        """What speaks against a checked insert of a fact."""
        match operation.table:
            case "voucher":
                may_post = self._arrival.may_post or self._arrival.had_posting or self._was_alone(operation)
                try:
                    objection = self._known.books.judge(operation.values, self._lines(operation), may_post=may_post)
                except (ValueError, TypeError, KeyError):
                    return MALFORMED
                return self._with_people(objection, operation)
            case "posting":
                return None if self._voucher_of(operation) in self._vouchers else CLOSED_VOUCHER
            case "relief_step":
                may_grant = self._arrival.had_granting or self._was_alone(operation)
                objection = self._known.relief.judge(operation.row_id, operation.values, may_grant=may_grant)
                return self._with_people(objection, operation)
            case _:
                return None

    def _with_people(self, objection: Objection | None, operation: Operation) -> Objection | None:
        """Who is asked about a laptop without the right hears, too, what else he lets through with it."""
        if objection is None:
            return self._judge_people(operation)
        if objection.reason is not Reason.NO_RIGHT or self._known.recovering:
            return objection
        also = self._known.people.judge(operation, self._known.relief, self._known.rows)
        return objection if also is None else replace(objection, sentence=f"{objection.sentence}另外，{also.sentence}")

    def _judge_people(self, operation: Operation) -> Objection | None:
        """After a restore the county does not know everybody yet: then it does not ask."""
        if self._was_alone(operation) or self._known.recovering:
            return None
        objection = self._known.people.judge(operation, self._known.relief, self._known.rows)
        hands = import_hands(operation.values)
        if objection is None or not hands:
            return objection
        asked, self._imports = hands in self._imports, self._imports | {hands}
        return replace(objection, quiet=asked)

    def sort_in(self, operation: Operation) -> dict[str, Value]:
        """Columns that change because a voucher comes late: its place in the books, and the day of its lines."""
        if operation.table == "posting":
            counts_on = self._vouchers.get(self._voucher_of(operation), "")
            return {"voucher_date": counts_on} if counts_on else {}
        if operation.table != "voucher":
            return {}
        fenced = not self._arrival.may_post and not self._was_alone(operation)
        placement = self._known.books.place(operation.values, fenced=fenced)
        self._vouchers[operation.row_id] = placement.counts_on
        if placement.note is not None:
            sentence = f"{describe_row(operation.table, operation.values)}：{placement.note.sentence}"
            offered = {name: value for name, value in placement.changes.items() if name != "period"}
            self._hand.ask(operation.row, replace(placement.note, sentence=sentence), offered=offered)
        return dict(placement.changes)

    def note(self, operation: Operation) -> None:
        """A fact stands: the judges take it into account from now on."""
        match operation.table:
            case "voucher":
                self._known.books.note_voucher(operation.row_id, operation.values)
                self._known.books.note_content(operation.row_id, operation.values, self._lines(operation))
                self._known.people.note_voucher(operation.row_id, operation.values)
            case "month_lock":
                period = operation.values["period"]
                assert isinstance(period, str)
                self._known.books.locked.add(period)
            case "relief_case":
                self._known.relief.note_case(operation.row_id, operation.values)
            case "relief_step":
                self._known.relief.note_step(operation.row_id, operation.values)

    def _was_alone(self, operation: Operation) -> bool:
        """What a laptop did before it was enrolled was done with all rights."""
        return operation.number <= self._arrival.alone_until

    def _lines(self, voucher: Operation) -> list[Operation]:
        """They come in the same transaction."""
        voucher_id = voucher.row_id.bytes
        return [
            other
            for other in self._transaction.operations
            if other.table == "posting" and other.values.get("voucher_id") == voucher_id
        ]

    @staticmethod
    def _voucher_of(posting: Operation) -> UUID:
        voucher_id = posting.values["voucher_id"]
        assert isinstance(voucher_id, bytes)
        return UUID(bytes=voucher_id)
