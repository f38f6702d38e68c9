"""What was put aside and is let through, or left out for good, with everything that depends on it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Table

from village_core.exchange.county_hand import CountyHand, Offer
from village_core.exchange.objections import CLOSED_VOUCHER, MALFORMED, Objection, Reason
from village_core.exchange.operations import Kind, Operation, checked, synced_table
from village_core.exchange.people import import_hands
from village_core.exchange.plan import Known, RowKey, parents_of
from village_core.exchange.questions import NEVER_RELEASED, REASON_NEEDED, PutAside, Question
from village_core.exchange.values import MalformedValueError, Value
from village_core.exchange.words import describe_row

WAIVED_RULES: Mapping[Reason, str] = {Reason.DUPLICATE_GRANT: "CRELIEF-3", Reason.OVER_CAP: "CRELIEF-5"}
"""Rules that a person may waive with a written reason, which then stands in the step."""

ImportKey = tuple[Value, ...]

_LET_THROUGH = "按拿定的主意生效"
_LEFT_OUT = "按拿定的主意不算数"


class Releaser:
    """Works on `known.put_aside`: operations that were held, in the order in which they arrived."""

    def __init__(self, known: Known, hand: CountyHand) -> None:
        self._known = known
        self._hand = hand
        self._rekeyed: dict[RowKey, None] = {}
        self._days: dict[UUID, str] = {}
        self._settled: ImportKey = ()
        """The import of which a person just said that its hands are right."""

    def take_rekeyed(self) -> list[RowKey]:
        """Editable rows that came through: somebody else may have registered the same."""
        rekeyed, self._rekeyed = list(self._rekeyed), {}
        return rekeyed

    def why_aside(self, question: Question, *, decided_by: str) -> str:
        """Words for whom the case concerns himself; '' for the others."""
        known = self._known
        subject = next((one.operation for one in known.put_aside if one.operation.row == question.row), None)
        values = subject.values if subject is not None else {}
        return known.people.why_aside(values, decided_by=decided_by, relief=known.relief)

    def leave_out(self, question: Question) -> list[RowKey]:
        """Take back what the question is about and what depends on it; the rows that go."""
        gone = [one.operation.row for one in self._piece(question) if one.operation.kind is Kind.INSERT]
        for key in reversed(gone):
            self._hand.leave_out(key, reason=_LEFT_OUT)
            self._known.rejected.add(key)
        self._settle_cases()
        return gone

    def release(self, question: Question, *, reason: str, decided_by: str) -> str | None:
        """Let it through with what depends on it; words when that cannot be."""
        piece = self._piece(question)
        subject = next((one for one in piece if one.operation.row == question.row), None)
        if subject is None or subject.operation.kind is not Kind.INSERT or question.kind in NEVER_RELEASED:
            return "这一条办不到：县里的规矩不许，只能选不要它。"
        known = self._known
        also = self._judge_people(subject, question)
        if also is not None and question.kind not in REASON_NEEDED:
            # Who decided had not heard of it: it becomes a question of that kind.
            question.kind = also.reason.value
            self._hand.rewrite_question(question.id, {"reason_kind": question.kind}, reason=also.sentence)
            return also.sentence
        if question.kind in REASON_NEEDED and not reason.strip():
            return "照办要写明理由。"
        for kind in (question.kind, also.reason if also is not None else question.kind):
            concerned = known.people.why_not_decide(
                kind, subject.operation.values, decided_by=decided_by, relief=known.relief
            )
            if concerned:
                return concerned
        self._known.rejected -= {one.operation.row for one in piece}
        self._settle_cases(freed=piece)
        self._settled = _import_key(subject) if question.kind == Reason.DUTY else ()
        written = f"{reason.strip()}（{decided_by}定）"
        refusal = self._let_through(subject, piece, question=question, reason=written)
        if refusal is not None:
            self._settle_cases()
            return refusal
        for one in piece:
            if one is not subject:
                self._follow(one, piece)
        self._settle_cases()
        return None

    # --- parts

    def _piece(self, question: Question) -> list[PutAside]:
        """What a question is about and all that depends on it, as far as it did not take effect."""
        waiting = [one for one in self._known.put_aside if one.operation.row not in self._known.rows]
        rows, found = {question.row, *self._import_with(question, waiting)}, dict[int, PutAside]()
        growing = True
        while growing:
            growing = False
            for place, one in enumerate(waiting):
                if place not in found and (one.operation.row in rows or self._depends(one.operation, rows)):
                    found[place] = one
                    growing = growing or one.operation.row not in rows
                    rows.add(one.operation.row)
        return _made_first([found[place] for place in sorted(found)])

    def _judge_people(self, subject: PutAside, question: Question) -> Objection | None:
        """What speaks against its hands, unless that is what the question asks."""
        if question.kind in (Reason.DUTY, Reason.RECUSAL):
            return None
        return self._known.people.judge(subject.operation, self._known.relief, self._known.rows)

    def _import_with(self, question: Question, waiting: list[PutAside]) -> set[RowKey]:
        """The vouchers that were held together with this one, under its question: none that ever had its own."""
        if question.kind != Reason.DUTY:
            return set()
        row = question.row
        asked = {one.row for one in self._known.questions.values() if not one.field}
        key = next((found for one in waiting if one.operation.row == row and (found := _import_key(one))), ())
        together = {one.operation.row for one in waiting if key and _import_key(one) == key}
        return together - asked - {row}

    def _depends(self, operation: Operation, rows: Collection[RowKey]) -> bool:
        if any(parent in rows for parent in parents_of(operation)):
            return True
        return operation.table == "relief_step" and self._follows_step(operation, rows)

    def _follows_step(self, operation: Operation, rows: Collection[RowKey]) -> bool:
        case_id = operation.values.get("case_id")
        for one in self._known.put_aside:
            earlier = one.operation
            if earlier.row == operation.row:
                return False
            if earlier.table == "relief_step" and earlier.row in rows and earlier.values.get("case_id") == case_id:
                return True
        return False

    def _let_through(
        self, one: PutAside, piece: list[PutAside], *, question: Question | None, reason: str = ""
    ) -> str | None:
        try:
            operation = checked(_table(one.operation), one.operation)
        except MalformedValueError:
            return MALFORMED.sentence
        if self._lacks_parent(operation):
            return "它所属的那一条县里还没有，现在办不了。"
        values = dict(operation.values)
        objection = self._judge(operation, values, piece, question=question, reason=reason)
        if objection is None and question is None and (not self._settled or _import_key(one) != self._settled):
            objection = self._known.people.judge(operation, self._known.relief, self._known.rows)
        if objection is not None and question is None:
            self._ask(one, objection)
        if objection is not None:
            return objection.sentence
        self._hand.insert(operation.row, values, reason=_LET_THROUGH, author=one.actor)
        self._known.withheld.discard(operation.row)
        if operation.table == "voucher":
            self._known.books.note_voucher(operation.row_id, values)
        elif operation.table == "relief_case":
            self._known.relief.note_case(operation.row_id, values)
        elif operation.table == "relief_step":
            self._known.relief.note_step(operation.row_id, values)
        self._rekeyed[operation.row] = None
        return None

    def _follow(self, one: PutAside, piece: list[PutAside]) -> None:
        """What depends on it is judged by itself; a question of its own stays one."""
        operation = one.operation
        if operation.kind is Kind.INSERT:
            if operation.row not in self._known.rows and not self._has_question(operation.row):
                self._let_through(one, piece, question=None)
        elif operation.kind is Kind.UPDATE and operation.row in self._known.rows:
            try:
                values = checked(_table(operation), operation).values
            except MalformedValueError:
                return
            self._hand.update(operation.row, values, reason=_LET_THROUGH)

    def _has_question(self, row: RowKey) -> bool:
        return any(
            one.row == row and not one.field and one.decision_id is None for one in self._known.questions.values()
        )

    def _judge(
        self,
        operation: Operation,
        values: dict[str, Value],
        piece: list[PutAside],
        *,
        question: Question | None,
        reason: str,
    ) -> Objection | None:
        """The rules again; `values` is brought to what may stand."""
        match operation.table:
            case "voucher":
                return self._judge_voucher(operation, values, piece, question=question)
            case "posting":
                voucher_id = values["voucher_id"]
                assert isinstance(voucher_id, bytes)
                if UUID(bytes=voucher_id) not in self._days:
                    return CLOSED_VOUCHER
                values["voucher_date"] = self._days[UUID(bytes=voucher_id)] or values["voucher_date"]
                return None
            case "relief_step":
                return self._judge_step(operation, values, question=question, reason=reason)
            case "month_lock":
                self._known.books.locked.add(str(values["period"]))
        return None

    def _judge_voucher(
        self, operation: Operation, values: dict[str, Value], piece: list[PutAside], *, question: Question | None
    ) -> Objection | None:
        lines = [
            one.operation
            for one in piece
            if one.operation.table == "posting" and one.operation.values.get("voucher_id") == operation.row_id.bytes
        ]
        try:
            objection = self._known.books.judge(values, lines, may_post=True)
            if objection is not None:
                return objection
            fenced = question is not None and question.kind == Reason.NO_RIGHT
            placement = self._known.books.place(values, fenced=fenced)
        except (ValueError, TypeError, KeyError):
            return MALFORMED
        values |= placement.changes
        self._days[operation.row_id] = placement.counts_on
        return None

    def _judge_step(
        self, operation: Operation, values: dict[str, Value], *, question: Question | None, reason: str
    ) -> Objection | None:
        relief = self._known.relief
        objection = relief.judge(operation.row_id, values)
        if question is None:
            return objection
        case_id = values["case_id"]
        assert isinstance(case_id, bytes)
        while objection is not None and objection.reason in WAIVED_RULES:
            waived = relief.waived.setdefault(UUID(bytes=case_id), set())
            if objection.reason in waived:
                break
            waived.add(objection.reason)
            noted = json.loads(str(values["reasons"])) | {WAIVED_RULES[objection.reason]: reason}
            values["reasons"] = json.dumps(noted, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            objection = relief.judge(operation.row_id, values)
        return objection

    def _lacks_parent(self, operation: Operation) -> bool:
        for key in parents_of(operation):
            row = self._known.rows.get(key)
            if (row is None or row.deleted) and key not in self._known.parents:
                return True
        return False

    def _ask(self, one: PutAside, objection: Objection) -> None:
        if objection.quiet:
            return
        operation = one.operation
        self._hand.note_offer(_offer_of(one))
        sentence = f"{describe_row(operation.table, operation.values)}：{objection.sentence}"
        self._hand.ask(operation.row, replace(objection, sentence=sentence), offered=operation.values)

    def _settle_cases(self, *, freed: Iterable[PutAside] = ()) -> None:
        """A case waits while a step of it is put aside; `freed` are on their way through."""
        going = {one.operation.row for one in freed}
        cases = set[UUID]()
        for one in self._known.put_aside:
            key, case_id = one.operation.row, one.operation.values.get("case_id")
            waits = key not in self._known.rows and key not in self._known.rejected and key not in going
            if waits and key[0] == "relief_step" and isinstance(case_id, bytes) and len(case_id) == 16:
                cases.add(UUID(bytes=case_id))
        self._known.relief.withheld_cases = cases


def _offer_of(one: PutAside) -> Offer:
    operation = one.operation
    return Offer(one.device, one.incarnation, operation.number, one.clock, one.actor, operation.row_id.bytes)


def _import_key(one: PutAside) -> ImportKey:
    """The import that a voucher came with, and whose hands it names; () for anything else."""
    operation = one.operation
    if operation.table != "voucher" or operation.kind is not Kind.INSERT:
        return ()
    hands = import_hands(operation.values)
    return (one.device, one.incarnation, one.clock, *hands) if hands else ()


def _made_first(piece: list[PutAside]) -> list[PutAside]:
    """In the order of arrival, but each row before what changes or refers to it: after the county was restored an
    edit may have come before its row."""
    made = {one.operation.row: one for one in reversed(piece) if one.operation.kind is Kind.INSERT}
    ordered: list[PutAside] = []
    taken: set[int] = set()

    def take(one: PutAside) -> None:
        if id(one) not in taken:
            taken.add(id(one))
            for row in (one.operation.row, *parents_of(one.operation)):
                if row in made:
                    take(made[row])
            ordered.append(one)

    for one in piece:
        take(one)
    return ordered


def _table(operation: Operation) -> Table:
    table = synced_table(operation.table)
    if table is None:
        raise MalformedValueError(operation.table)
    return table
