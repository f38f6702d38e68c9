"""What the county does by itself while it decides a batch: put questions before a person, and write to rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from village_core.domain.clock import stamp_of
from village_core.domain.ids import derived_id
from village_core.exchange.merge import Row, Stamp
from village_core.exchange.objections import Objection, Reason
from village_core.exchange.operations import COUNTY_DEVICE, Kind, Operation
from village_core.exchange.plan import Arrival, Known, RowKey
from village_core.exchange.questions import Question, is_same_matter, read_document
from village_core.exchange.values import Value
from village_core.exchange.words import describe_row, field_word, to_json

_QUESTION_REASON = "两台电脑的改动合不到一起，后到的先放着"


@dataclass(frozen=True)
class Offer:
    """The operation that a question is about, and whose it is. `mark` is its fingerprint: the question's id comes
    from it, so that a county which was restored asks the same question under the same id."""

    device: int
    incarnation: int
    seq: int
    clock: int
    actor: UUID
    mark: bytes

    @property
    def hand(self) -> tuple[int, int]:
        return self.device, self.incarnation

    def by_writer(self, stamp: Stamp) -> Offer:
        """Of a value that somebody else wrote before: this operation only made it an offer."""
        if (stamp.device, stamp.incarnation) == self.hand:
            return self
        return replace(self, device=stamp.device, incarnation=stamp.incarnation, clock=stamp.clock, actor=UUID(int=0))


class CountyHand:
    """Collects operations of the county, gives them numbers, and keeps `known` up to date."""

    def __init__(self, arrival: Arrival, known: Known) -> None:
        self._arrival = arrival
        self._known = known
        self.next_number = arrival.first_number
        self._offer = Offer(arrival.device, arrival.incarnation, 0, 0, UUID(int=0), b"")
        self.operations: list[tuple[str, Operation]] = []
        self.authors: dict[int, UUID] = {}
        """Who made what the county lets through later, by number; everything else is by nobody."""
        self.asked: list[UUID] = []
        """New questions."""
        self.changed: dict[RowKey, Row] = {}

    @property
    def moment(self) -> str:
        """When the batch arrived, as a stamp."""
        return _moment(self._arrival.received)

    def note_offer(self, offer: Offer) -> None:
        """The operation that is being decided: what a question will be about."""
        self._offer = offer

    def insert(self, key: RowKey, values: Mapping[str, Value], *, reason: str, author: UUID) -> Row:
        """Let a row through that was put aside, in its author's name."""
        number = self._add(Operation(0, Kind.INSERT, *key, values), reason=reason)
        self.authors[number] = author
        row = Row(dict(values), Stamp(number, self._arrival.received, COUNTY_DEVICE, 0))
        self._known.rows[key] = self.changed[key] = row
        return row

    def leave_out(self, key: RowKey, *, reason: str) -> None:
        """A row that was put aside does not come: the laptop that made it lets go of it."""
        self._add(Operation(0, Kind.DELETE, *key, {}), reason=reason)

    def rewrite_question(self, question: UUID, values: Mapping[str, Value], *, reason: str) -> None:
        """Close a question, or change what it says."""
        self._add(Operation(0, Kind.UPDATE, "held_change", question, values), reason=reason)

    def update(self, key: RowKey, values: Mapping[str, Value], *, reason: str, author: UUID | None = None) -> None:
        """Write to a row in the county's own name, or for `author` who decided so.

        Nothing to write is no operation: nobody could read it.
        """
        if not values:
            return
        number = self._add(Operation(0, Kind.UPDATE, *key, values), reason=reason)
        if author is not None:
            self.authors[number] = author
        row = self._known.rows[key]
        stamp = Stamp(number, self._arrival.received, COUNTY_DEVICE, 0)
        for name, value in values.items():
            row.write(name, value, stamp)
        self.changed[key] = row

    def confirm(self, key: RowKey, row: Row, name: str, *, stamp: Stamp) -> None:
        """What stands in a field was said once more, by whose stamp it is."""
        row.edited[name] = replace(stamp, number=max(stamp.number, row.writer(name).number))
        self.changed[key] = row

    def ask_about_field(
        self,
        key: RowKey,
        row: Row,
        name: str,
        *,
        offered: Value,
        beside: bool = False,
        writer: Stamp | None = None,
    ) -> None:
        """Two values of a sensitive field: the first stands, the later one waits. `writer`: whose that one is, where
        the operation that is decided did not bring it."""
        sentence = (
            f"{describe_row(key[0], row.values)}的{field_word(key[0], name)}，两台电脑改得不一样。"
            "先到县里的已经生效，后到的先放着，要您拿主意。"
        )
        objection = Objection(Reason.SENSITIVE, sentence, standing={name: row.values.get(name)})
        offer = self._offer if writer is None else self._offer.by_writer(writer)
        self._ask(key, objection, name=name, offered={name: offered}, offer=offer, beside=beside)

    def ask(self, key: RowKey, objection: Objection, *, offered: Mapping[str, Value], name: str = "") -> None:
        """Put a question before a person."""
        self._ask(key, objection, name=name, offered=offered, offer=self._offer, beside=False)

    def _ask(
        self,
        key: RowKey,
        objection: Objection,
        *,
        name: str,
        offered: Mapping[str, Value],
        offer: Offer,
        beside: bool,
    ) -> None:
        """What a hand writes again takes the place of its earlier offer; every other offer has its own question.
        `beside`: the value is not of this hand's own writing."""
        values: dict[str, Value] = {
            "subject_table": str(key[0]),
            "subject_id": key[1].bytes,
            "field": name,
            "standing": to_json(objection.standing),
            "offered": to_json(offered),
            "reason_kind": objection.reason.value,
            "reason": objection.sentence[:300],
            "offered_by": self._known.name_of(offer.actor)[:60],
            "offered_at": _moment(offer.clock),
            "offered_device": offer.device,
            "offered_seq": offer.seq,
            "offered_incarnation": offer.incarnation,
        }
        standing, document = read_document(str(values["standing"])), read_document(str(values["offered"]))
        kind = objection.reason.value
        for question in self._known.open_offers(key, name, hand=offer.hand):
            if is_same_matter(question, kind, standing=standing, offered=document, beside=beside):
                question.standing, question.offered, question.number = standing, document, self.next_number
                question.kind, question.sentence = kind, str(values["reason"])
                question.incarnation = offer.incarnation
                self._add(Operation(0, Kind.UPDATE, "held_change", question.id, values), reason=_QUESTION_REASON)
                return
        question_id = self._new_id(key, name, mark=offer.mark)
        self._known.questions[question_id] = Question(
            question_id,
            *key,
            name,
            standing,
            document,
            kind,
            objection.sentence,
            offer.device,
            self.next_number,
            incarnation=offer.incarnation,
        )
        self.asked.append(question_id)
        self._add(Operation(0, Kind.INSERT, "held_change", question_id, values), reason=_QUESTION_REASON)

    def _new_id(self, key: RowKey, name: str, *, mark: bytes) -> UUID:
        """One operation may raise several questions about one field: three rows that are one."""
        found = derived_id(self._arrival.village, "held", mark.hex(), key[0], key[1].hex, name)
        while found in self._known.questions:
            found = derived_id(self._arrival.village, "held", found.hex)
        return found

    def _add(self, operation: Operation, *, reason: str) -> int:
        number = self.next_number
        self.next_number += 1
        numbered = Operation(number, operation.kind, operation.table, operation.row_id, operation.values)
        self.operations.append((reason, numbered))
        return number


def _moment(clock: int) -> str:
    """The wall clock of a hybrid clock, as `domain.clock.stamp` writes it; a senseless one is left out."""
    try:
        return stamp_of(datetime.fromtimestamp((clock >> 16) / 1000, UTC))
    except (ValueError, OverflowError, OSError):
        return ""
