"""What people decided about questions, carried out by the county right behind the transaction that brought it.

The first decision in the county's order stands. A later one that was made without knowing it and wants something
else becomes a question again: machines never decide, so that this comes to rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from village_core.exchange.closed_rows import ClosedRows
from village_core.exchange.county_hand import CountyHand, Offer
from village_core.exchange.decision_words import Word, plain, read_side, read_word, wanted_value
from village_core.exchange.late_edits import GONE, LateEdits
from village_core.exchange.merge import FieldOutcome, Row, Stamp, judge_field
from village_core.exchange.objections import Objection, Reason
from village_core.exchange.operations import Kind, Operation, Transaction, synced_table
from village_core.exchange.plan import Arrival, Known, RowKey, survivor_of
from village_core.exchange.questions import (
    CHOICES,
    NEITHER,
    OFFERED,
    STANDING,
    STANDS_ANYWAY,
    Question,
    decided_fields,
    may_decide,
    read_document,
    read_id,
    who_may_decide,
)
from village_core.exchange.releases import Releaser
from village_core.exchange.twins import TwinJoiner
from village_core.exchange.values import MalformedValueError, Value
from village_core.exchange.words import describe_row, field_word, to_json
from village_core.records.base import rule_of

_CARRIED_OUT = "按拿定的主意办"
_ONCE_MORE = "在拿主意以前，又来了一个不一样的值，请再看一次。"

_LEFT_IS_CLOSED = {
    "household": "左边这户已经销户，并进去右边这户就看不到了。是同一户的，请先到左边这户点“恢复这户”，再来定。",
    "person": "左边这个人已经不在户里，并进去右边的就看不到了。右边的还在户里的，请选“不是同一人”，两条都留着。",
}


class Decider:
    """Collects the decisions of a transaction and carries them out behind it."""

    def __init__(self, arrival: Arrival, known: Known, hand: CountyHand, joiner: TwinJoiner) -> None:
        self._arrival = arrival
        self._known = known
        self._hand = hand
        self._joiner = joiner
        self._releaser = Releaser(known, hand)
        self._late_edits = LateEdits(known, hand, joiner)
        self._closed = ClosedRows(known, hand)
        self._waiting: list[Word] = []
        self._last_words: dict[Value, UUID] = {}
        self._followers: list[Question] = []

    def read_ahead(self, transactions: Iterable[Transaction]) -> None:
        """Whoever changed his mind before he sent it has said only the last."""
        for transaction in transactions:
            for operation in transaction.operations:
                if operation.table == "held_decision" and operation.kind is Kind.INSERT:
                    held_id = operation.values.get("held_id")
                    self._last_words[held_id if isinstance(held_id, bytes) else None] = operation.row_id

    def note(self, operation: Operation, transaction: Transaction, stamp: Stamp, *, mark: bytes) -> None:
        """A decision was taken into the county's order."""
        if self._last_words.get(operation.values["held_id"], operation.row_id) == operation.row_id:
            seq, actor = operation.number, transaction.actor
            offer = Offer(stamp.device, stamp.incarnation, seq, transaction.clock, actor, mark)
            self._waiting.append(read_word(operation, stamp, base=transaction.base, offer=offer))

    def carry_out(self) -> None:
        """Carry out what was noted, and decisions that had waited for a question which was asked just now."""
        while self._waiting or self._hand.asked:
            for question_id in self._hand.asked:
                self._let_early_decision_through(question_id)
            self._hand.asked.clear()
            waiting, self._waiting = self._waiting, []
            for word in waiting:
                self._hand.note_offer(word.offer)
                self._carry_out(word)

    def _let_early_decision_through(self, question_id: UUID) -> None:
        early = self._known.early_decisions.pop(question_id, None)
        if early is None:
            return
        operation = early.operation
        row = self._hand.insert(operation.row, operation.values, reason=early.reason, author=early.actor)
        stamp = replace(row.inserted, device=early.device, incarnation=early.incarnation)
        mark = operation.row_id.bytes
        offer = Offer(early.device, early.incarnation, operation.number, early.clock, early.actor, mark)
        self._waiting.append(read_word(operation, stamp, base=early.base, offer=offer))

    def _carry_out(self, word: Word) -> None:
        question = self._known.questions.get(word.held_id)
        if question is None or question.decision_id == word.id or word.choice not in CHOICES:
            return
        if not may_decide(question.table, self._known.roles.get(word.actor, frozenset())):
            self._leave_open(
                question, f"{word.made_by_name}没有拿这个主意的岗位，请由{who_may_decide(question.table)}来定。"
            )
            return
        if question.decision_id is None:
            refusal = self._settle(question, word)
            if refusal is None:
                self._close(question, word)
            elif refusal:
                self._leave_open(question, refusal)
        elif not self._agrees(question, word):
            self._contradict(question, word)

    # --- the first decision. None: done; words: it cannot be carried out; '': the question was put anew

    def _settle(self, question: Question, word: Word) -> str | None:
        if question.field:
            return self._settle_field(question, word)
        match question.kind:
            case Reason.TWO_ROWS:
                return self._settle_pair(question, word)
            case Reason.DECIDED_TWICE:
                return self._settle_contradiction(question, word)
            case Reason.MISSING | Reason.DELETED if word.choice != STANDING and self._is_about_an_edit(question):
                return self._settle_edit(question, word)
        if question.row in self._known.rows:
            return None
        if word.choice == STANDING:
            refusal = self._releaser.why_aside(question, decided_by=word.made_by_name)
            if not refusal:
                self._leave_out(question)
            return refusal or None
        return self._let_through(question, word)

    def _settle_field(self, question: Question, word: Word) -> str | None:
        found = self._standing_row(question.row)
        if found is None:
            return None
        key, row = found
        name, keeps = question.field, word.choice == STANDING
        try:
            wanted = wanted_value(question, word.choice, word.value)
        except MalformedValueError:
            if not keeps:
                return "填的值县里看不懂，请再填一次。"
            wanted = row.values.get(name)
        outcome = judge_field(row, name, offered=wanted, arriving=word.stamp, base=word.base, sensitive=True)
        same = outcome is FieldOutcome.SAME
        unsure = keeps or self._is_unseen(question, key, row, concurrent=outcome is FieldOutcome.HELD, word=word)
        if not same and unsure and not self._is_own_word(key, row, name, word=word):
            self._ask_anew(question, key, row, value=wanted, word=word)
            return ""
        if not same and not keeps:
            self._write(key, row, name, wanted, author=word.actor)
        if same:
            # His word from now on, so that an edit which knew nothing of it is asked about. Who keeps what he had
            # before him contradicts nobody with what he writes behind it; else it is nobody's, as is what no edit
            # but a decision may change (`was_decided`).
            own = keeps and key == question.row and question.kind != Reason.CLOSED_HOUSEHOLD
            self._hand.confirm(key, row, name, stamp=word.stamp if own else word.stamp.of_nobody())
        if _holds_unseen_offer(question, row.values.get(name), word=word):
            self._refresh(question, row)
            return _ONCE_MORE
        return None

    def _is_unseen(self, question: Question, key: RowKey, row: Row, *, concurrent: bool, word: Word) -> bool:
        """Whether he who wants another value did not see the one that stands. What he had on his left says so best:
        a decision may have waited for its question, and the row that stands for a joined one has its own values."""
        left = word.shown_left(question)
        if left is None:
            if key == question.row:
                return concurrent
            left = question.standing
        now = plain(row.values.get(question.field))
        if key != question.row:
            return now is not None and left.get(question.field) != now
        return concurrent and left.get(question.field) != now

    def _is_own_word(self, key: RowKey, row: Row, name: str, *, word: Word) -> bool:
        """Whether what stands is what the same person said about the field in another question, and did not see
        carried out yet: of two words in one sitting the later one counts, and keeping the left keeps the first."""
        return any(
            one.field == name
            and one.number > word.base
            and one.decided_by == word.hand
            and (found := self._standing_row(one.row)) is not None
            and found[0] == key
            and _is_carried_out(one, row)
            for one in self._known.questions.values()
        )

    def _settle_pair(self, question: Question, word: Word) -> str | None:
        first_id, second_id = read_id(question.standing.get("id")), read_id(question.offered.get("id"))
        if first_id is None or second_id is None:
            return None
        if word.choice == NEITHER:
            self._known.apart.add(frozenset({first_id, second_id}))
            return None
        first = self._standing_row((question.table, first_id))
        second = self._known.rows.get((question.table, second_id))
        if first is None or second is None or second.deleted or second.values.get("merged_into") is not None:
            return None
        if first[0][1] == second_id:
            return None
        if first[1].values.get("closed_on") is not None:
            return _LEFT_IS_CLOSED[question.table]
        table = synced_table(question.table)
        assert table is not None
        names = decided_fields(table, word.value, left=first[1].values, right=second.values)
        if not word.value:  # an older program, which showed what was in dispute
            names |= {name for name in question.offered if name != "id"}
        self._joiner.join_pair(first[0], (question.table, second_id), prefer_second=word.choice == OFFERED, names=names)
        keeps = word.choice == STANDING and first[0][1] == first_id
        for name in sorted(names & rule_of(table).sensitive):
            self._hand.confirm(*first, name, stamp=word.stamp if keeps else word.stamp.of_nobody())
        return None

    def _is_about_an_edit(self, question: Question) -> bool:
        """Not about a row that was put aside itself and came in some other way since."""
        row = self._known.rows.get(question.row)
        if row is None or row.deleted:
            return row is not None
        held = [one.operation for one in self._known.put_aside if one.operation.row == question.row]
        return not any(one.kind is Kind.INSERT for one in held)

    def _settle_edit(self, question: Question, word: Word) -> str | None:
        found = self._standing_row(question.row)
        if found is None:
            return GONE
        return self._late_edits.write(*found, question.offered, stamp=word.stamp, base=word.base, author=word.actor)

    def _let_through(self, question: Question, word: Word) -> str | None:
        refusal = self._releaser.release(question, reason=word.reason, decided_by=word.made_by_name)
        if refusal is None:
            self._joiner.join(self._releaser.take_rekeyed())
        return refusal

    def _leave_out(self, question: Question) -> None:
        for key in self._releaser.leave_out(question):
            self._close_follower(key, question)

    def _close_follower(self, key: RowKey, question: Question) -> None:
        """What went with it needs no decision of its own."""
        for other in self._known.questions.values():
            if other.row == key and other.id != question.id and other.decision_id is None and not other.field:
                self._followers.append(other)

    # --- a later decision

    def _agrees(self, question: Question, word: Word) -> bool:
        """Whether this wants what is so already."""
        stands = question.row in self._known.rows
        if question.kind == Reason.DECIDED_TWICE or (question.kind in STANDS_ANYWAY and stands):
            return True
        if question.field:
            found = self._standing_row(question.row)
            if found is None:
                return True
            try:
                return wanted_value(question, word.choice, word.value) == found[1].values.get(question.field)
            except MalformedValueError:
                return True
        if question.kind == Reason.TWO_ROWS:
            return word.choice == question.choice
        return (word.choice == STANDING) == (not stands)

    def _contradict(self, question: Question, word: Word) -> None:
        if question.field:
            found = self._standing_row(question.row)
            assert found is not None
            key, row = found
            value = wanted_value(question, word.choice, word.value)
            if question.decided_by == word.hand and _is_carried_out(question, row):
                self._write(key, row, question.field, value, author=word.actor)
                return
            subject = f"{describe_row(key[0], row.values)}的{field_word(key[0], question.field)}"
            sentence = f"{subject}，两个人拿的主意不一样。先到县里的已经生效，后到的先放着，要您拿主意。"
            objection = Objection(Reason.SENSITIVE, sentence, {question.field: row.values.get(question.field)})
            self._hand.ask(key, objection, name=question.field, offered={question.field: value})
            return
        if question.kind == Reason.TWO_ROWS and NEITHER not in (word.choice, question.choice):
            self._ask_about_side(question, word)
            return
        sentence = f"{question.sentence}两个人拿的主意不一样，先到县里的已经照办。"
        standing: dict[str, Value] = {"question": question.id.bytes, "choice": question.choice}
        offered: dict[str, Value] = {"question": question.id.bytes, "choice": word.choice, "reason": word.reason}
        if word.value:
            offered["value"] = json.dumps(word.value, ensure_ascii=False)
        self._hand.ask(question.row, Objection(Reason.DECIDED_TWICE, sentence, standing), offered=offered)

    def _ask_about_side(self, question: Question, word: Word) -> None:
        """Both say that they are one: what stood on the side of the later one is offered where it does not stand."""
        table, found = synced_table(question.table), self._standing_row(question.row)
        if table is None or found is None:
            return
        key, row = found
        shown = word.value or {STANDING: question.standing, OFFERED: question.offered}
        side = Row(read_side(table, shown.get(word.choice)), word.stamp)
        for name in sorted(rule_of(table).sensitive & side.values.keys()):
            if self._joiner.contradict(table, name, row, later=side):
                self._hand.ask_about_field(key, row, name, offered=side.values[name], beside=True)

    def _settle_contradiction(self, question: Question, word: Word) -> str | None:
        original = self._known.questions.get(read_id(question.offered.get("question")) or UUID(int=0))
        aside = self._releaser.why_aside(original, decided_by=word.made_by_name) if original is not None else ""
        if aside:
            return aside
        if word.choice != OFFERED or original is None:
            return None
        wanted = str(question.offered.get("choice"))
        if original.kind == Reason.TWO_ROWS:
            if wanted == NEITHER:
                return "已经并成一条，不能自动分开。请选用左边，再另外登记一条。"
            seen = read_document(str(question.offered.get("value") or ""))
            return self._again(original, replace(word, value=seen), wanted)
        if wanted == STANDING and original.row in self._known.rows:
            return "已经生效的不能收回。记错的凭证请冲销，发出去的钱请追回。"
        reason = word.reason or str(question.offered.get("reason") or "")
        return self._again(original, replace(word, reason=reason, value={}), wanted)

    def _again(self, original: Question, word: Word, choice: str) -> str | None:
        self._known.apart.discard(
            frozenset(one for one in (read_id(original.standing.get("id")), read_id(original.offered.get("id"))) if one)
        )
        return self._settle(original, replace(word, choice=choice))

    # --- writing

    def _write(self, key: RowKey, row: Row, name: str, value: Value, *, author: UUID) -> None:
        values = {name: value}
        if value is None:
            values |= self._closed.reopen_with(key, row, name, reason=_CARRIED_OUT, author=author)
        self._hand.update(key, values, reason=_CARRIED_OUT, author=author)
        self._joiner.note_row(key, row)
        self._joiner.join([key])

    def _standing_row(self, key: RowKey) -> tuple[RowKey, Row] | None:
        row = self._known.rows.get(key)
        if row is None or row.deleted:
            return None
        return survivor_of(self._known, key[0], row) or (key, row)

    def _close(self, question: Question, word: Word) -> None:
        closed: dict[str, Value] = {"decision_id": word.id.bytes, "decided_at": self._hand.moment}
        for one in [question, *self._moot(question), *self._followers]:
            one.decision_id, one.decided_by = word.id, word.hand
            one.choice, one.value, one.number = word.choice, word.value, self._hand.next_number
            self._hand.rewrite_question(one.id, closed, reason=_CARRIED_OUT)
        self._followers.clear()

    def _moot(self, question: Question) -> list[Question]:
        """Other open questions that this decision answered as well."""
        others = [
            one
            for one in self._known.questions.values()
            if one.id != question.id and one.decision_id is None and one.kind == question.kind
        ]
        if question.field:
            found = self._standing_row(question.row)
            now = plain(found[1].values.get(question.field)) if found else None
            return [
                one
                for one in others
                if (one.row, one.field) == (question.row, question.field) and one.offered.get(one.field) == now
            ]
        if question.kind == Reason.TWO_ROWS:
            pair = {question.standing.get("id"), question.offered.get("id")}
            return [one for one in others if {one.standing.get("id"), one.offered.get("id")} == pair]
        same = [one for one in others if one.row == question.row and not one.field]
        edits = question.kind in (Reason.MISSING, Reason.DELETED) and self._is_about_an_edit(question)
        if edits or question.kind == Reason.DECIDED_TWICE:
            return [one for one in same if one.offered == question.offered]
        return same

    def _leave_open(self, question: Question, why: str) -> None:
        sentence = f"{question.sentence.split('（上次', 1)[0]}（上次没有办成：{why}）"
        self._hand.rewrite_question(question.id, {"reason": sentence[:300]}, reason=why)

    def _refresh(self, question: Question, row: Row) -> None:
        question.standing = {question.field: plain(row.values.get(question.field))}
        standing = to_json({question.field: row.values.get(question.field)})
        self._hand.rewrite_question(question.id, {"standing": standing}, reason=_ONCE_MORE)

    def _ask_anew(self, question: Question, key: RowKey, row: Row, *, value: Value, word: Word) -> None:
        """Somebody changed the field while the decision was on its way: both are put before a person again. What
        somebody offered meanwhile keeps its question, and this becomes one of the decider."""
        if _holds_unseen_offer(question, value, word=word):
            self._hand.ask_about_field(key, row, question.field, offered=value)
        else:
            question.offered = {question.field: plain(value)}
            self._hand.rewrite_question(question.id, {"offered": to_json({question.field: value})}, reason=_ONCE_MORE)
        self._refresh(question, row)


def _holds_unseen_offer(question: Question, value: Value, *, word: Word) -> bool:
    """Whether the question offers something else than `value` that the decider had not before him."""
    offered = question.offered.get(question.field)
    shown = word.value.get(question.field, offered) if word.choice == OFFERED else offered
    unseen = not question.is_by(word.hand) and (question.number > word.base or shown != offered)
    return unseen and offered != plain(value)


def _is_carried_out(question: Question, row: Row) -> bool:
    """Whether the field of a decided question still has what was decided, and nobody wrote it since."""
    try:
        wanted = wanted_value(question, question.choice, question.value)
    except MalformedValueError:
        return False
    return wanted == row.values.get(question.field) and row.writer(question.field).number <= question.number
