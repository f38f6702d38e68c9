"""The county's own tables, and the synced tables as the county stores them.

Everything of a village holds its code in every key, so that the database can be split by village. `village`,
`device` and `enrolment_code` are small and known everywhere.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from village_core.exchange.digest_tables import define_digest_tables
from village_core.records import Record

county_metadata = MetaData(naming_convention=Record.metadata.naming_convention)

village = Table(
    "village",
    county_metadata,
    Column("code", String(12), primary_key=True),
    Column("name", Text, nullable=False),
    Column("counter", BigInteger, nullable=False, comment="the last number given in this village"),
    Column("epoch", BigInteger, nullable=False, comment="raised when the county was restored from a backup"),
    Column("posting_device", BigInteger, comment="the device that may post and pay"),  # of the first version
    Column("added_at", String(30), nullable=False),
    Column("log_kept_after", BigInteger, nullable=False, server_default="0", comment="older operations were purged"),
)

device = Table(
    "device",
    county_metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("village", String(12), ForeignKey("village.code"), nullable=False),
    Column("role", Text, nullable=False),
    Column("person", Uuid, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("alone_until", BigInteger, nullable=False, comment="last operation that it did without a county"),
    Column("revoked", Boolean, nullable=False),
    Column("enrolled_at", String(30), nullable=False),
    Column("last_seen_at", String(30)),
    Index(None, "village"),
)

enrolment_code = Table(
    "enrolment_code",
    county_metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("village", String(12), ForeignKey("village.code"), nullable=False),
    Column("role", Text, nullable=False),
    Column("made_at", String(30), nullable=False),
    Column("expires_at", String(30), nullable=False),
    Column("device", BigInteger, comment="who used it"),
)

county_key = Table(
    "county_key",
    county_metadata,
    Column("id", Integer, primary_key=True, comment="always 1"),
    Column("signing", LargeBinary, nullable=False, comment="seed of the Ed25519 key for leases, receipts, files"),
    Column("age_secret", Text, nullable=False, comment="opens the files that come by USB stick"),
    Column("recovery", Text, comment="age recipient of a second key, kept elsewhere, that opens them too"),
    Column("made_at", String(30), nullable=False),
)
"""The county's own keys, made at the first start. They are a part of every backup of this database."""

device_chain = Table(
    "device_chain",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("device", BigInteger, primary_key=True, autoincrement=False),
    Column("incarnation", Integer, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False, comment="hash of the last batch"),
    Column("begun_at", String(30), nullable=False),
)
"""One history of one device. A restored or cloned laptop begins another one."""

batch = Table(
    "batch",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("device", BigInteger, primary_key=True, autoincrement=False),
    Column("incarnation", Integer, primary_key=True, autoincrement=False),
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("received_at", String(30), nullable=False),
)
"""Every batch as it was signed, and the answer that it got and will always get."""

