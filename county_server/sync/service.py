"""One turn of the exchange at the county: a batch in, everything of others out, in one transaction."""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, bindparam, select, update

from county_server.auth.devices import KnownDevice
from county_server.auth.identity import load_keys
from county_server.auth.people import keep_person
from county_server.auth.seats import NO_SEATS, keep_seats, renew_seats
from county_server.auth.signed import Signed, finder, read_signed, sender_now
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.sync.arriving import read_batch
from county_server.sync.chains import (
    Chain,
    begin_chain,
    extend_chain,
    find_chain,
    may_repeat,
    newest_incarnation,
    settled_answer,
)
from county_server.sync.durable import durable_seq
from county_server.sync.epochs import STEP, age_since, in_bounds, raise_epoch
from county_server.sync.heads import ended_before, was_head
from county_server.sync.journal_heads import keep_journal_head
from county_server.sync.kept import keep_if_large
from county_server.sync.known import load_known
from county_server.sync.lost import carry_out_found, is_recovering
from county_server.sync.milestones import last_common, mark_at
from county_server.sync.newer import LOST, keep_waiting
from county_server.sync.parts import find_named_batch, forget_parts
from county_server.sync.queries import OperationsAfter, read_operations_after
from county_server.sync.receipts import give_receipt
from county_server.sync.refused import keep_refused
from county_server.sync.snapshots import FAR_BEHIND, instead_of_operations
from county_server.sync.store import store_plan, verdicts_of
from county_server.tables import county_digests, device, village
from village_core.domain.clock import Clock, stamp
from village_core.exchange import digests
from village_core.exchange.batches import Batch
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.codec import compress, encode_transactions
from village_core.exchange.messages import (
    HEAD_BYTES,
    PROTOCOL,
    BatchAnswer,
    ProblemKind,
    Status,
    SyncAnswer,
    SyncRequest,
    Want,
    encode,
)
from village_core.exchange.milestones import unpack_milestones
from village_core.exchange.plan import Arrival
from village_core.exchange.planner import plan_batch

_LEAD = 10 * 366 * 86_400
"""Epochs are counted in seconds since 1970, the village's numbers in steps of them. Who tells of later ones tells a
tale; believed, it would drive the counter beyond what anybody can write."""
DEFAULT_DOWN_LIMIT = 1_500_000
"""Plain bytes of operations in one answer, about 150 KB compressed; whole transactions only."""


# Built once, since every turn asks them.
_OF_VILLAGE = village.c.code == bindparam("of")
_LOCKED_VILLAGE = (
    select(village.c.counter, village.c.epoch, village.c.log_kept_after).where(_OF_VILLAGE).with_for_update()
)
_VILLAGE_NOW = select(village.c.counter, village.c.log_kept_after).where(_OF_VILLAGE)
_TOUCH_DEVICE = update(device).where(device.c.number == bindparam("who")).values(last_seen_at=bindparam("now"))


def exchange(
    engine: Engine,
    body: bytes,
    *,
    clock: Clock,
    down_limit: int = DEFAULT_DOWN_LIMIT,
    far: int = FAR_BEHIND,
    signed: Signed[SyncRequest] | None = None,
) -> SyncAnswer:
    """Carry out one request. Raises `RequestRefusedError`; then nothing was changed, but what came is kept.

    A laptop that is `far` numbers behind is offered a snapshot, if it can take one. `signed`: the body, where its
    signature was checked already.
    """
    asked = signed or read_signed(body, SyncRequest, find=finder(engine))
    request = asked.message
    if not in_bounds(request):
        raise RequestRefusedError(400, ProblemKind.DAMAGED)
    if request.protocol != PROTOCOL:
        raise RequestRefusedError(400, ProblemKind.OLD_SCHEMA)
    sender = asked.sender
    if signed is not None:
        with engine.connect() as connection:
            sender = sender_now(connection, signed)
    if request.batch_hash and not request.batch:
        request = replace(request, batch=find_named_batch(engine, sender, request))
    if sender.revoked:
        keep_refused(engine, sender, request, clock=clock)
        raise RequestRefusedError(403, ProblemKind.REVOKED)
    arriving = read_batch(engine, sender, request, clock=clock)
    with writing(engine) as connection:
        answer = _Turn(connection, sender, request, clock=clock, far=far).run(arriving, down_limit=down_limit)
        if request.journal and answer.status is Status.DONE:
            answer = replace(answer, journal=keep_journal_head(connection, sender, request, clock=clock))
        if request.batch_hash and answer.status is not Status.BEHIND:
            forget_parts(connection, sender, request.batch_hash)
        return keep_if_large(connection, sender, answer, room=request.room, clock=clock)


