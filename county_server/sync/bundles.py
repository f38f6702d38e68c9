"""What comes by stick goes through the very exchange of the line: once, in order, and answered as often as asked.

A part is read to its end and checked before a byte of it is used. One that continues something that has not come yet
is kept, and is carried out when that has come, by stick or by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, insert, select, update

from county_server.auth.devices import KnownDevice, find_device
from county_server.auth.identity import CountyKeys, load_keys
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.sync import bundle_words
from county_server.sync.blobs import keep_content
from county_server.sync.service import exchange
from county_server.sync.snapshots import is_behind_log
from county_server.tables import batch as batch_table
from county_server.tables import bundle_part
from village_core.domain.clock import Clock, stamp
from village_core.exchange.batches import hash_of
from village_core.exchange.bundle import (
    Header,
    Kind,
    Part,
    bundle_code,
    open_part,
    pack_messages,
    read_contents,
    unpack_messages,
)
from village_core.exchange.bundle_frames import BundleError, Fault, Source
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.merge import Verdict
from village_core.exchange.messages import (
    BatchAnswer,
    ProblemKind,
    Status,
    SyncAnswer,
    SyncRequest,
    Want,
    decode,
    encode,
    split_request,
)

_APPLYING_LIMIT = 1


class State(Enum):
    """What became of a part, as the database keeps it."""

    WAITING = "waiting"
    DONE = "done"
    FORK = "fork"
    REVOKED = "revoked"


@dataclass(frozen=True)
class BundleName:
    """One journey of a stick."""

    village: str
    device: int
    bundle: bytes

    @property
    def code(self) -> str:
        return bundle_code(self.bundle)


@dataclass(frozen=True)
class PartReport:
    """What one file brought. `applied` and `held` count what was carried out now; a repeated file has none."""

    file: str
    name: BundleName
    part: int
    parts: int
    operations: int
    state: State
    applied: int = 0
    held: int = 0
    contents: int = 0
    words: str = ""


@dataclass
class _Count:
    applied: int = 0
    held: int = 0


def read_bundle(engine: Engine, file: Path, *, clock: Clock) -> list[PartReport]:
    """Take in one file, and what waited for it. The first report is that of the file itself.

    Raises `RefusedError` for a file that is not taken; then nothing was changed.
    """
    with engine.connect() as connection:
        keys = load_keys(connection)
    try:
        with file.open("rb") as source:
            return _read(engine, file.name, source, keys=keys, clock=clock)
    except BundleError as error:
        raise bundle_words.explain_fault(error.fault, file.name) from error
    except OSError as error:
        raise bundle_words.unreadable(file.name, error) from error


def _read(engine: Engine, file: str, source: Source, *, keys: CountyKeys, clock: Clock) -> list[PartReport]:
    part = open_part(source, Kind.TO_COUNTY, keys.age_secret)
    header = part.header
    sender = _sender_of(engine, part, keys)
    name = BundleName(header.village, header.device, header.bundle)
    requests = part.messages
    _check_requests(header, requests)
    report = PartReport(file, name, header.part, header.parts, header.operations, State.WAITING)
    if sender.revoked:
        _carry_out(engine, requests, _Count(), clock=clock)
        _remember_stopped(engine, name, header, clock=clock)
        words = bundle_words.revoked(header.device, header.operations)
        return [replace(report, state=State.REVOKED, words=words)]
    known = _remember(engine, name, header, requests, clock=clock)
    reports = [_settle_part(engine, report, clock=clock, repeated=known)]
    if reports[0].state is State.DONE:
        reports += _settle_waiting(engine, name, clock=clock)
    contents = _keep_contents(engine, sender, source, header, keys=keys, clock=clock)
    return [replace(reports[0], contents=contents), *reports[1:]]


def _sender_of(engine: Engine, part: Part, keys: CountyKeys) -> KnownDevice:
    """The device that signed the part for this county."""
    try:
        with engine.connect() as connection:
            sender = find_device(connection, part.header.device)
    except RequestRefusedError as error:
        raise BundleError(Fault.FORGED) from error
    ours = keys.public.recipient.split()[0] in part.header.recipients
    if not ours or sender.village != part.header.village or not part.is_signed_by(sender.key):
        raise BundleError(Fault.FORGED)
    return sender


def _keep_contents(
    engine: Engine, sender: KnownDevice, source: Source, header: Header, *, keys: CountyKeys, clock: Clock
) -> int:
    """Contents come behind the operations. Returns how many were kept or known."""
    kept: list[str] = []

    def take(sha256: str, content: bytes) -> None:
        try:
            keep_content(engine, sender, sha256, content=content, clock=clock)
        except RequestRefusedError as error:
            if error.problem.kind is ProblemKind.DAMAGED:
                raise BundleError(Fault.DAMAGED) from error
            raise bundle_words.contents_not_taken(error.problem) from error
        kept.append(sha256)

    if header.contents:
        read_contents(source, keys.age_secret, take=take)
    return len(kept)


def _check_requests(header: Header, requests: Sequence[bytes]) -> None:
    for body in requests:
        try:
            request, _, _ = split_request(body, SyncRequest)
        except DamagedMessageError as error:
            raise BundleError(Fault.DAMAGED) from error
        if (request.device, request.incarnation) != (header.device, header.incarnation):
            raise BundleError(Fault.FORGED)


def _remember(engine: Engine, name: BundleName, header: Header, requests: Sequence[bytes], *, clock: Clock) -> bool:
    """Keep the part's requests until they are carried out and answered. Whether it was carried out before."""
    with writing(engine) as connection:
        row = connection.execute(select(bundle_part).where(*_place(name, header.part))).first()
        if row is not None:
            if row.requests is None:
                place = _place(name, header.part)
                connection.execute(update(bundle_part).where(*place).values(requests=pack_messages(requests)))
            return bool(row.state != State.WAITING.value)
        _keep_part(connection, name, header, State.WAITING, clock=clock, requests=requests)
    return False