newer_operation = Table(
    "newer_operation",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("device", BigInteger, nullable=False),
    Column("incarnation", Integer, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("may_post", Boolean, nullable=False, comment="whether the laptop had that right then"),
    Column("content", LargeBinary, nullable=False, comment="the transaction with the part that waits"),
)
"""What a newer laptop sent and this county cannot read yet: kept raw, carried out after the county's upgrade."""

refused_batch = Table(
    "refused_batch",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("device", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("received_at", String(30), nullable=False),
    Column("problem", Text, nullable=False),
)
"""What came from a revoked device or with a broken signature: kept, never applied."""

journal_head = Table(
    "journal_head",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("device", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("incarnation", Integer, nullable=False),
    Column("change", BigInteger, nullable=False, comment="the last sealed entry of its change log"),
    Column("access", BigInteger, nullable=False, comment="the last entry of its access log"),
    Column("hash", LargeBinary, nullable=False),
    Column("verdict", String(10), nullable=False, comment="first, follows, restored or rewritten"),
    Column("received_at", String(30), nullable=False),
)
"""Where each laptop's journal ended, as it told. What was told is never corrected; the operator's compaction thins out
old ones (`county_server/admin/thinning.py`), and receipts below."""

oplog = Table(
    "oplog",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("device", BigInteger, nullable=False, comment="-1 is the county itself"),
    Column("incarnation", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("transaction", BigInteger, nullable=False, comment="number of its first operation"),
    Column("clock", BigInteger, nullable=False, comment="as the laptop claimed"),
    Column("received", BigInteger, nullable=False, comment="hybrid clock of arrival"),
    Column("actor", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("table_name", Text, nullable=False),
    Column("row_id", Uuid, nullable=False),
    Column("kind", String(1), nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("offered", LargeBinary, nullable=False, comment="msgpack of the values that came"),
    Column("effect_kind", String(1), comment="what others apply; NULL: nothing"),
    Column("effect", LargeBinary, comment="msgpack of its values; NULL: as offered"),
    Column("lost", LargeBinary, comment="msgpack of plain values that lost against newer ones"),
    UniqueConstraint("village", "device", "incarnation", "seq"),
    Index(None, "village", "table_name", "row_id"),
    Index("ix_oplog_fingerprint", "village", "fingerprint"),
    Index("ix_oplog_verdict", "village", "verdict", "table_name"),
)
"""Everything that ever arrived, in the county's order."""

compacted_operation = Table(
    "compacted_operation",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("fingerprint", LargeBinary, primary_key=True),
    Column("verdict", String(10), nullable=False),
)
"""What compaction took out of `oplog`: a laptop that begins again, perhaps years later, brings it once more."""

row_version = Table(
    "row_version",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("table_name", String(60), primary_key=True),
    Column("row_id", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("clock", BigInteger, nullable=False),
    Column("device", BigInteger, nullable=False),
    Column("incarnation", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("edited", LargeBinary, nullable=False, comment="msgpack: field → number, clock, device, incarnation"),
)
"""Who wrote the fields of a row that can be edited, and when in the county's order."""

blob = Table(
    "blob",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("received_at", String(30), nullable=False),
)
"""Contents of attachments, whole."""

blob_upload = Table(
    "blob_upload",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False, comment="a wrong size is in nobody's way"),
    Column("device", BigInteger, nullable=False, comment="who began it; others may go on"),
    Column("touched_at", String(30), nullable=False),
    Index(None, "village", "device"),
)
"""Contents that are not complete yet."""

blob_chunk = Table(
    "blob_chunk",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["village", "sha256", "size"], ["blob_upload.village", "blob_upload.sha256", "blob_upload.size"]
    ),
)
"""Their chunks as far as they are here; gone when the content is complete."""

village_epoch = Table(
    "village_epoch",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("kept", BigInteger, nullable=False, comment="the last number that the restored database knew"),
    Column("start", BigInteger, nullable=False, comment="numbers up to here were perhaps given before the loss"),
    Column("begun_at", String(30), nullable=False),
)
"""Each time a village was found to be older than its laptops remember, or was told to be."""

given_receipt = Table(
    "given_receipt",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("code", String(8), primary_key=True),
    Column("content", LargeBinary, nullable=False, comment="what was signed"),
    Column("given_at", String(30), nullable=False),
)
"""Receipts by the code on the printed sheet, so that it can be typed in and checked."""

backup_mark = Table(
    "backup_mark",
    county_metadata,
    Column("begun_at", String(30), primary_key=True, comment="what was received before is in that backup"),
    Column("noted_at", String(30), nullable=False),
)
"""Verified backups of this database, as the operator's script noted them."""

admin_audit = Table(
    "admin_audit",
    county_metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(30), nullable=False),
    Column("who", Text, nullable=False, comment="the account of the operating system, and the machine"),
    Column("command", Text, nullable=False, comment="JSON: the words of the command line"),
    Column("outcome", String(10), nullable=False, comment="begun, done, refused or failed"),
    Column("hash", LargeBinary, nullable=False, comment="over this entry and the hash of the one before"),
)
"""What operators did from the command line. Append-only, each entry sealed with the one before."""

batch_part = Table(
    "batch_part",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("device", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, primary_key=True, comment="of the whole batch"),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    Column("received_at", String(30), nullable=False),
)
"""Batches that arrive piece by piece, without a gap from the first byte; gone when the batch was taken in."""

kept_answer = Table(
    "kept_answer",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("device", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("made_at", String(30), nullable=False),
)
"""Operations too large for one answer, to be fetched piece by piece by the device that asked for them."""

snapshot = Table(
    "snapshot",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("schema", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False, comment="signed; never changes"),
    Column("made_at", String(30), nullable=False),
)
"""All rows of a village as they stood at a number, for a laptop that comes new or after very long."""

bundle_part = Table(
    "bundle_part",
    county_metadata,
    Column("village", String(12), primary_key=True),
    Column("bundle", Uuid, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("parts", Integer, nullable=False),
    Column("device", BigInteger, nullable=False),
    Column("incarnation", Integer, nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("reply_to", Text, nullable=False, comment="age recipient of the device"),
    Column("contents", LargeBinary, nullable=False, comment="msgpack: SHA-256 of contents brought, of those lacked"),
    Column("state", String(10), nullable=False, comment="waiting for an earlier part, done, fork or revoked"),
    Column("requests", LargeBinary, comment="msgpack: its requests; kept of the newest bundle of a device"),
    Column("fork_answer", LargeBinary, comment="a fork gets one new incarnation, however often the file is read"),
    Column("received_at", String(30), nullable=False),
    Index(None, "village", "device"),
)
"""What came by stick: remembered so that it is carried out once, in order, and can be answered again."""

county_digests = define_digest_tables(county_metadata)

GLOBAL_TABLES = frozenset({"village", "device", "enrolment_code", "county_key", "backup_mark", "admin_audit"})


def _store_synced_tables() -> None:
    """Copies of the synced tables without bounds on text and numbers.

    SQLite on the laptops keeps no such bounds; what a clerk could type there must not fail here.
    """
    for table in Record.metadata.sorted_tables:
        copy = table.to_metadata(county_metadata)
        for column in copy.columns:
            if isinstance(column.type, String) and not isinstance(column.type, Text) and column.name != "village":
                column.type = Text()
            elif type(column.type) is Integer:
                column.type = BigInteger()


_store_synced_tables()
