"""The county's half of finding out which rows differ. It reads and answers; it changes nothing."""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from county_server.auth.devices import KnownDevice
from county_server.auth.signed import Signed, finder, read_signed, sender_now
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.sync.epochs import list_awaited
from county_server.tables import county_digests, device_chain, oplog, row_version, village
from village_core.domain.clock import Clock
from village_core.exchange import digests
from village_core.exchange.bisection import (
    Level,
    TableClaim,
    TableFinding,
    VerifyAnswer,
    VerifyRequest,
    compare_rows,
    find_wrong_tables,
    join_ids,
    shorten_leaves,
)
from village_core.exchange.change_log import COUNTY_ORIGIN, SCHEMA_VERSION
from village_core.exchange.codec import DamagedMessageError, compress, encode_transactions
from village_core.exchange.merge import Verdict
from village_core.exchange.messages import PROTOCOL, ProblemKind
from village_core.exchange.operations import Kind, Operation, Transaction, synced_table
from village_core.exchange.values import read_row

_CHUNK = 500


def verify_village(
    engine: Engine, body: bytes, *, clock: Clock, signed: Signed[VerifyRequest] | None = None
) -> VerifyAnswer:
    """Answer one step of the search. Raises `RequestRefusedError`."""
    signed = signed or read_signed(body, VerifyRequest, find=finder(engine))
    request = signed.message
    if request.protocol != PROTOCOL:
        raise RequestRefusedError(400, ProblemKind.OLD_SCHEMA)
    with engine.connect() as connection:
        sender = sender_now(connection, signed)
    if sender.revoked:
        raise RequestRefusedError(403, ProblemKind.REVOKED)
    if request.schema > SCHEMA_VERSION:
        raise RequestRefusedError(409, ProblemKind.NEWER_SCHEMA)
    try:
        with writing(engine) as connection:
            return _answer(connection, sender, request, clock=clock)
    except DamagedMessageError as error:
        raise RequestRefusedError(400, ProblemKind.DAMAGED) from error


def _answer(connection: Connection, sender: KnownDevice, request: VerifyRequest, *, clock: Clock) -> VerifyAnswer:
    code = sender.village
    counter = connection.scalar(select(village.c.counter).where(village.c.code == code).with_for_update())
    last_seq = connection.scalar(
        select(device_chain.c.last_seq).where(
            device_chain.c.village == code,
            device_chain.c.device == sender.number,
            device_chain.c.incarnation == request.incarnation,
        )
    )
    own = digests.table_digests(connection, county_digests, village=code)
    root = digests.root_of(own)
    if (counter, last_seq) != (request.cursor, request.acked_seq):
        return VerifyAnswer(stale=True, root=root)
    if request.level is Level.TABLES:
        column = county_digests.table.c
        wrong = find_wrong_tables(request.tables, own)
        kept = dict(
            connection.execute(
                select(column.table_name, column.leaves).where(column.village == code, column.table_name.in_(wrong))
            ).all()
        )
        return VerifyAnswer(False, root, [TableFinding(name, shorten_leaves(kept.get(name, b""))) for name in wrong])
    findings: list[TableFinding] = []
    rows: list[Operation] = []
    doubtful = 0
    for claim in request.tables:
        if synced_table(claim.name) is not None:
            finding, found, lacking = _compare(connection, code, claim, number=counter or 0)
            findings.append(finding)
            rows += found
            doubtful += lacking
    return VerifyAnswer(
        stale=False,
        root=root,
        tables=findings,
        rows=_pack(rows, counter or 0),
        awaited=list_awaited(connection, code, clock=clock),
        doubtful=doubtful,
    )


def _compare(
    connection: Connection, code: str, claim: TableClaim, *, number: int
) -> tuple[TableFinding, list[Operation], int]:
    wrong = set(claim.leaves)
    column = county_digests.row.c
    kept = connection.execute(
        select(column.row_id, column.digest).where(column.village == code, column.table_name == claim.name)
    )
    own = {row_id: digest for row_id, digest in kept if row_id.bytes[-1] in wrong}
    difference = compare_rows(claim, own)
    deleted = _deleted(connection, code, claim.name, difference.alone)
    withheld = _withheld(connection, code, claim.name, difference.alone)
    unknown = [row_id for row_id in difference.alone if row_id not in deleted and row_id not in withheld]
    finding = TableFinding(
        claim.name,
        b"",
        join_ids(unknown),
        join_ids(sorted(deleted)),
        join_ids(sorted(withheld - deleted)),
    )
    rows = _read_rows(connection, code, claim.name, difference.to_send, number=number)
    sound = [row for row in rows if digests.row_digest(row.row_id, row.values) == own[row.row_id]]
    return finding, sound, len(difference.to_send) - len(sound)


def _read_rows(connection: Connection, code: str, name: str, ids: tuple[UUID, ...], *, number: int) -> list[Operation]:
    table = synced_table(name)
    assert table is not None
    return [
        Operation(number, Kind.INSERT, name, row["id"], read_row(table, dict(row)))
        for chunk in _chunks(ids)
        for row in connection.execute(select(table).where(table.c.village == code, table.c.id.in_(chunk))).mappings()
    ]


def _deleted(connection: Connection, code: str, name: str, ids: tuple[UUID, ...]) -> set[UUID]:
    column = row_version.c
    found: set[UUID] = set()
    for chunk in _chunks(ids):
        found |= set(
            connection.scalars(
                select(column.row_id).where(
                    column.village == code, column.table_name == name, column.row_id.in_(chunk), column.deleted
                )
            )
        )
    return found


def _withheld(connection: Connection, code: str, name: str, ids: tuple[UUID, ...]) -> set[UUID]:
    column = oplog.c
    found: set[UUID] = set()
    for chunk in _chunks(ids):
        found |= set(
            connection.scalars(
                select(column.row_id).where(
                    column.village == code,
                    column.table_name == name,
                    column.row_id.in_(chunk),
                    column.kind == Kind.INSERT.value,
                    column.verdict == Verdict.HELD.value,
                )
            )
        )
    return found


def _pack(rows: list[Operation], counter: int) -> bytes:
    if not rows:
        return b""
    told = Transaction(
        origin=COUNTY_ORIGIN,
        clock=0,
        actor=UUID(int=0),
        reason="",
        base=counter,
        schema=SCHEMA_VERSION,
        operations=tuple(rows),
    )
    return compress(encode_transactions((told,)))


def _chunks(ids: tuple[UUID, ...]) -> list[list[UUID]]:
    iterator = iter(ids)
    found: list[list[UUID]] = []
    while chunk := list(islice(iterator, _CHUNK)):
        found.append(chunk)
    return found
