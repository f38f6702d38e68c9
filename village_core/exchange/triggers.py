"""Triggers of the laptop's database, made from the records: capture every change, and keep facts as they are.

They are rebuilt after each upgrade, because Alembic's batch mode drops a table's triggers without a word. They name
the function `tiangeng_clock()`, so that a program which does not register it cannot change a synced row at all. It is
called once a transaction, and for each row only where nobody put the transaction's clock into the context.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table, text

from village_core.exchange.change_log import access_log, change_log, log_seal
from village_core.records.base import Merge, rule_of

PREFIX = "tg_"
CLOCK_FUNCTION = "tiangeng_clock"
_OWN_CHANGE = "WHEN (SELECT origin FROM change_context) = 0"


def trigger_statements(tables: Iterable[Table]) -> dict[str, str]:
    """All triggers by name, as CREATE statements."""
    statements: dict[str, str] = {}
    for table in tables:
        statements |= _capture(table) | _protection(table)
    for log in (change_log, log_seal, access_log):
        statements |= _append_only(log.name)
    return statements


def rebuild_triggers(connection: Connection, tables: Iterable[Table]) -> None:
    """Drop every trigger of ours and make them anew from the records."""
    for name in existing_triggers(connection):
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    for statement in trigger_statements(tables).values():
        connection.exec_driver_sql(statement)


def existing_triggers(connection: Connection) -> dict[str, str]:
    """Our triggers as the database holds them, by name."""
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {name: sql for name, sql in rows if name.startswith(PREFIX)}


def _capture(table: Table) -> dict[str, str]:
    name = table.name
    columns = [column.name for column in table.columns if column.name not in ("village", "id")]
    changed = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in columns)
    insert, update, delete = f"{PREFIX}{name}_insert", f"{PREFIX}{name}_update", f"{PREFIX}{name}_delete"
    statements = {
        insert: f"CREATE TRIGGER {insert} AFTER INSERT ON {name} BEGIN "
        + _log_entry(name, "NEW", "I", new=f"CASE WHEN c.origin = 0 THEN {_whole('NEW', columns)} END", old="NULL")
        + " END",
    }
    statements[update] = (
        f"CREATE TRIGGER {update} AFTER UPDATE ON {name} WHEN {changed} BEGIN "
        + _log_entry(name, "NEW", "U", new=_changes("NEW", columns), old=_changes("OLD", columns))
        + " END"
    )
    statements[delete] = (
        f"CREATE TRIGGER {delete} AFTER DELETE ON {name} BEGIN "
        + _log_entry(name, "OLD", "D", new="NULL", old=_whole("OLD", columns))
        + " END"
    )
    return statements


def _protection(table: Table) -> dict[str, str]:
    """A fact made here never changes; where the county had the same fact first, its version takes the place, and
    what a person decided to leave out goes when the county says so."""
    name, rule = table.name, rule_of(table)
    statements = _refusal(f"{PREFIX}{name}_no_move", f"BEFORE UPDATE OF village, id ON {name}", f"{name} keeps its key")
    if rule.merge is Merge.FACT:
        statements |= _refusal(
            f"{PREFIX}{name}_no_update", f"BEFORE UPDATE ON {name} {_OWN_CHANGE}", f"{name} is a fact"
        )
    if not rule.deletable and rule.merge is not Merge.COUNTY:
        statements |= _refusal(
            f"{PREFIX}{name}_no_delete", f"BEFORE DELETE ON {name} {_OWN_CHANGE}", f"{name} is never deleted"
        )
    if rule.merge is Merge.COUNTY:
        for event in ("INSERT", "UPDATE", "DELETE"):
            statements |= _refusal(
                f"{PREFIX}{name}_county_{event.lower()}",
                f"BEFORE {event} ON {name} {_OWN_CHANGE}",
                f"{name} belongs to the county",
            )
    return statements


def _append_only(name: str) -> dict[str, str]:
    update = _refusal(f"{PREFIX}{name}_no_update", f"BEFORE UPDATE ON {name}", f"{name} is append-only")
    return update | _refusal(f"{PREFIX}{name}_no_delete", f"BEFORE DELETE ON {name}", f"{name} is append-only")


def _refusal(trigger: str, event: str, message: str) -> dict[str, str]:
    return {trigger: f"CREATE TRIGGER {trigger} {event} BEGIN SELECT RAISE(ABORT, '{message}'); END"}


def _log_entry(table: str, row: str, op: str, *, new: str, old: str) -> str:
    return (
        "INSERT INTO change_log (device_seq, tx, clock, actor, reason, table_name, row_id, op, new, old, base, origin,"
        " schema) SELECT CASE WHEN c.origin = 0 THEN COALESCE((SELECT MAX(device_seq) FROM change_log), 0) + 1 END,"
        f" c.tx, CASE WHEN c.origin = 0 AND c.clock = 0 THEN {CLOCK_FUNCTION}() ELSE c.clock END,"
        f" c.actor, c.reason, '{table}', {row}.id, '{op}', {new}, {old}, c.base, c.origin, c.schema"
        " FROM change_context AS c WHERE c.id = 1;"
    )


def _whole(row: str, columns: list[str]) -> str:
    return "json_object(" + ", ".join(f"'{column}', {row}.\"{column}\"" for column in columns) + ")"


def _changes(row: str, columns: list[str]) -> str:
    pairs = " UNION ALL ".join(
        f'SELECT \'{column}\' AS k, {row}."{column}" AS v WHERE OLD."{column}" IS NOT NEW."{column}"'
        for column in columns
    )
    return f"(SELECT json_group_object(k, v) FROM ({pairs}))"
