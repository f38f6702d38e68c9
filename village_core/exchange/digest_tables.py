"""Where digests are kept, on the laptop and at the county alike."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, Uuid


@dataclass(frozen=True)
class DigestTables:
    """The digest of each row that counts, and for each table the 256 sums over them."""

    row: Table
    table: Table


def define_digest_tables(metadata: MetaData) -> DigestTables:
    """The two tables on `metadata`; the same shape on both sides, so that one code keeps them."""
    row = Table(
        "row_digest",
        metadata,
        Column("village", String(12), primary_key=True),
        Column("table_name", String(60), primary_key=True),
        Column("row_id", Uuid, primary_key=True),
        Column("digest", LargeBinary(32), nullable=False),
    )
    table = Table(
        "table_digest",
        metadata,
        Column("village", String(12), primary_key=True),
        Column("table_name", String(60), primary_key=True),
        Column("leaves", LargeBinary, nullable=False, comment="256 sums of 32 bytes, see digests.py"),
    )
    return DigestTables(row, table)
