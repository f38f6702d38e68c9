"""The search for rows that differ finds exactly these, and names hardly any other."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from village_core.exchange.bisection import (
    LEAF_BYTES,
    MOST_ROWS,
    TableClaim,
    claim_rows,
    claim_tables,
    compare_rows,
    find_wrong_leaves,
    find_wrong_tables,
    shorten_leaves,
    split_ids,
)
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.digests import LEAVES

Rows = dict[UUID, bytes]
ROWS = st.dictionaries(st.uuids(), st.integers(0, 1 << 20), max_size=30).map(
    lambda rows: {row_id: digest((row_id, content)) for row_id, content in rows.items()}
)
"""As in earnest, a row's digest covers its id: two rows that change their contents change the sums."""


def digest(content: object) -> bytes:
    return blake2b(repr(content).encode(), digest_size=32).digest()


def leaves_of(rows: Rows) -> bytes:
    sums = [0] * LEAVES
    for row_id, content in rows.items():
        sums[row_id.bytes[-1]] += int.from_bytes(content)
    return b"".join((one % (1 << 256)).to_bytes(32) for one in sums)


def digest_of(rows: Rows) -> str:
    return blake2b(leaves_of(rows), digest_size=32).hexdigest()


@given(common=ROWS, here=ROWS, there=ROWS, changed=ROWS)
def test_what_differs_is_found_and_nothing_else(common: Rows, here: Rows, there: Rows, changed: Rows) -> None:
    mine = common | here | changed
    theirs = common | there | {row_id: digest((row_id, before)) for row_id, before in changed.items()}
    claims = claim_tables({"household": digest_of(mine), "person": digest_of({})})

    wrong = find_wrong_tables(claims, {"household": digest_of(theirs), "person": digest_of({}), "other": "00"})
    assert wrong == (["household"] if mine != theirs else [])
    leaves = find_wrong_leaves(leaves_of(mine), shorten_leaves(leaves_of(theirs)))
    sent: list[UUID] = []
    alone: list[UUID] = []
    for claims in claim_rows({"household": leaves}, {"household": mine}):
        for claim in claims:
            own = {row_id: content for row_id, content in theirs.items() if row_id.bytes[-1] in claim.leaves}
            found = compare_rows(claim, own)
            sent += found.to_send
            alone += found.alone

    assert set(sent) == {row_id for row_id, content in theirs.items() if mine.get(row_id) != content}
    assert set(alone) == mine.keys() - theirs.keys()
    assert len(sent) == len(set(sent))


def test_a_whole_village_is_named_in_several_requests() -> None:
    rows = {UUID(int=number): bytes(32) for number in range(3 * MOST_ROWS)}

    requests = claim_rows({"person": list(range(LEAVES))}, {"person": rows})

    sizes = [sum(len(split_ids(claim.ids)) for claim in claims) for claims in requests]
    assert sum(sizes) == 3 * MOST_ROWS
    assert max(sizes) <= MOST_ROWS
    assert sorted(leaf for claims in requests for claim in claims for leaf in claim.leaves) == list(range(LEAVES))


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(DamagedMessageError):
        find_wrong_leaves(b"", bytes(LEAVES * LEAF_BYTES - 1))
    with pytest.raises(DamagedMessageError):
        split_ids(b"short")
    with pytest.raises(DamagedMessageError):
        compare_rows(TableClaim("household", b"", [1], bytes(16), b""), {})
