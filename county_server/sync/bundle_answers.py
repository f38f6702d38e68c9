"""The way back: what the county answers to a stick, signed by the county and locked for the one laptop.

Always worked out anew: verdicts as they were given once, operations of others as far as they have come by now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Engine, Row, func, select

from county_server.auth.devices import find_device
from county_server.auth.identity import CountyKeys, load_keys
from county_server.problems import RequestRefusedError
from county_server.sync import bundle_words
from county_server.sync.bundles import BundleName, State
from county_server.sync.chunks import list_states
from county_server.sync.service import exchange
from county_server.sync.snapshots import FAR_BEHIND, get_snapshot
from county_server.tables import blob, bundle_part
from village_core.domain.clock import Clock
from village_core.exchange.batches import FIRST_LINK, hash_of
from village_core.exchange.bundle import (
    PART_LIMIT,
    SUITE,
    AnswerTo,
    ContentWord,
    Header,
    Kind,
    Refusal,
    SnapshotAnswer,
    encode_device_message,
    file_name,
    plan_parts,
    unpack_messages,
    write_part,
)
from village_core.exchange.bundle_files import sweep, write_checked
from village_core.exchange.bundle_frames import BundleError
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.messages import (
    Problem,
    ProblemKind,
    Status,
    SyncAnswer,
    SyncRequest,
    decode,
    encode,
    split_request,
)

_DOWN_LIMIT = 64 << 20
"""Plain bytes of operations of others in one file: a stick is wide."""
_MARGIN = 128 << 10


@dataclass(frozen=True)
class WrittenAnswer:
    """A file for the way back. `operations` of the device are answered in it. `stopped`: it only says that the
    device is."""

    path: Path
    name: BundleName
    operations: int
    contents: int
    stopped: bool = False


@dataclass(frozen=True)
class _Journey:
    """All parts of one journey that were carried out."""

    name: BundleName
    incarnation: int
    first_seq: int
    last_seq: int
    reply_to: str
    brought: tuple[bytes, ...] = ()
    wanted: tuple[bytes, ...] = ()
    requests: tuple[bytes, ...] = ()
    fork_answer: bytes | None = None


def write_answer(
    engine: Engine, device: int, target: Path, *, clock: Clock, part_limit: int = PART_LIMIT, far: int = FAR_BEHIND
) -> list[WrittenAnswer]:
    """Write the answer to the newest journey of a device into a folder, or under the given file name. `far`: from how
    many numbers on a snapshot may stand in place of operations. A device that is stopped is told so, as by line."""
    with engine.connect() as connection:
        keys = load_keys(connection)
        try:
            sender = find_device(connection, device)
        except RequestRefusedError as error:
            raise bundle_words.nothing_to_answer(device) from error
    if sender.revoked:
        journey = _find_way_to(engine, sender.village, device)
        messages = [encode_device_message(Refusal(encode(Problem(ProblemKind.REVOKED))))]
    else:
        journey = _find_newest(engine, sender.village, device)
        messages = [encode_device_message(one) for one in _answers(engine, journey, clock=clock, far=far)]
        messages += [encode_device_message(one) for one in _receipts(engine, journey)]
    written = _write(engine, journey, messages, target=target, keys=keys, clock=clock, part_limit=part_limit)
    return [replace(one, stopped=sender.revoked) for one in written]


def _find_way_to(engine: Engine, village: str, device: int) -> _Journey:
    """What came last of a device that is stopped, as far as it says for whom the way back is locked."""
    column = bundle_part.c
    query = (
        select(column.bundle, column.incarnation, column.last_seq, column.reply_to)
        .where(column.village == village, column.device == device)
        .order_by(column.received_at.desc(), column.incarnation.desc(), column.last_seq.desc())
    )
    with engine.connect() as connection:
        row = connection.execute(query.limit(1)).first()
    if row is None:
        raise bundle_words.nowhere_to_send(device)
    return _Journey(
        name=BundleName(village, device, row.bundle.bytes),
        incarnation=row.incarnation,
        first_seq=0,
        last_seq=row.last_seq,
        reply_to=row.reply_to,
    )


def _find_newest(engine: Engine, village: str, device: int) -> _Journey:
    column = bundle_part.c
    of_device = (column.village == village, column.device == device)
    answerable = column.state.in_([State.DONE.value, State.FORK.value])
    with engine.connect() as connection:
        newest = connection.execute(
            select(column.bundle)
            .where(*of_device, answerable, column.requests.is_not(None))
            .order_by(column.incarnation.desc(), column.last_seq.desc(), column.received_at.desc())
            .limit(1)
        ).scalar_one_or_none()
        if newest is None:
            raise bundle_words.nothing_to_answer(device)
        rows: Sequence[Row[Any]] = connection.execute(
            select(bundle_part).where(*of_device, answerable, column.bundle == newest).order_by(column.part)
        ).all()
    contents = [msgspec.msgpack.decode(row.contents, type=list[list[bytes]]) for row in rows]
    return _Journey(
        name=BundleName(village, device, newest.bytes),
        incarnation=rows[0].incarnation,
        first_seq=min((row.first_seq for row in rows if row.first_seq), default=0),
        last_seq=max(row.last_seq for row in rows),
        reply_to=rows[0].reply_to,
        brought=tuple(sha256 for brought, _ in contents for sha256 in brought),
        wanted=tuple(sha256 for _, wanted in contents for sha256 in wanted),
        requests=tuple(body for row in rows for body in unpack_messages(row.requests or b"\x90")),
        fork_answer=next((row.fork_answer for row in rows if row.fork_answer), None),
    )


def _write(
    engine: Engine,
    journey: _Journey,
    messages: Sequence[bytes],
    *,
    target: Path,
    keys: CountyKeys,
    clock: Clock,
    part_limit: int,
) -> list[WrittenAnswer]:
    contents = _sizes(engine, journey)
    parts = plan_parts([len(one) for one in messages], [size for _, size in contents], limit=part_limit)
    written: list[WrittenAnswer] = []
    for number, (some_messages, some_contents) in enumerate(parts, 1):
        header = _header(journey, keys, part=number, parts=len(parts), clock=clock, contents=contents[some_contents])
        path = target
        if target.is_dir() or len(parts) > 1:
            folder = target if target.is_dir() else target.parent
            path = folder / file_name(Kind.TO_DEVICE, header, first_seq=journey.first_seq, last_seq=journey.last_seq)
        _write_part(engine, path, header, messages[some_messages], keys=keys)
        written.append(WrittenAnswer(path, journey.name, header.operations, len(header.contents)))
    return written


def _write_part(engine: Engine, path: Path, header: Header, messages: Sequence[bytes], *, keys: CountyKeys) -> None:
    expected = sum(map(len, messages)) + sum(size for _, size in header.contents) + _MARGIN
    try:
        sweep(path.parent)
        write_checked(
            path,
            lambda sink: write_part(
                sink,
                Kind.TO_DEVICE,
                header,
                messages=messages,
                contents=_read_contents(engine, header),
                key=keys.signing,
            ),
            expected_bytes=expected,
        )
    except OSError as error:
        raise bundle_words.not_written(path.name, error) from error
    except BundleError as error:
        raise bundle_words.not_written(path.name, OSError(5, "读回来和写下的不一样")) from error


def _answers(engine: Engine, journey: _Journey, *, clock: Clock, far: int) -> list[AnswerTo]:
    answers: list[AnswerTo] = []
    for body in journey.requests:
        request, _, _ = split_request(body, SyncRequest)
        if journey.fork_answer is None:
            answer = exchange(engine, body, clock=clock, down_limit=_DOWN_LIMIT, far=far)
        else:
            answer = decode(journey.fork_answer, SyncAnswer)
        if answer.status is Status.BEHIND and answer.epoch <= request.epoch:
            break
        answers.append(_answer_to(engine, journey.name.village, request, answer))
        if answer.status is not Status.DONE:
            break
    return answers


def _answer_to(engine: Engine, code: str, request: SyncRequest, answer: SyncAnswer) -> AnswerTo:
    made = AnswerTo(
        incarnation=request.incarnation,
        acked_seq=request.acked_seq,
        cursor=request.cursor,
        batch=hash_of(request.batch) if request.batch else b"",
        answer=encode(answer),
    )
    if not answer.snapshot:
        return made
    with engine.connect() as connection:
        return SnapshotAnswer(**asdict(made), snapshot=get_snapshot(connection, code, answer.snapshot))


def _receipts(engine: Engine, journey: _Journey) -> list[ContentWord]:
    """The county's word for each content that the stick brought or fetches."""
    names = journey.brought + journey.wanted
    asked = [(sha256.hex(), 0) for sha256 in names]
    with engine.connect() as connection:
        states = list_states(connection, journey.name.village, asked)
    return [ContentWord(sha256, state.receipt) for sha256, state in zip(names, states, strict=True) if state.receipt]


