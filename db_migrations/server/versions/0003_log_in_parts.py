"""The log in sixteen parts by village, on PostgreSQL. Written by hand; SQLite has nothing to part."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PARTS = 16
SCHEMA = "tiangeng_parts"
"""Apart from the tables that the program knows: nobody but PostgreSQL itself reads or writes a part."""

_KEYS = (
    "ALTER TABLE oplog ADD CONSTRAINT pk_oplog PRIMARY KEY (village, number)",
    (
        "ALTER TABLE oplog ADD CONSTRAINT uq_oplog_village_device_incarnation_seq"
        " UNIQUE (village, device, incarnation, seq)"
    ),
    "CREATE INDEX ix_oplog_village_table_name_row_id ON oplog (village, table_name, row_id)",
    "CREATE INDEX ix_oplog_fingerprint ON oplog (village, fingerprint)",
    "CREATE INDEX ix_oplog_verdict ON oplog (village, verdict, table_name)",
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    _rename()
    op.execute("CREATE TABLE oplog (LIKE oplog_before INCLUDING COMMENTS) PARTITION BY HASH (village)")
    for part in range(PARTS):
        op.execute(
            f"CREATE TABLE {SCHEMA}.oplog_{part:02} PARTITION OF oplog"
            f" FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})"
        )
    _move()


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _rename()
    op.execute("CREATE TABLE oplog (LIKE oplog_before INCLUDING COMMENTS)")
    _move()
    op.execute(f"DROP SCHEMA {SCHEMA}")


def _rename() -> None:
    op.execute("ALTER TABLE oplog RENAME TO oplog_before")


def _move() -> None:
    """The rows first and the keys behind them, which is quicker; the names are free once the old table is gone."""
    op.execute("INSERT INTO oplog SELECT * FROM oplog_before")
    op.execute("DROP TABLE oplog_before")
    for statement in _KEYS:
        op.execute(statement)
