"""What the web workers may do in PostgreSQL: a role that serves, beside the owner that migrates and administers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, Table, text

from county_server.guards import appended_tables
from county_server.tables import county_metadata
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.exchange.operations import synced_table
from village_core.records import rule_of

WEB_ROLE = "tiangeng_web"

_READ_ONLY = frozenset(
    {"village", "enrolment_code", "county_key", "backup_mark", "admin_audit", "bundle_part", "compacted_operation"}
)
"""The operator's own: rows come by the command line only."""

_UNREAD = frozenset({"admin_audit"})

_UPDATED = {
    "village": ("counter", "epoch"),
    "device": ("last_seen_at",),
    "enrolment_code": ("device",),
    "device_chain": ("last_seq", "head"),
    "blob_upload": ("touched_at",),
}
"""The county's own tables with the only columns that a request writes again."""

_WORKED_OUT = frozenset({"row_version", "table_digest", "row_digest"})
"""What follows from the log and can be worked out anew."""

_DELETED = _WORKED_OUT | frozenset(
    {
        "newer_operation",
        "blob_upload",
        "blob_chunk",
        "batch_part",
        "kept_answer",
        "snapshot",
    }
)
"""The county's own tables from which a request takes rows: leftovers of uploads, and what waited."""


def grant_statements(role: str) -> list[str]:
    """The SQL that gives the web role what it needs and takes everything else from it."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise RefusedError(
            f"数据库角色名“{role}”不能用。",
            safe="没有改动任何权限。",
            next_step="请用小写字母、数字和下划线，例如 tiangeng_web。",
        )
    statements = [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT ON alembic_version TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ]
    for table in county_metadata.sorted_tables:
        rights = list(_rights(table))
        if rights:
            statements.append(f'GRANT {", ".join(rights)} ON "{table.name}" TO {role}')
    return statements


def grant_web_role(connection: Connection, role: str) -> None:
    """Give the role its rights, in the owner's transaction."""
    if connection.dialect.name != "postgresql":
        raise RefusedError(
            "只有 PostgreSQL 才有数据库角色，SQLite 只用于演示。",
            safe="没有改动任何权限。",
            next_step="请用 --db 给出 PostgreSQL 数据库的地址。",
        )
    statements = grant_statements(role)
    if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
        raise ProblemOutsideError(
            f"数据库里没有角色 {role}。",
            safe="没有改动任何权限。",
            next_step=f"请先让数据库管理员执行 createuser --pwprompt {role}。",
        )
    for statement in statements:
        connection.execute(text(statement))


def _rights(table: Table) -> Iterator[str]:
    name = str(table.name)
    if name not in _UNREAD:
        yield "SELECT"
    if name not in _READ_ONLY:
        yield "INSERT"
    if name in appended_tables():
        return
    if name in _WORKED_OUT:
        yield "UPDATE"
    if name in _UPDATED:
        yield f"UPDATE ({', '.join(_UPDATED[name])})"
    if synced_table(name) is not None:
        columns = [f'"{column.name}"' for column in table.columns if column.name not in ("village", "id")]
        yield f"UPDATE ({', '.join(columns)})"
    synced = synced_table(name)
    if name in _DELETED or (synced is not None and rule_of(synced).deletable):
        yield "DELETE"