def _sizes(engine: Engine, journey: _Journey) -> list[tuple[bytes, int]]:
    """What the laptop lacks and the county has."""
    column = blob.c
    sizes: list[tuple[bytes, int]] = []
    with engine.connect() as connection:
        for sha256 in journey.wanted:
            size = connection.scalar(
                select(func.length(column.content)).where(
                    column.village == journey.name.village, column.sha256 == sha256.hex()
                )
            )
            if size is not None:
                sizes.append((sha256, size))
    return sizes


def _read_contents(engine: Engine, header: Header) -> Iterator[bytes]:
    for sha256, _ in header.contents:
        with engine.connect() as connection:
            content = connection.scalar(
                select(blob.c.content).where(blob.c.village == header.village, blob.c.sha256 == sha256.hex())
            )
        yield sha256 + bytes(content or b"")


def _header(
    journey: _Journey, keys: CountyKeys, *, part: int, parts: int, clock: Clock, contents: list[tuple[bytes, int]]
) -> Header:
    return Header(
        suite=SUITE,
        bundle=journey.name.bundle,
        part=part,
        parts=parts,
        recipients=[journey.reply_to],
        village=journey.name.village,
        device=journey.name.device,
        incarnation=journey.incarnation,
        first_seq=journey.first_seq,
        last_seq=journey.last_seq,
        previous=FIRST_LINK,
        cursor=0,
        root=b"",
        schema=SCHEMA_VERSION,
        made=int(clock.now().timestamp() * 1000),
        operations=journey.last_seq - journey.first_seq + 1 if journey.first_seq else 0,
        contents=contents,
        reply_to=keys.public.recipient.split()[0],
    )
