"""PostgreSQL itself refuses to alter what happened: triggers on facts, on the log and on what was signed.

They hold for whoever asks, unless the owner of the tables says in the same transaction what work of his it is:
a migration, the compaction of the log, or the repair of rows from the log.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from county_server.tables import county_metadata
from village_core.exchange.plan import is_fact

KEPT_FOR_EVER = (
    "oplog",
    "compacted_operation",
    "batch",
    "refused_batch",
    "given_receipt",
    "journal_head",
    "village_epoch",
    "backup_mark",
    "admin_audit",
)
"""The county's own tables to which rows are only ever added. The synced ones of that kind are the fact tables."""

_FUNCTION = """
CREATE OR REPLACE FUNCTION tiangeng_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('tiangeng.owner_work', true), '') <> ''
        AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')
    THEN
        RETURN CASE WHEN TG_LEVEL = 'STATEMENT' THEN NULL WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


def appended_tables() -> list[str]:
    """The names of all tables whose rows are never altered."""
    return sorted({*KEPT_FOR_EVER, *(name for name in county_metadata.tables if is_fact(name))})


def install_guards(connection: Connection) -> None:
    """Make function and triggers anew, in the transaction that migrates. SQLite, for demonstrations, has none."""
    if connection.dialect.name != "postgresql":
        return
    connection.execute(text(_FUNCTION))
    for name in appended_tables():
        for trigger, event, level in (
            ("tiangeng_keep_rows", "UPDATE OR DELETE", "ROW"),
            ("tiangeng_keep_table", "TRUNCATE", "STATEMENT"),
        ):
            connection.execute(text(f'DROP TRIGGER IF EXISTS {trigger} ON "{name}"'))
            connection.execute(
                text(
                    f'CREATE TRIGGER {trigger} BEFORE {event} ON "{name}"'
                    f" FOR EACH {level} EXECUTE FUNCTION tiangeng_refuse()"
                )
            )


def as_owner(connection: Connection, work: str) -> None:
    """Until the end of this transaction the owner may alter what is only added otherwise; `work` says what for."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT set_config('tiangeng.owner_work', :work, true)"), {"work": work})
