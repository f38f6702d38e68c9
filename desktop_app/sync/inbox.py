"""An answer of the county, taken in whole or not at all: verdicts, what others did, and the proof of equality."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection, insert, select

from desktop_app.storage.county_clock import KNOWN_DAY, SKEW_SECONDS, day_told
from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state, words
from desktop_app.sync.answers import checked_operation, checked_transaction, read_answer
from desktop_app.sync.awaited import AwaitedReferences
from desktop_app.sync.county_restored import begin_again, go_back, go_on_from
from desktop_app.sync.deferred import Deferral, count_deferred, is_due, take_all
from desktop_app.sync.marks import note_equality
from desktop_app.sync.outbox import FrozenBatch, count_waiting, find_frozen, let_go
from desktop_app.sync.pending import PendingChanges, RowKey, read_pending
from desktop_app.sync.proof import held_rows, kept_root, refresh_digests
from desktop_app.sync.receipts import keep_receipt
from desktop_app.sync.rows import RowWriter
from desktop_app.sync.seats import refresh_rights
from village_core.domain.clock import stamp
from village_core.exchange.change_log import COUNTY_ORIGIN, SCHEMA_VERSION, change_context, change_log
from village_core.exchange.local_tables import held_row, sent_batch
from village_core.exchange.merge import Verdict
from village_core.exchange.messages import BatchAnswer, Status, SyncAnswer, VerdictEntry
from village_core.exchange.operations import Kind, Operation, Transaction
from village_core.exchange.skew import divide
from village_core.exchange.values import MalformedValueError

_STANDS_REASON = "以县里先收到的为准"
_SKEW_WORTH_TELLING = 120


_IN_THE_NAME_OF = (
    "UPDATE change_context SET tx = tx + 1, actor = ?, reason = ?, base = ?, origin = ?, clock = ?, schema = ?"
)
"""Before each transaction that is taken in."""


@dataclass(frozen=True)
class Settled:
    """What one answer brought. `equal` is None while there is more to exchange before it can be said; `comparable`
    is false where this program and the county's are of different age, and unequal digests show no damage."""

    sent: int = 0
    received: int = 0
    held: int = 0
    refused: int = 0
    more: bool = False
    equal: bool | None = None
    deferred: int = 0
    comparable: bool = True


def settle(workspace: Workspace, link: state.CountyLink, answer: SyncAnswer, frozen: FrozenBatch | None) -> Settled:
    """Take in an answer to a request made on `link` with `frozen`. A garbled one raises and changes nothing."""
    verdicts, transactions = read_answer(answer, frozen)
    with explained(), workspace.unit_of_work(reason="同步") as uow:
        connection = uow.session.connection()
        if not _is_current(connection, link):
            return Settled(more=True)
        if answer.status is Status.BEHIND:
            go_back(connection, workspace.village, link, answer)
            uow.commit()
            return Settled(more=True)
        if answer.status is Status.FORK:
            begin_again(connection, workspace.village, link, answer)
            uow.commit()
            return Settled(more=True)
        settled = _Settler(connection, workspace, link, answer).run(frozen, verdicts, transactions)
        uow.commit()
    newest = max((one.clock for one in transactions), default=0)
    workspace.hybrid_clock.observe(min(max(newest, answer.time << 16), (1 << 62) - 1))
    return settled


def carry_out_deferred(workspace: Workspace) -> None:
    """After an upgrade, before anything else is pulled: what waited for it, in the county's order."""
    with explained(), workspace.unit_of_work(reason="升级") as uow:
        connection = uow.session.connection()
        link = state.read_link(connection)
        if link is None or not is_due(connection):
            return
        transactions = take_all(connection)
        first = min(operation.number for one in transactions for operation in one.operations)
        answer = SyncAnswer(
            status=Status.DONE,
            incarnation=link.incarnation,
            acked_seq=link.acked_seq,
            cursor=link.cursor,
            more=False,
            may_post=False,
            epoch=0,
            time=int(workspace.clock.now().timestamp() * 1000),
            root=b"",
        )
        _Settler(connection, workspace, replace(link, cursor=first - 1), answer).carry_out(transactions)
        uow.commit()


def _is_current(connection: Connection, link: state.CountyLink) -> bool:
    """Another program may have exchanged meanwhile; then this answer is to a question of yesterday."""
    now = state.read_link(connection)
    return now is not None and now.is_same_place(link)