class _Turn:
    def __init__(
        self, connection: Connection, sender: KnownDevice, request: SyncRequest, *, clock: Clock, far: int
    ) -> None:
        self._connection = connection
        self._far = far
        self._sender = sender
        self._request = request
        self._clock = clock
        self._received = int(clock.now().timestamp() * 1000)
        self._rights = NO_SEATS
        self._since = -1

    def run(self, arriving: Batch | None, *, down_limit: int) -> SyncAnswer:
        code = self._sender.village
        row = self._connection.execute(_LOCKED_VILLAGE, {"of": code}).one()
        self._epoch, self._kept_after = row.epoch, row.log_kept_after
        self._touch_device()
        if self._request.milestones:
            self._go_on_from_common(counter=row.counter)
        request = self._request
        chain = self._chain()
        if chain is None or self._is_behind(chain, arriving, counter=row.counter):
            return self._behind(chain, counter=row.counter)
        self._rights, counter = keep_seats(
            self._connection, code, self._sender.number, clock=self._clock, counter=row.counter
        )
        answer = b""
        by_file = bool(request.want & Want.BY_FILE)
        if arriving is None:
            newest = request.acked_seq == chain.last_seq and request.head == chain.head[:HEAD_BYTES]
            if not (newest or (by_file and was_head(self._connection, self._sender, request))):
                return self._fork()
        else:
            settled = self._settled(arriving)
            if settled is not None and arriving.last_seq < chain.last_seq and not by_file:
                return self._fork()
            if settled is None and (arriving.first_seq <= chain.last_seq or arriving.previous != chain.head):
                return self._fork()
            if settled is not None:
                answer = settled
            else:
                answer = self._accept(arriving, counter=counter)
                chain = extend_chain(
                    self._connection, self._sender, request, arriving, answer=answer, clock=self._clock
                )
        renew_seats(self._connection, code, self._sender.number, clock=self._clock)
        keep_person(self._connection, code, self._sender.number, clock=self._clock)
        return self._with_operations(answer, chain, down_limit=down_limit)

    def _go_on_from_common(self, *, counter: int) -> None:
        """A laptop that a restored county sent back asks from where both know the same."""
        self._since = last_common(
            self._connection,
            self._sender.village,
            unpack_milestones(self._request.milestones) or (),
            counter=counter,
            kept_after=self._kept_after,
        )
        self._request = replace(self._request, cursor=self._since, mark=b"")

    def _mark_at(self, number: int) -> bytes | None:
        return mark_at(self._connection, self._sender.village, number, kept_after=self._kept_after)

    def _is_elsewhere(self, *, counter: int) -> bool:
        """Whether another operation stands at the laptop's cursor than when it was told."""
        request = self._request
        if not request.mark or request.cursor > counter:
            return False
        mark = self._mark_at(request.cursor)
        return mark is not None and mark != request.mark

    def _is_behind(self, chain: Chain, arriving: Batch | None, *, counter: int) -> bool:
        """Whether the laptop remembers more than is here, or does not know yet that much was lost once."""
        request = self._request
        knows_more = request.cursor > counter or request.acked_seq > chain.last_seq or request.epoch > self._epoch
        gap = arriving is not None and arriving.first_seq > chain.last_seq + 1 and self._settled(arriving) is None
        return knows_more or gap or 0 < request.epoch < self._epoch or self._is_elsewhere(counter=counter)

    def _behind(self, chain: Chain | None, *, counter: int) -> SyncAnswer:
        """This database was restored from a backup. The laptop goes back to what is still here and sends the rest."""
        code, request = self._sender.village, self._request
        elsewhere = request.epoch >= self._epoch and self._is_elsewhere(counter=counter)
        if not request.epoch or (request.want & Want.BY_FILE and request.epoch >= self._epoch and not elsewhere):
            # A file may simply come too early, and an older program would be told of a new epoch for ever.
            return self._answer(Status.BEHIND, acked=chain.last_seq if chain else 0, cursor=counter)
        if request.epoch >= self._epoch:
            latest = max(self._received // 1000, self._epoch) + _LEAD
            if request.epoch > latest or request.cursor > latest * STEP:
                raise RequestRefusedError(400, ProblemKind.DAMAGED)
            self._epoch = raise_epoch(
                self._connection,
                code,
                clock=self._clock,
                seen=request.cursor,
                remembered=request.epoch,
                found_out=True,
            )
        kept = min(age_since(self._connection, code, request.epoch).kept, request.cursor)
        if chain is not None:
            # What came since the restore may be of another machine that came from the same disk.
            shared = ended_before(self._connection, self._sender, request)
            return self._answer(Status.BEHIND, acked=min(shared, request.acked_seq), cursor=kept)
        incarnation = max(newest_incarnation(self._connection, self._sender), request.incarnation) + 1
        self._begin_chain(incarnation, last_seq=0)
        return self._answer(Status.BEHIND, acked=0, cursor=kept, incarnation=incarnation)

    def _chain(self) -> Chain | None:
        """The history under this incarnation. The first one is begun by the first contact."""
        request = self._request
        chain = find_chain(self._connection, self._sender, request.incarnation)
        if chain is None and request.incarnation == 1 and request.acked_seq == 0:
            return self._begin_chain(1, last_seq=0)
        return chain

    def _begin_chain(self, incarnation: int, *, last_seq: int) -> Chain:
        return begin_chain(self._connection, self._sender, incarnation, last_seq=last_seq, clock=self._clock)

    def _fork(self) -> SyncAnswer:
        """Another history than ours: it goes on under a new incarnation from where it says it was confirmed, if that
        was a head of this history once; otherwise, as a restored county may find, from the beginning.

        Operations that came before under the old one are recognised by their fingerprints when they come again.
        """
        request = self._request
        known = not request.epoch or request.want & Want.BY_FILE or was_head(self._connection, self._sender, request)
        acked = request.acked_seq if known else 0
        incarnation = newest_incarnation(self._connection, self._sender) + 1
        self._begin_chain(incarnation, last_seq=acked)
        return self._answer(Status.FORK, acked=acked, cursor=request.cursor, incarnation=incarnation)

    def _settled(self, arriving: Batch) -> bytes | None:
        return settled_answer(self._connection, self._sender, self._request, arriving)

    def _accept(self, arriving: Batch, *, counter: int) -> bytes:
        sender = self._sender
        # A lease that was lent after the backup is not known here any more: what was done under it still counts.
        recovering = self._epoch > 1 and is_recovering(self._connection, sender.village, clock=self._clock)
        if self._epoch > 1 and not recovering:
            counter = self._give_up_waiting(counter)
        arrival = Arrival(
            village=sender.village,
            device=sender.number,
            incarnation=arriving.incarnation,
            first_number=counter + 1,
            received=self._received << 16,
            may_post=self._rights.may_post or recovering,
            alone_until=sender.alone_until,
            had_posting=self._rights.had_posting,
            had_granting=self._rights.had_granting or recovering,
        )
        repeats = self._epoch > 1 or may_repeat(self._connection, sender, arriving)
        known = load_known(self._connection, sender.village, arriving.transactions, may_repeat=repeats)
        known.recovering = recovering
        plan = plan_batch(arrival, arriving.transactions, known)
        store_plan(self._connection, arrival, plan, arriving)
        keep_waiting(self._connection, arrival, plan.waiting)
        keep_waiting(self._connection, arrival, plan.lost, schema=LOST)
        if recovering:
            carry_out_found(self._connection, sender.village, clock=self._clock)
        return encode(BatchAnswer([(one.first_seq, one.first_number) for one in plan.segments], verdicts_of(plan)))

    def _give_up_waiting(self, counter: int) -> int:
        """What waited for rows that never came is decided first: a batch must not be told that it depends on it."""
        if carry_out_found(self._connection, self._sender.village, clock=self._clock, recovering=False):
            counter = self._connection.execute(_VILLAGE_NOW, {"of": self._sender.village}).one().counter
        return counter

    def _with_operations(self, answer: bytes, chain: Chain, *, down_limit: int) -> SyncAnswer:
        code, request = self._sender.village, self._request
        now = self._connection.execute(_VILLAGE_NOW, {"of": code}).one()
        offer = instead_of_operations(
            self._connection,
            code,
            request,
            counter=now.counter,
            kept_after=now.log_kept_after,
            clock=self._clock,
            far=self._far,
        )
        if offer is not None or (request.batch and request.want & Want.BY_FILE):
            found = OperationsAfter((), request.cursor, more=True)
        else:
            found = read_operations_after(
                self._connection,
                code,
                cursor=request.cursor,
                counter=now.counter,
                device=self._sender.number,
                incarnation=request.incarnation,
                limit=down_limit,
            )
        root = digests.root_of(digests.table_digests(self._connection, county_digests, village=code))
        return self._answer(
            Status.DONE,
            acked=chain.last_seq,
            cursor=found.cursor,
            mark=self._new_mark(found.cursor),
            more=found.more,
            snapshot=offer or 0,
            root=root,
            batch=answer,
            operations=compress(encode_transactions(found.transactions)) if found.transactions else b"",
            receipt=self._receipt(chain.last_seq, now.counter, root) if self._is_receipt_due(answer, found) else b"",
        )

    def _new_mark(self, cursor: int) -> bytes:
        """What the laptop keeps with its new cursor."""
        told = cursor == self._request.cursor and self._request.mark
        return b"" if told else self._mark_at(cursor) or b""

    def _is_receipt_due(self, answer: bytes, found: OperationsAfter) -> bool:
        """An exchange in which nothing moves stays short."""
        moved = bool(answer or found.transactions) and not found.more
        return moved or bool(self._request.want & Want.RECEIPT)

    def _receipt(self, acked_seq: int, counter: int, root: bytes) -> bytes:
        return give_receipt(
            self._connection,
            village=self._sender.village,
            device=self._sender.number,
            incarnation=self._request.incarnation,
            acked_seq=acked_seq,
            number=counter,
            root=root,
            epoch=self._epoch,
            clock=self._clock,
        )

    def _answer(
        self,
        status: Status,
        *,
        acked: int,
        cursor: int,
        incarnation: int | None = None,
        more: bool = False,
        root: bytes = b"",
        batch: bytes = b"",
        operations: bytes = b"",
        receipt: bytes = b"",
        snapshot: int = 0,
        mark: bytes = b"",
    ) -> SyncAnswer:
        return SyncAnswer(
            status=status,
            incarnation=self._request.incarnation if incarnation is None else incarnation,
            acked_seq=acked,
            cursor=cursor,
            more=more,
            may_post=self._rights.may_post,
            epoch=self._epoch,
            time=self._received,
            root=root,
            batch=batch,
            operations=operations,
            durable_seq=durable_seq(
                self._connection,
                village=self._sender.village,
                device=self._sender.number,
                incarnation=self._request.incarnation if incarnation is None else incarnation,
                acked_seq=acked,
            ),
            receipt=receipt,
            identity=self._identity(),
            snapshot=snapshot,
            schema=SCHEMA_VERSION,
            mark=mark,
            since=self._since,
        )

    def _identity(self) -> bytes:
        if not self._request.want & Want.IDENTITY:
            return b""
        return encode(load_keys(self._connection).public)

    def _touch_device(self) -> None:
        self._connection.execute(_TOUCH_DEVICE, {"who": self._sender.number, "now": stamp(self._clock)})
