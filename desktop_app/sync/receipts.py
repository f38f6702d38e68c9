"""The county's receipts on this laptop: checked with its key, kept, shown and printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from nacl.signing import VerifyKey
from sqlalchemy import Connection, delete, insert, select

from desktop_app.storage.unit_of_work import Reader
from desktop_app.sync import state
from village_core.domain.clock import CHINA, Clock, stamp
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.local_tables import receipt as receipt_table
from village_core.exchange.messages import SyncAnswer
from village_core.exchange.receipts import (
    COUNTED,
    Receipt,
    SignedReceipt,
    check_code,
    open_receipt,
    unpack_receipt,
)

_NEWEST_KEPT = 60
"""Older ones are kept one for each month."""


@dataclass(frozen=True)
class KeptReceipt:
    """A receipt of this laptop. `equal`: laptop and county were the same when it came."""

    receipt: Receipt
    signed: SignedReceipt
    equal: bool
    received_at: datetime

    @property
    def code(self) -> str:
        """The 核对码, eight letters and digits."""
        return check_code(self.signed.content)

    @property
    def counts(self) -> dict[str, int]:
        """Standing rows at the county, by table."""
        return dict(zip(COUNTED, self.receipt.counts, strict=False))

    @property
    def time(self) -> datetime:
        """When the county signed it, in China's time."""
        return datetime.fromtimestamp(self.receipt.time / 1000, UTC).astimezone(CHINA)


def keep_receipt(
    connection: Connection, link: state.CountyLink, answer: SyncAnswer, *, village: str, root: bytes, clock: Clock
) -> None:
    """Keep the receipt of an answer if it is the county's, about this laptop and about this answer."""
    if not answer.receipt:
        return
    told = state.confirmed_identity(link, answer.identity)
    key = VerifyKey(bytes.fromhex(told[state.COUNTY_KEY])) if state.COUNTY_KEY in told else link.county_key
    if key is None:
        return
    try:
        signed = unpack_receipt(answer.receipt)
    except DamagedMessageError:
        return
    receipt = open_receipt(signed, key)
    if receipt is None or (receipt.village, receipt.device) != (village, link.device):
        return
    connection.execute(
        insert(receipt_table).values(
            number=receipt.number,
            acked_seq=receipt.acked_seq,
            equal=receipt.root == root,
            received_at=stamp(clock),
            content=signed.content,
            signature=signed.signature,
        )
    )
    _prune(connection)


def list_receipts(reader: Reader, *, limit: int = 20) -> list[KeptReceipt]:
    """The newest first. One that does not bear the county's key any more is not shown."""
    connection = reader.session.connection()
    link = state.read_link(connection)
    if link is None or link.county_key is None:
        return []
    rows = connection.execute(select(receipt_table).order_by(receipt_table.c.id.desc()).limit(limit)).all()
    found: list[KeptReceipt] = []
    for row in rows:
        signed = SignedReceipt(row.content, row.signature)
        opened = open_receipt(signed, link.county_key)
        if opened is not None:
            found.append(KeptReceipt(opened, signed, row.equal, datetime.fromisoformat(row.received_at)))
    return found


def last_equal_receipt(reader: Reader) -> KeptReceipt | None:
    """The newest receipt that showed equality; only this one makes a 核对单."""
    return next((one for one in list_receipts(reader, limit=_NEWEST_KEPT * 2) if one.equal), None)


def _prune(connection: Connection) -> None:
    """Of those that did not show equality only the newest stays; of older ones the last of each month."""
    column = receipt_table.c
    rows = connection.execute(select(column.id, column.equal, column.received_at).order_by(column.id.desc())).all()
    kept: set[int] = {rows[0].id}
    equal = [row for row in rows if row.equal]
    kept |= {row.id for row in equal[:_NEWEST_KEPT]}
    months: set[str] = set()
    for row in equal[_NEWEST_KEPT:]:
        if row.received_at[:7] not in months:
            months.add(row.received_at[:7])
            kept.add(row.id)
    gone = [row.id for row in rows if row.id not in kept]
    if gone:
        connection.execute(delete(receipt_table).where(column.id.in_(gone)))
