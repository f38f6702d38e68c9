"""Finds out, with the county, which rows differ. It asks and reads; what follows from it is decided in `healing`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from sqlalchemy import select

from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state, words
from desktop_app.sync.transport import Line
from village_core.exchange import digests
from village_core.exchange.bisection import (
    VERIFY_PATH,
    Level,
    TableClaim,
    VerifyAnswer,
    VerifyRequest,
    claim_rows,
    claim_tables,
    find_wrong_leaves,
    split_ids,
)
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.codec import DamagedMessageError, decode_transactions, decompress
from village_core.exchange.local_tables import local_digests
from village_core.exchange.messages import PROTOCOL, decode, sign_request
from village_core.exchange.operations import Kind, Operation, checked, synced_table
from village_core.exchange.values import MalformedValueError

RowKey = tuple[str, UUID]


@dataclass
class Differences:
    """`rows` are the county's rows that are otherwise here or not at all; `unknown` are rows here that it does not
    know, `deleted` those deleted there, `withheld` those it put aside. `awaited`: devices that have not come back
    since the county was restored. `doubtful` rows do not fit the county's own digests, which did not send them."""

    root: bytes = b""
    rows: list[Operation] = field(default_factory=list)
    unknown: list[RowKey] = field(default_factory=list)
    deleted: list[RowKey] = field(default_factory=list)
    withheld: list[RowKey] = field(default_factory=list)
    awaited: frozenset[int] = frozenset()
    doubtful: int = 0


def find_differences(workspace: Workspace, link: state.CountyLink, line: Line) -> Differences | None:
    """Table digests, then sums, then rows. None when the county moved on meanwhile, or cannot compare."""
    with explained(), workspace.engine.connect() as connection:
        own = digests.table_digests(connection, local_digests, village=workspace.village)
    try:
        first = _ask(link, line, Level.TABLES, claim_tables(own))
    except words.GarbledError:
        return None
    if first.stale:
        return None
    found = Differences(root=first.root)
    for claims in _row_claims(workspace, first):
        answer = _ask(link, line, Level.ROWS, claims)
        if answer.stale:
            return None
        _gather(found, answer)
    return found


def _ask(link: state.CountyLink, line: Line, level: Level, tables: list[TableClaim]) -> VerifyAnswer:
    request = VerifyRequest(
        protocol=PROTOCOL,
        device=link.device,
        incarnation=link.incarnation,
        schema=SCHEMA_VERSION,
        acked_seq=link.acked_seq,
        cursor=link.cursor,
        level=level,
        tables=tables,
    )
    body = line.call("POST", VERIFY_PATH, sign_request(link.key, request))
    try:
        return decode(body, VerifyAnswer)
    except DamagedMessageError as error:
        raise words.garbled() from error


def _row_claims(workspace: Workspace, answer: VerifyAnswer) -> list[list[TableClaim]]:
    wrong: dict[str, list[int]] = {}
    rows: dict[str, dict[UUID, bytes]] = {}
    table, row = local_digests.table.c, local_digests.row.c
    with explained(), workspace.engine.connect() as connection:
        for finding in answer.tables:
            if synced_table(finding.name) is None:
                continue
            leaves = connection.scalar(
                select(table.leaves).where(table.village == workspace.village, table.table_name == finding.name)
            )
            try:
                wrong[finding.name] = find_wrong_leaves(leaves or b"", finding.leaves)
            except DamagedMessageError as error:
                raise words.garbled() from error
            kept = connection.execute(
                select(row.row_id, row.digest).where(row.village == workspace.village, row.table_name == finding.name)
            )
            rows[finding.name] = dict(kept.all())
    return claim_rows(wrong, rows)


def _gather(found: Differences, answer: VerifyAnswer) -> None:
    try:
        for finding in answer.tables:
            found.unknown += _keys(finding.name, finding.unknown)
            found.deleted += _keys(finding.name, finding.deleted)
            found.withheld += _keys(finding.name, finding.withheld)
        if answer.rows:
            for transaction in decode_transactions(decompress(answer.rows)):
                found.rows += _sound(transaction.operations)
    except (DamagedMessageError, MalformedValueError, msgspec.MsgspecError) as error:
        raise words.garbled() from error
    found.root = answer.root
    found.awaited = frozenset(answer.awaited)
    found.doubtful += answer.doubtful


def _sound(operations: Iterable[Operation]) -> Iterable[Operation]:
    for operation in operations:
        table = synced_table(operation.table)
        if table is None or operation.kind is not Kind.INSERT:
            raise MalformedValueError(operation.table)
        yield checked(table, operation)


def _keys(name: str, ids: bytes) -> list[RowKey]:
    if synced_table(name) is None:
        raise DamagedMessageError("a table that is not ours")
    return [(name, row_id) for row_id in split_ids(ids)]
