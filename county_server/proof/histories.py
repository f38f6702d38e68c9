"""Each device's history once more: hashes, links, signatures and dense numbers of every batch that was kept."""

from __future__ import annotations

from nacl.signing import VerifyKey
from sqlalchemy import Connection, Engine, Row, select

from county_server.tables import batch, device, device_chain
from village_core.exchange.batches import FIRST_LINK, hash_of, is_signed_by, thaw_batch
from village_core.exchange.codec import DamagedMessageError


def check_histories(engine: Engine, code: str) -> tuple[str, ...]:
    """One Chinese sentence for each history of the village that is not whole."""
    with engine.connect() as connection:
        chains = connection.execute(
            select(device_chain.c.device, device_chain.c.incarnation, device_chain.c.last_seq, device_chain.c.head)
            .where(device_chain.c.village == code)
            .order_by(device_chain.c.device, device_chain.c.incarnation)
        ).all()
        return tuple(found for chain in chains if (found := _check_chain(connection, code, chain)))


def _check_chain(connection: Connection, code: str, chain: Row[int, int, int, bytes]) -> str:
    name = f"{chain.device} 号电脑第 {chain.incarnation} 段"
    stored = connection.scalar(select(device.c.public_key).where(device.c.number == chain.device))
    if stored is None:
        return f"{name}：县里没有这台电脑的公钥。"
    key = VerifyKey(stored)
    column = batch.c
    query = (
        select(column.first_seq, column.last_seq, column.hash, column.content, column.signature)
        .where(column.village == code, column.device == chain.device, column.incarnation == chain.incarnation)
        .order_by(column.first_seq)
    )
    previous: bytes | None = None
    ended: int | None = None
    for row in connection.execute(query.execution_options(yield_per=20)):
        problem = _check_batch(code, chain, row, key, previous=previous, ended=ended)
        if problem:
            return f"{name}从第 {row.first_seq} 条起的一批{problem}。"
        previous, ended = row.hash, row.last_seq
    if (ended if ended is not None else chain.last_seq) != chain.last_seq or (previous or FIRST_LINK) != chain.head:
        return f"{name}：最后一批不在，或不是记下的那一批。"
    return ""


def _check_batch(
    code: str,
    chain: Row[int, int, int, bytes],
    row: Row[int, int, bytes, bytes, bytes],
    key: VerifyKey,
    *,
    previous: bytes | None,
    ended: int | None,
) -> str:
    if hash_of(row.content) != row.hash:
        return "内容被动过"
    if not is_signed_by(key, row.content, row.signature):
        return "签名不对"
    try:
        thawed = thaw_batch(row.content)
    except DamagedMessageError:
        return "读不出来"
    named = (thawed.village, thawed.device, thawed.incarnation, thawed.first_seq, thawed.last_seq)
    if named != (code, chain.device, chain.incarnation, row.first_seq, row.last_seq):
        return "放错了地方"
    if thawed.previous != (FIRST_LINK if previous is None else previous):
        return "和前一批接不上"
    if ended is not None and row.first_seq != ended + 1:
        return "前面缺了几条"
    return ""
