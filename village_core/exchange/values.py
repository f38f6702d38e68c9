"""Column values as they travel and are compared: nothing, bool, int, str (dates as ISO text) and bytes (ids).

Both databases and the JSON of the change log are brought to this one form, so that equal rows are equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Dialect,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
    Uuid,
    type_coerce,
)

Value = None | bool | int | str | bytes
LONGEST_TEXT = 200_000
"""Characters of any text. The lengths that columns name bind nobody: SQLite on the laptops keeps none, and what a
clerk could type there must not be put aside for its length."""


class MalformedValueError(ValueError):
    """A value that its column cannot hold."""


@cache
def data_columns(table: Table) -> dict[str, Column[Any]]:
    """All columns but the key, by name."""
    return {column.name: column for column in table.columns if column.name not in ("village", "id")}


def from_python(value: Any) -> Value:
    """What SQLAlchemy reads becomes what travels."""
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    raise MalformedValueError(type(value).__name__)


def as_it_travels(column: Column[Any]) -> ColumnElement[Any]:
    """The column read as `from_python` would give it. For many rows: ids and dates that nobody looks at as such cost
    more than all the rest of reading them."""
    if isinstance(column.type, Uuid):
        return type_coerce(column, _IdBytes())
    return type_coerce(column, _DateText()) if isinstance(column.type, Date) else column


class _IdBytes(TypeDecorator[bytes]):
    """SQLite keeps ids as hex, PostgreSQL's driver gives UUIDs."""

    impl = Uuid
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bytes | None]:
        del coltype
        if dialect.name == "sqlite":
            return lambda kept: None if kept is None else bytes.fromhex(kept)
        return lambda kept: None if kept is None else kept.bytes


class _DateText(TypeDecorator[str]):
    """SQLite keeps dates as ISO text, PostgreSQL's driver gives dates."""

    impl = Date
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None] | None:
        del coltype
        return None if dialect.name == "sqlite" else lambda kept: None if kept is None else kept.isoformat()


def to_python(column: Column[Any], value: Value) -> Any:
    """What travelled becomes what SQLAlchemy writes."""
    if isinstance(value, bytes):
        return UUID(bytes=value)
    if isinstance(value, str) and isinstance(column.type, Date):
        return date.fromisoformat(value)
    return value


def from_log(column: Column[Any], value: Any) -> Value:
    """A value of the change log's JSON, where SQLite has no bool and keys are hex."""
    if value is None:
        return None
    if isinstance(column.type, Boolean):
        return bool(value)
    if isinstance(column.type, Uuid):
        return bytes.fromhex(value)
    return from_python(value)


def check_value(column: Column[Any], value: object) -> Value:
    """The value if the column can hold it; otherwise `MalformedValueError`. Guards against what comes from outside."""
    kind = column.type
    if value is None:
        if not column.nullable:
            raise MalformedValueError(f"{column.name} may not be empty")
        return None
    if isinstance(kind, Boolean):
        fits = isinstance(value, bool)
    elif isinstance(kind, Integer):
        bound = 1 << (63 if isinstance(kind, BigInteger) else 31)
        fits = isinstance(value, int) and not isinstance(value, bool) and -bound <= value < bound
    elif isinstance(kind, Uuid):
        fits = isinstance(value, bytes) and len(value) == 16
    elif isinstance(kind, Date):
        fits = isinstance(value, str) and _is_date(value)
    elif isinstance(kind, String):
        fits = isinstance(value, str) and "\x00" not in value and len(value) <= LONGEST_TEXT
    else:
        assert not isinstance(kind, LargeBinary), "synced tables hold no contents"
        fits = False
    if not fits:
        raise MalformedValueError(f"{column.name} cannot hold {type(value).__name__}")
    assert isinstance(value, bool | int | str | bytes)
    return value


def storable(values: Mapping[str, Value]) -> dict[str, Value]:
    """Anything at all, made fit for a text column."""
    return {
        name.replace("\x00", ""): value.replace("\x00", "") if isinstance(value, str) else value
        for name, value in values.items()
    }


def read_row(table: Table, row: Mapping[str, Any]) -> dict[str, Value]:
    """A row as SQLAlchemy reads it, without its key."""
    return {name: from_python(row[name]) for name in data_columns(table)}


def python_values(table: Table, values: Mapping[str, Value]) -> dict[str, Any]:
    """Values ready to be bound to a statement on `table`."""
    columns = data_columns(table)
    return {name: to_python(columns[name], value) for name, value in values.items()}


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