def _remember_stopped(engine: Engine, name: BundleName, header: Header, *, clock: Clock) -> None:
    """Of a device that is stopped only the newest file, for whose reader the way back is locked."""
    column = bundle_part.c
    of_device = (column.village == name.village, column.device == name.device)
    with writing(engine) as connection:
        connection.execute(delete(bundle_part).where(*of_device, column.state == State.REVOKED.value))
        if connection.execute(select(bundle_part.c.part).where(*_place(name, header.part))).first() is None:
            _keep_part(connection, name, header, State.REVOKED, clock=clock, requests=[])


def _keep_part(
    connection: Connection, name: BundleName, header: Header, state: State, *, clock: Clock, requests: Sequence[bytes]
) -> None:
    connection.execute(
        insert(bundle_part).values(
            village=name.village,
            bundle=UUID(bytes=name.bundle),
            part=header.part,
            parts=header.parts,
            device=name.device,
            incarnation=header.incarnation,
            first_seq=header.first_seq,
            last_seq=_end_of(requests),
            reply_to=header.reply_to,
            contents=msgspec.msgpack.encode([[sha256 for sha256, _ in header.contents], header.wanted]),
            state=state.value,
            requests=pack_messages(requests),
            received_at=stamp(clock),
        )
    )


def _end_of(requests: Sequence[bytes]) -> int:
    """Up to which operation the device's history goes with this part."""
    return max((split_request(body, SyncRequest)[0].acked_seq for body in requests), default=0)


def _settle_part(engine: Engine, report: PartReport, *, clock: Clock, repeated: bool = False) -> PartReport:
    """Carry out one remembered part."""
    name, count = report.name, _Count()
    place = _place(name, report.part)
    with engine.connect() as connection:
        row = connection.execute(select(bundle_part).where(*place)).one()
    if row.state == State.FORK.value:
        earlier = decode(row.fork_answer, SyncAnswer)
        return replace(report, state=State.FORK, words=_other_history_words(name.device, earlier))
    try:
        answers = _carry_out(engine, unpack_messages(row.requests), count, clock=clock)
    except RequestRefusedError as refusal:
        if refusal.problem.kind is ProblemKind.NEWER_SCHEMA:
            return replace(report, words=bundle_words.NEWER_PROGRAM)
        with writing(engine) as connection:
            connection.execute(delete(bundle_part).where(*place))
        raise BundleError(Fault.FORGED) from refusal
    last = answers[-1] if answers else None
    first = _first_request(row)
    if first is not None and last is not None and last.status is Status.BEHIND and not last.epoch > first.epoch > 0:
        words = _waiting_words(engine, row, first=first, answer=last)
        return replace(report, words=words, applied=count.applied, held=count.held)
    state = State.FORK if last is not None and last.status in (Status.FORK, Status.BEHIND) else State.DONE
    with writing(engine) as connection:
        fork = encode(last) if last is not None and state is State.FORK else None
        connection.execute(update(bundle_part).where(*place).values(state=state.value, fork_answer=fork))
        if state is State.DONE:
            _forget_older(connection, row)
    if last is not None and state is State.FORK:
        words = _other_history_words(name.device, last)
    else:
        words = bundle_words.done(count.applied, count.held, repeated=repeated)
        words += _behind_words(engine, name, first)
    return replace(report, state=state, applied=count.applied, held=count.held, words=words)


