"""The one append-only log of changes to synced rows, filled by triggers in the same transaction.

The outbox is its part that the county has not confirmed; a row's history is a query on it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

local_metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"},
)
"""Tables of one laptop that never travel."""

SCHEMA_VERSION = 2
"""Raised with every change of the synced tables; each log entry and batch names the one it was made under."""

COUNTY_ORIGIN = -1
"""`origin` of what the county itself decided. 0 is this laptop, positive numbers are other devices."""

change_log = Table(
    "change_log",
    local_metadata,
    Column("seq", Integer, primary_key=True, comment="order of this laptop's log"),
    Column("device_seq", Integer, comment="dense number of a change made here; NULL for what came from elsewhere"),
    Column("tx", Integer, nullable=False, comment="changes of one transaction travel together"),
    Column("clock", BigInteger, nullable=False, comment="hybrid logical clock: milliseconds << 16 | counter"),
    Column("actor", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("table_name", String(60), nullable=False),
    Column("row_id", String(32), nullable=False),
    Column("op", String(1), nullable=False, comment="I, U or D"),
    Column("new", Text, comment="JSON: all columns of an insert made here, the changed columns of an update"),
    Column("old", Text, comment="JSON: the changed columns before an update, all columns of a deleted draft"),
    Column("base", BigInteger, nullable=False, comment="the county's counter that this laptop had seen"),
    Column("origin", BigInteger, nullable=False, comment="0 this laptop, -1 county, else another device"),
    Column("schema", Integer, nullable=False),
    Index("ix_change_log_row_id", "row_id"),
    Index("ix_change_log_device_seq", "device_seq", unique=True),
)

change_context = Table(
    "change_context",
    local_metadata,
    Column("id", Integer, primary_key=True),
    Column("tx", Integer, nullable=False),
    Column("actor", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("origin", BigInteger, nullable=False),
    Column("clock", BigInteger, nullable=False),
    Column("schema", Integer, nullable=False),
)
"""One row that tells the triggers who, why and on which base; set at the start of each transaction."""

log_seal = Table(
    "log_seal",
    local_metadata,
    Column("id", Integer, primary_key=True),
    Column("last_seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("marks", LargeBinary, comment="four bytes of the chain behind each entry; NULL in seals of the first kind"),
)
"""The hash chain over the change log, sealed deed by deed: each hash covers the one before and its entries. The marks
prove nothing of themselves: they tell which entry it was when a hash does not fit."""

device_state = Table(
    "device_state",
    local_metadata,
    Column("key", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What this laptop knows of itself: device number, cursor, rights, last proof of equality."""

access_log = Table(
    "access_log",
    local_metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String(30), nullable=False),
    Column("actor", String(32), nullable=False),
    Column("actor_name", String(60), nullable=False),
    Column("kind", String(20), nullable=False, comment="reveal, export, print, login, lock, refusal, backup …"),
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("about", String(32), comment="id of the household, person or case concerned"),
    Column("reason", Text, comment="why a person wanted it, in his words"),
    Column("hash", String(64), comment="over the hash before and this entry; NULL in entries of the first kind"),
    Index("ix_access_log_about", "about"),
)
"""What changes nothing and must be known all the same. Append-only, a hash chain of its own."""

draft = Table(
    "draft",
    local_metadata,
    Column("key", String(120), primary_key=True),
    Column("body", Text, nullable=False),
    Column("saved_at", String(30), nullable=False),
)
"""Half-filled forms, so that a power cut costs no typing. Deleted when the form is saved."""
