"""Which rows differ? Table digests first, then the 256 sums of the wrong tables, then the rows of the wrong sums.

Pure on both sides: what one knows and what the other said in, the next thing to say out. Nothing is decided here
about which of two rows is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated
from uuid import UUID

import msgspec

from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.digests import LEAVES

VERIFY_PATH = "/v1/verify"
MOST_ROWS = 2000
"""Rows named in one request, about 50 KB; more are asked for in further ones."""
MOST_TABLES = 200
"""Named in one request; far more than there are."""

TABLE_BYTES = 16
LEAF_BYTES = 8
ROW_BYTES = 8
_WIDTH = 32
_ID = 16


class Level(IntEnum):
    """How deep a request looks."""

    TABLES = 1
    ROWS = 2


class TableClaim(msgspec.Struct, array_like=True, frozen=True):
    """What a laptop says of one table: at level 1 its digest, at level 2 the ids and digests of all its rows that
    fall under `leaves`, each joined."""

    name: str
    digest: bytes = b""
    leaves: Annotated[list[int], msgspec.Meta(max_length=LEAVES)] = []
    ids: bytes = b""
    digests: bytes = b""


class VerifyRequest(msgspec.Struct, array_like=True, frozen=True):
    """`acked_seq` and `cursor` say of which moment the laptop speaks: the county compares only if it is the same."""

    protocol: int
    device: int
    incarnation: int
    schema: int
    acked_seq: int
    cursor: int
    level: Level
    tables: Annotated[list[TableClaim], msgspec.Meta(max_length=MOST_TABLES)]


class TableFinding(msgspec.Struct, array_like=True, frozen=True):
    """What the county finds in one table. Level 1: the beginnings of its 256 sums. Level 2: ids, joined, that it
    does not know (`unknown`), that were deleted there, and that it holds back."""

    name: str
    leaves: bytes = b""
    unknown: bytes = b""
    deleted: bytes = b""
    withheld: bytes = b""


class VerifyAnswer(msgspec.Struct, array_like=True, frozen=True):
    """`stale`: somebody else came meanwhile, there is nothing to compare. `rows` are the county's rows that the
    laptop lacks or has otherwise, as inserts of one transaction. `awaited` are devices that have not come back since
    the county was restored. `root` is the village's digest; `doubtful` counts rows that the county keeps to itself,
    because they do not fit its own digests."""

    stale: bool
    root: bytes
    tables: list[TableFinding] = []
    rows: bytes = b""
    awaited: list[int] = []
    doubtful: int = 0


@dataclass(frozen=True)
class Difference:
    """One table's rows, seen from the county: what to send, and what the laptop has alone."""

    to_send: tuple[UUID, ...]
    alone: tuple[UUID, ...]


def claim_tables(digests: Mapping[str, str]) -> list[TableClaim]:
    """The first thing a laptop says."""
    return [TableClaim(name, bytes.fromhex(digest)[:TABLE_BYTES]) for name, digest in sorted(digests.items())]


def find_wrong_tables(claims: list[TableClaim], digests: Mapping[str, str]) -> list[str]:
    """The county: tables that both know and that differ."""
    return [
        claim.name
        for claim in claims
        if claim.name in digests and bytes.fromhex(digests[claim.name])[:TABLE_BYTES] != claim.digest
    ]


def shorten_leaves(leaves: bytes) -> bytes:
    """Of each sum the lowest bytes: enough to see a difference, a quarter of the way."""
    whole = leaves or bytes(LEAVES * _WIDTH)
    return b"".join(whole[start + _WIDTH - LEAF_BYTES : start + _WIDTH] for start in range(0, len(whole), _WIDTH))


def find_wrong_leaves(own: bytes, told: bytes) -> list[int]:
    """The laptop: which of the 256 sums differ."""
    if len(told) != LEAVES * LEAF_BYTES:
        raise DamagedMessageError("not 256 sums")
    mine = shorten_leaves(own)
    return [
        leaf
        for leaf in range(LEAVES)
        if mine[leaf * LEAF_BYTES : (leaf + 1) * LEAF_BYTES] != told[leaf * LEAF_BYTES : (leaf + 1) * LEAF_BYTES]
    ]


def claim_rows(wrong: Mapping[str, list[int]], rows: Mapping[str, Mapping[UUID, bytes]]) -> list[list[TableClaim]]:
    """The further things to say: all rows under the wrong sums, in requests of at most about `MOST_ROWS` rows."""
    requests: list[list[TableClaim]] = [[]]
    size = 0
    for name, leaves in sorted(wrong.items()):
        by_leaf: dict[int, list[UUID]] = {leaf: [] for leaf in leaves}
        for row_id in rows.get(name, {}):
            if row_id.bytes[-1] in by_leaf:
                by_leaf[row_id.bytes[-1]].append(row_id)
        for leaf, ids in by_leaf.items():
            if size and size + len(ids) > MOST_ROWS:
                requests.append([])
                size = 0
            size += len(ids) + 1
            digests = b"".join(rows[name][row_id][:ROW_BYTES] for row_id in ids)
            requests[-1].append(TableClaim(name, b"", [leaf], join_ids(ids), digests))
    return [_gathered(claims) for claims in requests if claims]


def _gathered(claims: list[TableClaim]) -> list[TableClaim]:
    """One claim for each table."""
    tables: dict[str, TableClaim] = {}
    for one in claims:
        so_far = tables.get(one.name, TableClaim(one.name))
        tables[one.name] = TableClaim(
            one.name, b"", [*so_far.leaves, *one.leaves], so_far.ids + one.ids, so_far.digests + one.digests
        )
    return list(tables.values())


def compare_rows(claim: TableClaim, own: Mapping[UUID, bytes]) -> Difference:
    """The county: its digests of the rows under the claim's sums against what the laptop says."""
    ids = split_ids(claim.ids)
    if len(claim.digests) != len(ids) * ROW_BYTES:
        raise DamagedMessageError("ids and digests do not pair")
    told = {row_id: claim.digests[place * ROW_BYTES : (place + 1) * ROW_BYTES] for place, row_id in enumerate(ids)}
    to_send = [row_id for row_id, digest in own.items() if told.get(row_id) != digest[:ROW_BYTES]]
    alone = [row_id for row_id in ids if row_id not in own]
    return Difference(tuple(to_send), tuple(alone))


def join_ids(ids: list[UUID] | tuple[UUID, ...]) -> bytes:
    return b"".join(row_id.bytes for row_id in ids)


def split_ids(data: bytes) -> list[UUID]:
    if len(data) % _ID:
        raise DamagedMessageError("half an id")
    return [UUID(bytes=data[start : start + _ID]) for start in range(0, len(data), _ID)]
