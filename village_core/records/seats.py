"""Rights of the village that one laptop holds at a time (救助审批权, 记账权), lent by the county and signed by it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from village_core.records.base import Merge, Record, SyncRule


class Seat(Record):
    """One lease. A takeover is a further row with the next `epoch`; the newest one of a kind and share counts.

    `kind`: `grant` or `ledger`. `allowance_fen`, `net_income_fen` and `cap_fen` are the frozen figures of a grant
    seat for `year`; `groups` is JSON of the villagers' groups whose households it may grant to (`[]`: all).
    `counter` is the county's number at the moment of lending, `valid_until` a date YYYY-MM-DD.
    `signature` is Ed25519 of the county over the canonical content, in hex.
    """

    __tablename__ = "seat"
    sync = SyncRule(Merge.COUNTY)

    kind: Mapped[str] = mapped_column(String(10))
    device: Mapped[int] = mapped_column(BigInteger)
    holder: Mapped[str] = mapped_column(String(60))
    epoch: Mapped[int] = mapped_column(BigInteger)
    lent_at: Mapped[str] = mapped_column(String(30))
    valid_until: Mapped[str] = mapped_column(String(10))
    year: Mapped[int | None]
    net_income_fen: Mapped[int | None] = mapped_column(BigInteger)
    cap_fen: Mapped[int | None] = mapped_column(BigInteger)
    allowance_fen: Mapped[int | None] = mapped_column(BigInteger)
    groups: Mapped[str] = mapped_column(Text, default="[]")
    counter: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[str | None] = mapped_column(String(30))
    signature: Mapped[str] = mapped_column(String(128))

    __table_args__ = (Index(None, "village", "kind", "epoch"),)
