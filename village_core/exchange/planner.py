"""The county's decision about a batch. Pure: known state and arriving transactions in, decisions out.

Nothing here reads a database or a clock. Each operation gets a verdict; what may not take effect is withheld
together with what depends on it, and everything else goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Table

from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.closed_rows import ClosedRows, was_decided
from village_core.exchange.county_hand import CountyHand, Offer
from village_core.exchange.decisions import Decider
from village_core.exchange.earlier_names import EarlierNames
from village_core.exchange.facts_desk import FactsDesk
from village_core.exchange.joined_rows import follow_join
from village_core.exchange.merge import (
    FieldOutcome,
    Row,
    Stamp,
    Verdict,
    confirm_value,
    is_concurrent,
    judge_field,
    unite_lines,
)
from village_core.exchange.objections import DELETED, DEPENDS, LOST, MALFORMED, MISSING, WAITS, Objection
from village_core.exchange.operations import Kind, Operation, Transaction, checked, fingerprint, synced_table
from village_core.exchange.plan import Arrival, Decision, Known, Plan, RowKey, Segment, needed_by, parents_of
from village_core.exchange.skew import binds_facts, divide, is_bound_fact
from village_core.exchange.staff_roles import county_fields, without_roles
from village_core.exchange.twins import TwinJoiner
from village_core.exchange.values import MalformedValueError, Value, storable
from village_core.exchange.words import describe_row
from village_core.records.base import Merge, rule_of


def plan_batch(arrival: Arrival, transactions: Sequence[Transaction], known: Known) -> Plan:
    """Decide a batch in its order, numbering from `arrival.first_number` on.

    What the county does because of a transaction is numbered right behind it, so that everyone who applies in the
    order of the numbers gets what stands here.
    """
    planner = _Planner(arrival, known)
    planner.decider.read_ahead(transactions)
    for transaction in transactions:
        planner.take(transaction)
    return planner.plan()


class _Planner:
    def __init__(self, arrival: Arrival, known: Known) -> None:
        self.arrival = arrival
        self.known = known
        self.hand = CountyHand(arrival, known)
        self.joiner = TwinJoiner(known, self.hand)
        self._closed = ClosedRows(known, self.hand)
        self._names = EarlierNames(known, self.hand)
        self.desk = FactsDesk(arrival, known, self.hand)
        self.decider = Decider(arrival, known, self.hand, self.joiner)
        self.decisions: list[Decision] = []
        self.changed: dict[RowKey, Row] = {}
        self._segments: list[Segment] = []
        self._waiting: list[tuple[int, Transaction]] = []
        self._lost: list[tuple[int, Transaction]] = []
        self._bound = False
        self._parted = False
        self._rekeyed: dict[RowKey, None] = {}

    def take(self, transaction: Transaction) -> None:
        """Decide one transaction, then join what it made twice."""
        self._transaction = transaction
        self._rekeyed = {}
        self.desk.begin(transaction)
        first = self.hand.next_number
        self._note_segment(transaction, first)
        self.hand.next_number = first + len(transaction.operations)
        self._bound = transaction.schema > SCHEMA_VERSION and binds_facts(transaction)
        self._parted = self.known.recovering and any(
            is_bound_fact(one) and self._belongs_to_lost(one) for one in transaction.operations
        )
        for number, operation in enumerate(transaction.operations, start=first):
            self.decide(number, operation)
        self.joiner.join(self._rekeyed)
        self._names.write()
        self.decider.carry_out()

    def plan(self) -> Plan:
        return Plan(
            decisions=self.decisions,
            county=self.hand.operations,
            changed=self.changed | self.hand.changed,
            segments=self._segments,
            waiting=self._waiting,
            lost=self._lost,
            authors=self.hand.authors,
            last_number=self.hand.next_number - 1,
        )

    def _note_segment(self, transaction: Transaction, first: int) -> None:
        seq = transaction.operations[0].number
        last = self._segments[-1] if self._segments else None
        if last is None or seq - last.first_seq != first - last.first_number:
            self._segments.append(Segment(seq, first))

    def decide(self, number: int, operation: Operation) -> None:
        self._number = number
        self._operation = operation
        self._stamp = Stamp(
            number,
            min(self._transaction.clock, self.arrival.received),
            self.arrival.device,
            self.arrival.incarnation,
        )
        self._mark = fingerprint(self._transaction, operation)
        self.hand.note_offer(
            Offer(
                self.arrival.device,
                self.arrival.incarnation,
                operation.number,
                self._transaction.clock,
                self._transaction.actor,
                self._mark,
            )
        )
        decision = self._again() or self._first_time()
        self.decisions.append(decision)

    # --- one operation

    def _again(self) -> Decision | None:
        """An operation that a restored laptop sends once more keeps its verdict and changes nothing."""
        verdict = self.known.earlier.get(self._mark)
        if verdict is None:
            return None
        row = self.known.rows.get(self._operation.row)
        if verdict is Verdict.HELD and self._operation.kind is Kind.INSERT:
            if row is not None and not row.deleted:
                verdict = Verdict.MERGED
            elif self._operation.row in self.known.rejected:
                return self._decision(verdict, gone=True)
        if self._operation.kind is Kind.DELETE:
            return self._decision(verdict)
        if row is None:
            # What took effect and is not here was deleted, perhaps so long ago that nothing tells of it any more.
            waits = verdict is Verdict.HELD or self._operation.row in self.known.withheld
            return self._decision(verdict, gone=not waits)
        return self._decision(verdict, stands=self._differences(row), gone=row.deleted)

    def _first_time(self) -> Decision:
        if self.known.recovering and (self._parted or self._belongs_to_lost(self._operation)):
            return self._wait_for_row()
        if self._transaction.schema > SCHEMA_VERSION or self.known.waiting:
            waits = self._wait_for_upgrade()
            if waits is not None:
                return waits
        table = synced_table(self._operation.table)
        if table is None or rule_of(table).merge is Merge.COUNTY:
            return self._hold(MALFORMED)
        try:
            operation = checked(table, self._operation)
        except MalformedValueError:
            return self._hold(MALFORMED)
        self._operation = operation
        if operation.kind is Kind.INSERT:
            if rule_of(table).merge is Merge.FACT:
                return self._insert_fact()
            return self._insert_row(table)
        if rule_of(table).merge is Merge.FACT:
            return self._hold(MALFORMED)
        if operation.kind is Kind.UPDATE:
            return self._update(table)
        return self._delete(table)

    def _belongs_to_lost(self, operation: Operation) -> bool:
        """Whether it changes or refers to a row that is not here, was not put aside, and does not come with it.

        A decision about a question is none of these: it is kept by itself until its question is asked again.
        """
        if synced_table(operation.table) is None:
            return False
        known = self.known
        return any(
            row not in known.rows and row not in known.parents and row not in known.withheld - known.lost
            for row in needed_by([operation], self._transaction)
            if row[0] != "held_change"
        )

    def _wait_for_row(self) -> Decision:
        operation = self._operation
        self._lost.append((self._number, replace(self._transaction, operations=(operation,))))
        if operation.kind is not Kind.INSERT:
            return self._decision(Verdict.HELD)
        self.known.lost.add(operation.row)
        return self._hold(LOST)

    def _wait_for_upgrade(self) -> Decision | None:
        """What only a newer county can read is kept raw; the rest of the operation goes on."""
        operation = self._operation
        now, later = divide(operation) if self._transaction.schema > SCHEMA_VERSION else (operation, None)
        depends = not self.known.waiting.isdisjoint((operation.row, *parents_of(operation)))
        if depends or (self._bound and is_bound_fact(operation)):
            now, later = None, operation
        if later is not None:
            self._waiting.append((self._number, replace(self._transaction, operations=(later,))))
        if now is not None:
            self._operation = now
            return None
        if operation.kind is not Kind.INSERT:
            return self._decision(Verdict.HELD)
        self.known.waiting.add(operation.row)
        return self._hold(WAITS)

    def _insert_fact(self) -> Decision:
        operation = self._operation
        row = self.known.rows.get(operation.row)
        if row is not None:
            stands = self._differences(row)
            return self._decision(Verdict.MERGED if stands else Verdict.APPLIED, stands=stands)
        objection = self._missing_parent() or self.desk.judge(operation)
        if objection is not None:
            return self._hold(objection)
        changes = self.desk.sort_in(operation)
        self._operation = operation = replace(operation, values={**operation.values, **changes})
        self.desk.note(operation)
        if operation.table == "held_decision":
            self.decider.note(operation, self._transaction, self._stamp, mark=self._mark)
        decision = self._add_row()
        return replace(decision, verdict=Verdict.MERGED, stands=changes) if changes else decision

    def _insert_row(self, table: Table) -> Decision:
        row = self.known.rows.get(self._operation.row)
        if row is None:
            objection = self._missing_parent()
            if objection is not None:
                return self._hold(objection)
            self._rekeyed[self._operation.row] = None
            return self._add_row(without_roles(self._operation, alone_until=self.arrival.alone_until))
        if row.deleted:
            return self._hold(DELETED)
        return self._merge_fields(table, row, gap_filling=True)

    def _update(self, table: Table) -> Decision:
        row = self.known.rows.get(self._operation.row)
        if row is None:
            return self._hold(DEPENDS if self._operation.row in self.known.withheld else MISSING)
        if row.deleted:
            return self._hold(DELETED)
        if self._missing_parent() is not None:
            return self._hold(MISSING)
        return self._merge_fields(table, row)

    def _delete(self, table: Table) -> Decision:
        operation = self._operation
        row = self.known.rows.get(operation.row)
        if not rule_of(table).deletable:
            return self._hold(MALFORMED)
        if row is None or row.deleted:
            return self._decision(Verdict.APPLIED)
        if any(is_concurrent(writer, self._stamp, self._transaction.base) for writer in row.writers()):
            return self._decision(Verdict.MERGED, stands=dict(row.values), whole_row=True)
        row.deleted = True
        row.edited[""] = self._stamp
        self.changed[operation.row] = row
        return self._decision(Verdict.APPLIED, effect=operation)

    # --- parts

    def _add_row(self, changes: Mapping[str, Value] | None = None) -> Decision:
        """With `changes` the row stands otherwise than it came, and its laptop follows."""
        if changes:
            self._operation = replace(self._operation, values={**self._operation.values, **changes})
        row = Row(dict(self._operation.values), self._stamp)
        self.known.rows[self._operation.row] = row
        self.known.withheld.discard(self._operation.row)  # it waited until now: what it brings along need not
        self.changed[self._operation.row] = row
        self.joiner.note_row(self._operation.row, row)
        self._closed.note(self._operation.row, row, row.values, stamp=self._stamp, base=self._transaction.base)
        verdict = Verdict.MERGED if changes else Verdict.APPLIED
        return self._decision(verdict, effect=self._operation, stands=changes)

    def _merge_fields(self, table: Table, row: Row, *, gap_filling: bool = False) -> Decision:
        rule, operation = rule_of(table), self._operation
        taken: dict[str, Value] = {}
        united: dict[str, Value] = {}
        lost: dict[str, Value] = {}
        held: list[str] = []
        countys = county_fields(operation, row, stamp=self._stamp, alone_until=self.arrival.alone_until)
        for name, offered in operation.values.items():
            if name in countys:
                if offered != row.values.get(name):
                    lost[name] = offered
                continue
            outcome = judge_field(
                row,
                name,
                offered=offered,
                arriving=self._stamp,
                base=self._transaction.base,
                sensitive=name in rule.sensitive or was_decided(row, name),
                lines=name in rule.lines,
                gap_filling=gap_filling,
            )
            if outcome is FieldOutcome.TAKEN and name in rule.sensitive and self._is_over_own_offer(name):
                outcome = FieldOutcome.HELD
            if outcome is FieldOutcome.TAKEN:
                taken[name] = offered
            elif outcome is FieldOutcome.UNITED:
                taken[name] = united[name] = unite_lines(row.values.get(name), offered)
            elif outcome is FieldOutcome.LOST:
                lost[name] = offered
            elif outcome is FieldOutcome.HELD:
                held.append(name)
            elif name not in rule.sensitive and confirm_value(row, name, offered, arriving=self._stamp):
                self.changed[operation.row] = row
        for name in held:
            self.hand.ask_about_field(operation.row, row, name, offered=operation.values[name])
        before = {name: row.values.get(name) for name in (*taken, "name")}
        for name, value in taken.items():
            row.write(name, value, self._stamp.of_nobody() if name in united else self._stamp)
        if taken:
            self.changed[operation.row] = row
            self.joiner.note_row(operation.row, row)
            if taken.keys() & (rule.sensitive | {*rule.natural_key, "merged_into", "closed_on"}):
                self._rekeyed[operation.row] = None
            base = self._transaction.base
            follow_join(self.known, self.hand, table, row=row, taken=taken, before=before, stamp=self._stamp, base=base)
            self._names.note(operation.row, row, before=before["name"])
            self._closed.note(operation.row, row, taken, stamp=self._stamp, base=base)
        stands = self._differences(row)
        follows = lost or (stands and (united or gap_filling))
        verdict = Verdict.HELD if held else Verdict.MERGED if follows else Verdict.APPLIED
        return self._decision(
            verdict,
            stands=stands,
            effect=self._variant(Kind.UPDATE, taken) if taken else None,
            lost=self._variant(Kind.LOST, lost) if lost else None,
        )

    def _is_over_own_offer(self, name: str) -> bool:
        """Whether this laptop wrote the field before and was not told yet that somebody has to decide about that: it
        still showed its own value, and who wrote here saw nothing of the one that stands."""
        hand = (self.arrival.device, self.arrival.incarnation)
        offers = self.known.open_offers(self._operation.row, name, hand=hand)
        return any(one.number > self._transaction.base for one in offers)

    def _missing_parent(self) -> Objection | None:
        for key in parents_of(self._operation):
            if key in self.known.withheld:
                return MISSING if key in self.known.rejected else DEPENDS
            if key not in self.known.rows and key not in self.known.parents:
                return DEPENDS if key[0] == "held_change" else MISSING
        return None

    # --- verdicts

    def _decision(
        self,
        verdict: Verdict,
        *,
        effect: Operation | None = None,
        lost: Operation | None = None,
        stands: Mapping[str, Value] | None = None,
        whole_row: bool = False,
        gone: bool = False,
    ) -> Decision:
        return Decision(
            number=self._number,
            transaction=self._transaction,
            operation=self._operation,
            verdict=verdict,
            effect=effect and replace(effect, number=self._number),
            lost=lost and replace(lost, number=self._number),
            stands=stands or {},
            whole_row=whole_row,
            gone=gone,
        )

    def _hold(self, objection: Objection) -> Decision:
        operation = self._operation
        if not objection.quiet:
            offered = storable(operation.values)
            sentence = f"{describe_row(operation.table, offered)}：{objection.sentence}"
            listed = Objection(objection.reason, sentence, standing=objection.standing)
            self.hand.ask(operation.row, listed, offered=offered)
        if operation.kind is Kind.INSERT:
            self.known.withheld.add(operation.row)
        case_id = operation.values.get("case_id")
        if operation.table == "relief_step" and isinstance(case_id, bytes) and len(case_id) == 16:
            self.known.relief.withheld_cases.add(UUID(bytes=case_id))
        row = self.known.rows.get(operation.row)
        gone = row is not None and row.deleted
        stands = self._differences(row) if row is not None and not gone else {}
        return self._decision(Verdict.HELD, stands=stands, gone=gone)

    def _differences(self, row: Row) -> dict[str, Value]:
        offered = self._operation.values
        return {name: row.values[name] for name, value in offered.items() if row.values.get(name, value) != value}

    def _variant(self, kind: Kind, values: Mapping[str, Value]) -> Operation:
        operation = self._operation
        return Operation(operation.number, kind, operation.table, operation.row_id, values)