class _Settler:
    def __init__(
        self, connection: Connection, workspace: Workspace, link: state.CountyLink, answer: SyncAnswer
    ) -> None:
        self._connection = connection
        self._workspace = workspace
        self._link = link
        self._answer = answer
        self._rows = RowWriter(connection, workspace.village)
        self._awaited = AwaitedReferences(connection, self._rows)
        self._deferral = Deferral(connection)
        self._acked = link.acked_seq

    def run(
        self, frozen: FrozenBatch | None, verdicts: BatchAnswer | None, transactions: tuple[Transaction, ...]
    ) -> Settled:
        held = 0
        if frozen is not None and verdicts is not None:
            self._acknowledge(frozen, verdicts)
            held = self._follow(verdicts)
        received = self._apply(transactions)
        self._awaited.keep(more=self._answer.more)
        self._set_context(actor="", reason="", origin=0, clock=0)
        self._write_state()
        refresh_digests(self._connection, self._workspace.village, extra=self._rows.touched)
        waiting = count_waiting(self._connection, self._acked)
        more = self._answer.more or waiting > 0
        deferred = count_deferred(self._connection)
        equal = None if more else self._prove(nothing_waits=deferred == 0)
        sent = frozen.last_seq - frozen.first_seq + 1 if frozen else 0
        return Settled(
            sent=sent,
            received=received,
            held=held,
            more=more,
            equal=equal,
            deferred=deferred,
            comparable=deferred == 0 and self._answer.schema in (0, SCHEMA_VERSION),
        )

    def carry_out(self, transactions: tuple[Transaction, ...]) -> None:
        """Operations that waited for this program, by the way of all others; what still means nothing waits on."""
        sound: list[Transaction] = []
        for transaction in transactions:
            try:
                sound.append(checked_transaction(transaction, newer=True))
            except words.GarbledError:
                self._deferral.keep(transaction)
        self._apply(tuple(sound))
        self._set_context(actor="", reason="", origin=0, clock=0)
        refresh_digests(self._connection, self._workspace.village, extra=self._rows.touched)

    def _acknowledge(self, frozen: FrozenBatch, verdicts: BatchAnswer) -> None:
        kept = find_frozen(self._connection)
        if kept is not None and kept.hash == frozen.hash:
            let_go(self._connection, last_seq=frozen.last_seq)
        ends = [first_seq - 1 for first_seq, _ in verdicts.segments[1:]] + [frozen.last_seq]
        rows = [
            {
                "incarnation": frozen.incarnation,
                "first_seq": first_seq,
                "last_seq": last_seq,
                "hash": frozen.hash.hex(),
                "first_vseq": first_number,
                "answered_at": stamp(self._workspace.clock),
            }
            for (first_seq, first_number), last_seq in zip(verdicts.segments, ends, strict=True)
        ]
        self._connection.execute(insert(sent_batch), rows)
        self._acked = frozen.last_seq
        state.write_state(self._connection, {state.ACKED_SEQ: str(frozen.last_seq), state.HEAD: frozen.hash.hex()})

    def _follow(self, verdicts: BatchAnswer) -> int:
        """Bring rows to what stands at the county, except where a newer change of ours is still on its way."""
        entries = {one.seq: one for one in verdicts.verdicts}
        if not entries:
            return 0
        pending = read_pending(self._connection, acked_seq=self._acked, cursor=(1 << 62) - 1)
        self._set_context(actor="0" * 32, reason=_STANDS_REASON, origin=COUNTY_ORIGIN, clock=self._answer.time << 16)
        for seq, table, row_id, op in self._own_entries(entries):
            self._follow_one(self._known_part(entries[seq], (table, row_id), verdicts), (table, row_id), op, pending)
        self._rows.flush()
        return sum(one.verdict is Verdict.HELD for one in entries.values())

    def _follow_one(self, entry: VerdictEntry, row: RowKey, op: str, pending: PendingChanges) -> None:
        if entry.verdict is Verdict.HELD and op == Kind.INSERT and not entry.stands:
            if entry.gone:
                self._rows.leave_out(row)
            else:
                self._hold_back(row)
            return
        if entry.gone:
            self._rows.delete(row)
        elif entry.stands:
            try:
                standing = checked_operation(Operation(entry.seq, Kind.UPDATE, *row, entry.stands)).values
            except MalformedValueError as error:
                raise words.garbled() from error
            if entry.whole_row:
                self._rows.insert(row, standing)
            else:
                free = {name: value for name, value in standing.items() if not pending.protects(row, name, 0)}
                self._rows.update(row, self._awaited.put_off(row, free))

    def _known_part(self, entry: VerdictEntry, row: RowKey, verdicts: BatchAnswer) -> VerdictEntry:
        """The verdict without columns that only a newer county knows; these are kept under the operation's number."""
        now, later = divide(Operation(0, Kind.UPDATE, *row, entry.stands))
        if later is None:
            return entry
        if self._answer.schema <= SCHEMA_VERSION:
            raise words.garbled()
        first_seq, first_number = max(one for one in verdicts.segments if one[0] <= entry.seq)
        kept = replace(later, number=first_number + entry.seq - first_seq)
        self._deferral.keep_standing(kept, self._answer, reason=_STANDS_REASON)
        return VerdictEntry(
            entry.seq, entry.verdict, dict(now.values) if now is not None else {}, entry.whole_row, entry.gone
        )

    def _own_entries(self, seqs: Iterable[int]) -> list[tuple[int, str, UUID, str]]:
        column = change_log.c
        wanted = sorted(seqs)
        found: list[tuple[int, str, UUID, str]] = []
        for start in range(0, len(wanted), 500):
            query = (
                select(column.device_seq, column.table_name, column.row_id, column.op)
                .where(column.device_seq.in_(wanted[start : start + 500]))
                .order_by(column.device_seq)
            )
            found += [(row[0], row[1], UUID(row[2]), row[3]) for row in self._connection.execute(query)]
        return found

    def _hold_back(self, row: RowKey) -> None:
        known = held_rows(self._connection)
        if row[1] not in known.get(row[0], ()):
            self._connection.execute(insert(held_row).values(table_name=row[0], row_id=row[1]))
        self._rows.touched.add(row)

    def _apply(self, transactions: tuple[Transaction, ...]) -> int:
        if not transactions:
            return 0
        since = self._link.cursor if self._answer.since < 0 else self._answer.since
        pending = read_pending(self._connection, acked_seq=self._acked, cursor=since)
        self._awaited.release(pending)
        self._rows.preload(operation.row for one in transactions for operation in one.operations)
        received = 0
        for whole in transactions:
            transaction = self._deferral.part(whole)
            self._set_context(
                actor=transaction.actor.hex,
                reason=transaction.reason,
                origin=transaction.origin,
                clock=transaction.clock,
                base=self._answer.cursor,
                schema=transaction.schema,
            )
            for operation in transaction.operations:
                received += operation.kind is not Kind.LOST
                self._apply_one(transaction, operation, pending)
            self._rows.flush()
        return received

    def _apply_one(self, transaction: Transaction, operation: Operation, pending: PendingChanges) -> None:
        row, number = operation.row, operation.number
        if operation.kind is Kind.LOST:
            self._note(transaction, operation, operation.values)
            return
        if operation.kind is Kind.DELETE:
            if not pending.touches(row, number):
                self._rows.leave_out(row)
            return
        if operation.kind is Kind.INSERT and not self._rows.exists(row):
            if not pending.touches(row, number):
                self._rows.insert(row, operation.values)
            return
        if operation.kind is Kind.INSERT:
            self._rows.release(row)
        free = {name: value for name, value in operation.values.items() if not pending.protects(row, name, number)}
        self._rows.update(row, free)
        if operation.kind is Kind.UPDATE and len(free) < len(operation.values):
            kept_out = {name: value for name, value in operation.values.items() if name not in free}
            self._note(transaction, operation, kept_out)

    def _note(self, transaction: Transaction, operation: Operation, values: Mapping[str, object]) -> None:
        """Values that did not become the row's go into its history all the same."""
        self._rows.flush()
        plain = {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}
        self._connection.execute(
            insert(change_log).values(
                device_seq=None,
                tx=select(change_context.c.tx).scalar_subquery(),
                clock=transaction.clock,
                actor=transaction.actor.hex,
                reason=transaction.reason,
                table_name=operation.table,
                row_id=operation.row_id.hex,
                op="U",
                new=json.dumps(plain, ensure_ascii=False),
                old=None,
                base=self._answer.cursor,
                origin=transaction.origin,
                schema=transaction.schema,
            )
        )

    def _set_context(
        self, *, actor: str, reason: str, origin: int, clock: int, base: int | None = None, schema: int = SCHEMA_VERSION
    ) -> None:
        known = self._answer.cursor if base is None else base
        self._connection.exec_driver_sql(_IN_THE_NAME_OF, (actor, reason, known, origin, clock, schema))

    def _write_state(self) -> None:
        now = int(self._workspace.clock.now().timestamp())
        skew = now - self._answer.time // 1000
        go_on_from(self._connection, self._link, self._answer)
        state.write_state(
            self._connection,
            {
                SKEW_SECONDS: str(skew) if abs(skew) > _SKEW_WORTH_TELLING else "0",
                KNOWN_DAY: day_told(skew, self._workspace.clock),
                state.RESTORED: "0",
                state.DURABLE_SEQ: str(min(self._answer.durable_seq, self._acked)),
            }
            | state.confirmed_identity(self._link, self._answer.identity),
        )
        arrived = any(table == "seat" for table, _ in self._rows.touched)
        refresh_rights(self._connection, self._workspace, arrived=arrived, told=self._answer.may_post)

    def _prove(self, *, nothing_waits: bool) -> bool:
        root = kept_root(self._connection, self._workspace.village)
        equal = root == self._answer.root and nothing_waits
        note_equality(self._connection, self._workspace.clock, equal=equal)
        village, clock = self._workspace.village, self._workspace.clock
        keep_receipt(self._connection, self._link, self._answer, village=village, root=root, clock=clock)
        return equal
