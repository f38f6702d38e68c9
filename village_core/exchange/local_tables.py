"""What a laptop remembers about its exchanges with the county. These tables never travel."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, Uuid

from village_core.exchange.change_log import local_metadata
from village_core.exchange.digest_tables import define_digest_tables

local_digests = define_digest_tables(local_metadata)

frozen_batch = Table(
    "frozen_batch",
    local_metadata,
    Column("id", Integer, primary_key=True),
    Column("incarnation", Integer, nullable=False),
    Column("first_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
"""The very bytes of the batches on their way (a file takes several): kept from before the first try until the county
has answered. Over the line the first of the chain goes first."""

sent_batch = Table(
    "sent_batch",
    local_metadata,
    Column("incarnation", Integer, primary_key=True),
    Column("first_seq", Integer, primary_key=True),
    Column("last_seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("first_vseq", BigInteger, nullable=False, comment="the county's number of the first operation"),
    Column("answered_at", String(30), nullable=False),
)
"""What the county confirmed: our half of the hash chain, and the places of our operations in the county's order."""

held_row = Table(
    "held_row",
    local_metadata,
    Column("table_name", String(60), primary_key=True),
    Column("row_id", Uuid, primary_key=True),
)
"""Rows made here that the county holds back. They stay on this laptop and do not count in the digests."""

deferred_operation = Table(
    "deferred_operation",
    local_metadata,
    Column("number", BigInteger, primary_key=True, comment="the county's number of the operation"),
    Column("schema", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False, comment="the transaction with this one operation, as it came"),
)
"""What came from a newer program and means nothing to this one: kept raw, carried out after the upgrade."""

blob_state = Table(
    "blob_state",
    local_metadata,
    Column("sha256", String(64), primary_key=True),
    Column("state", String(10), nullable=False, comment="sent, fetched, wanted or doubtful"),
    Column("receipt", LargeBinary, comment="the county's word that it has the content whole, as it was signed"),
)
"""What is known of a content of an attachment beside its file: that the county has it, that somebody wants it."""

arriving = Table(
    "arriving",
    local_metadata,
    Column("id", Integer, primary_key=True, comment="always 1"),
    Column("path", String(120), nullable=False, comment="where the county keeps it"),
    Column("hash", LargeBinary, nullable=False, comment="of the whole; empty where a signature is inside"),
    Column("size", BigInteger, nullable=False, comment="0 until the county has told it"),
    Column(
        "place", String(160), nullable=False, comment="incarnation, confirmed, cursor and batch when it was asked for"
    ),
)
"""A large content on its way from the county: nothing of it counts before all of it is here."""

arriving_part = Table(
    "arriving_part",
    local_metadata,
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
"""Its bytes so far, without a gap from the first."""

receipt = Table(
    "receipt",
    local_metadata,
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False, comment="the county's number up to which it speaks"),
    Column("acked_seq", BigInteger, nullable=False),
    Column("equal", Boolean, nullable=False, comment="whether this laptop was equal then"),
    Column("received_at", String(30), nullable=False),
    Column("content", LargeBinary, nullable=False, comment="as the county signed it"),
    Column("signature", LargeBinary, nullable=False),
)
"""The county's signed word on what it has: kept, printable, checked with the county's key."""

exchange_log = Table(
    "exchange_log",
    local_metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String(30), nullable=False),
    Column("outcome", String(20), nullable=False, comment="done, cut, refused"),
    Column("sent", Integer, nullable=False),
    Column("received", Integer, nullable=False),
    Column("bytes_up", Integer, nullable=False),
    Column("bytes_down", Integer, nullable=False),
    Column("equal", Boolean, nullable=False),
    Column("message", Text, nullable=False, comment="what was told to the person, in Chinese"),
    Index("ix_exchange_log_at", "at"),
)
"""The last exchanges, for the 同步 page."""