def _settle_waiting(engine: Engine, name: BundleName, *, clock: Clock) -> list[PartReport]:
    """Parts of this device that waited for what has come now, one after the other."""
    column = bundle_part.c
    query = (
        select(bundle_part)
        .where(column.village == name.village, column.device == name.device, column.state == State.WAITING.value)
        .order_by(column.incarnation, column.last_seq, column.part)
    )
    settled: list[PartReport] = []
    while True:
        with engine.connect() as connection:
            rows = connection.execute(query).all()
        before = len(settled)
        for row in rows:
            waiting = BundleName(row.village, row.device, row.bundle.bytes)
            report = PartReport("", waiting, row.part, row.parts, 0, State.WAITING)
            report = _settle_part(engine, report, clock=clock)
            if report.state is not State.WAITING:
                operations = max(row.last_seq - row.first_seq + 1, 0) if row.first_seq else 0
                outcome = report.words if report.state is State.FORK else f"也办了，生效 {report.applied} 条。"
                words = bundle_words.waited(waiting.device, waiting.code, row.part, parts=row.parts, outcome=outcome)
                settled.append(replace(report, operations=operations, words=words))
        if len(settled) == before:
            return settled


def _carry_out(engine: Engine, requests: Sequence[bytes], count: _Count, *, clock: Clock) -> list[SyncAnswer]:
    """The exchange for each request, up to the first that does not go on."""
    answers: list[SyncAnswer] = []
    refusal: RequestRefusedError | None = None
    for body in requests:
        request, _, _ = split_request(body, SyncRequest)
        if answers and not request.batch:
            continue  # what others did is looked up when the answer is written
        new = bool(request.batch) and not _is_known(engine, request)
        try:
            answer = exchange(engine, body, clock=clock, down_limit=_APPLYING_LIMIT)
        except RequestRefusedError as error:
            if error.problem.kind is not ProblemKind.REVOKED:
                raise
            refusal = error
            continue
        answers.append(answer)
        if answer.status is not Status.DONE:
            return answers
        if new:
            _count(answer, count)
    return [] if refusal is not None else answers


def _is_known(engine: Engine, request: SyncRequest) -> bool:
    column = batch_table.c
    query = select(column.first_seq).where(
        column.device == request.device,
        column.incarnation == request.incarnation,
        column.hash == hash_of(request.batch),
    )
    with engine.connect() as connection:
        return connection.scalar(query) is not None


def _count(answer: SyncAnswer, count: _Count) -> None:
    verdicts = decode(answer.batch, BatchAnswer)
    held = sum(one.verdict is Verdict.HELD for one in verdicts.verdicts)
    count.held += held
    count.applied += answer.acked_seq - verdicts.segments[0][0] + 1 - held


def _forget_older(connection: Connection, row: Row[Any]) -> None:
    """Only the newest journey of a device can still be asked about; its requests hold all that is unconfirmed."""
    column = bundle_part.c
    connection.execute(
        update(bundle_part)
        .where(
            column.village == row.village,
            column.device == row.device,
            column.bundle != row.bundle,
            column.state == State.DONE.value,
            column.last_seq <= row.last_seq,
        )
        .values(requests=None)
    )


def _place(name: BundleName, part: int) -> tuple[ColumnElement[bool], ...]:
    column = bundle_part.c
    return (column.village == name.village, column.bundle == UUID(bytes=name.bundle), column.part == part)


def _first_request(row: Row[Any]) -> SyncRequest | None:
    """None for a part that carries contents only."""
    messages = unpack_messages(row.requests)
    return split_request(messages[0], SyncRequest)[0] if messages else None


def _other_history_words(device: int, answer: SyncAnswer) -> str:
    return bundle_words.goes_back(device) if answer.status is Status.BEHIND else bundle_words.fork(device)


def _behind_words(engine: Engine, name: BundleName, first: SyncRequest | None) -> str:
    """Where the log no longer reaches back and no snapshot can go with the way back: why, and what helps."""
    with engine.connect() as connection:
        if first is None or not is_behind_log(connection, name.village, first.cursor):
            return ""
    if first.schema > SCHEMA_VERSION:
        return bundle_words.behind_log_of_newer(name.device)
    if first.schema < SCHEMA_VERSION:
        return bundle_words.behind_log_of_older(name.device)
    return "" if first.want & Want.SNAPSHOT_BY_FILE else bundle_words.behind_log(name.device)


def _waiting_words(engine: Engine, row: Row[Any], *, first: SyncRequest, answer: SyncAnswer) -> str:
    column = bundle_part.c
    same = select(column.part).where(column.village == row.village, column.bundle == row.bundle)
    with engine.connect() as connection:
        here = set(connection.scalars(same))
    missing = [part for part in range(1, row.part) if part not in here]
    if missing:
        return bundle_words.parts_missing(missing)
    if first.acked_seq > answer.acked_seq:
        return bundle_words.operations_missing(answer.acked_seq + 1, first.acked_seq)
    return bundle_words.COUNTY_OLDER
