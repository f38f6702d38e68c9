"""`python -m village_core.exchange.tables_page > docs/sync_tables.md`: the tables that travel, for who writes a client.

Made from the records, so that it cannot tell anything else than the program does; a test compares.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, String, Table, Text, Uuid

from village_core.domain.ids import DERIVED_FROM, derived_id
from village_core.domain.relief.steps import PAYLOAD_TYPES
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.plan import references_of
from village_core.exchange.staff_roles import COUNTY_FIELDS, STAFF
from village_core.exchange.values import LONGEST_TEXT, data_columns
from village_core.exchange.words import TABLES, field_word
from village_core.records.base import Merge, Record, rule_of

VILLAGE = "532327101201"
_LINES = "a set of lines (*Verdicts*)"
_COMMAND = "python -m village_core.exchange.tables_page > docs/sync_tables.md"
_ROW = UUID("0192f0c1-7a30-7cc2-9d55-0123456789ab")
_HASH = bytes(range(16))

_CLASSES = {
    Merge.FACT: "**FACT**, inserted once, never changed or deleted by a laptop; a mistake is answered by a new row:",
    Merge.EDIT: "**EDIT**, merged field by field; a plain field takes the newest value, of a sensitive one is asked:",
    Merge.COUNTY: "**COUNTY**, written by the county only; an operation on it that comes from a laptop is held:",
}

_NOTES: Mapping[str, str] = {
    "voucher": "Its postings come in the same transaction. The county may change `number`, `number_text`, `period` "
    "and `printed_number` of what arrives (*Late vouchers* in the protocol).",
    "voucher_draft": '`body`: `{"paper_count": 2, "postings": [{"account": "10201", "credit_fen": 0, '
    '"debit_fen": 5000, "summary": "…"}, …], "template": "…"}`; at most 2,000 postings.',
    "relief_step": "The payloads stand at the end of this page.",
    STAFF: f"{', '.join(f'`{name}`' for name in COUNTY_FIELDS)} are the county's as soon as it knows the person "
    "(*People and roles* in the protocol).",
    "attachment": "The contents travel apart (*Contents of attachments* in the protocol).",
    "seat": "What is signed: *Seats* in the protocol.",
    "held_change": "*Questions and decisions* in the protocol.",
    "held_decision": "*Questions and decisions* in the protocol.",
}


@dataclass(frozen=True)
class Recipe:
    """How a derived id is made: the `kind` and what follows it, in words and as an example."""

    table: str
    kind: str
    words: tuple[str, ...] = ()
    example: tuple[str, ...] = ()
    note: str = ""


RECIPES = (
    Recipe("village_profile", "village"),
    Recipe("collective_income", "income", ("year",), ("2026",)),
    Recipe("governing_body", "body", ("kind",), ("villagers",)),
    Recipe("sub_account", "sub_account", ("code",), ("51401",)),
    Recipe("month_lock", "month_lock", ("period",), ("2026-03",)),
    Recipe("posting", "posting", ("voucher_id, 32 hex digits", "line"), (_ROW.hex, "1")),
    Recipe("extra_field", "extra_field", ("owner_id, 32 hex digits", "field"), (_ROW.hex, "备注二")),
    Recipe(
        "voucher",
        "imported_voucher",
        ("voucher_date", "number_text", "of each posting `account debit_fen credit_fen summary`"),
        ("2026-03-31", "记-12", "10201 5000 0 收租金", "50103 0 5000 收租金"),
        "imported ones only; those that are written here have an id of their own",
    ),
    Recipe(
        "held_change",
        "held",
        ("fingerprint of the offering operation, 32 hex digits", "table", "row id, 32 hex digits", "field"),
        (_HASH.hex(), "household", _ROW.hex, "bank_account"),
        "made by the county",
    ),
    Recipe("seat", "seat", ("kind", "epoch", "share, from 0"), ("grant", "1", "0"), "made by the county"),
)
"""All that the programs derive; a test looks for others."""


def render_page() -> str:
    """The whole page."""
    return "\n".join([*_head(), *_ids(), *_tables(), *_payloads()])


def _head() -> Iterator[str]:
    yield "# The tables that travel"
    yield ""
    yield f"Schema {SCHEMA_VERSION}. Made from the records, not to be edited: `{_COMMAND}`."
    yield "How rows travel, are judged and compared stands in [sync_protocol.md](sync_protocol.md)."
    yield from ("", "## Values", "", "| here | in a message (msgpack) | limits |", "|---|---|---|")
    yield "| id | 16 bytes, the UUID big end first | |"
    yield (
        f"| text | str, UTF-8 | no NUL, at most {LONGEST_TEXT:,} characters. "
        "The number behind *text* is what forms let in; nobody checks it |"
    )
    yield "| integer 32, integer 64 | int, never a float | signed. Names in `_fen` are money in 分 |"
    yield "| yes/no | bool | not 0 and 1 |"
    yield "| date | str | `YYYY-MM-DD` of a day that exists |"
    yield "| nothing | nil | where *empty* says yes. An empty text is something else |"
    yield ""
    yield (
        "A row's key is (`village`, `id`). `village`, twelve digits, is told once a batch; `id` stands among the row "
        "ids of its group; neither is among the columns of an operation. Times in text (`made_at` and so on) are UTC, "
        "`2026-11-22T02:00:00.000Z`."
    )
    yield (
        "An insert carries every column of the table that its maker's program knows; what it leaves out is empty, or "
        "the default. Of a *sensitive* column what arrives first stands, a later different value is put before a "
        "person. → names the table that the id must point to in the same village: that row travels before, or in the "
        "same transaction. Other ids are not checked."
    )
    yield ""


def _ids() -> Iterator[str]:
    yield from ("## Ids", "")
    yield (
        "A new row gets a UUIDv7 (RFC 9562). Where every laptop must make the same row alike, the id is derived: "
        f"UUIDv5 (RFC 4122) of the namespace `{DERIVED_FROM}` and the UTF-8 of `village`, the kind and its parts, "
        f"joined with the byte 1F. For village {VILLAGE} (parts are divided by · here):"
    )
    yield from ("", "| table | kind | parts | example | its id |", "|---|---|---|---|---|")
    for one in RECIPES:
        example = " · ".join(one.example)
        made = derived_id(VILLAGE, one.kind, *one.example)
        words = ", ".join(one.words) + (f" ({one.note})" if one.note else "")
        yield f"| `{one.table}` | `{one.kind}` | {words} | {example} | `{made}` |"
    yield ""


def _tables() -> Iterator[str]:
    records = {mapper.class_.__tablename__: mapper.class_ for mapper in Record.registry.mappers}
    by_class = {merge: [name for name in sorted(records) if records[name].sync.merge is merge] for merge in Merge}
    yield "## Tables"
    yield ""
    for merge, names in by_class.items():
        yield f"- {_CLASSES[merge]} {', '.join(f'[{name}](#{name})' for name in names)}."
    for name in sorted(records):
        yield from _table(records[name], records[name].metadata.tables[name])


def _table(record: type[Record], table: Table) -> Iterator[str]:
    rule = rule_of(table)
    yield from ("", f"### {table.name}")
    word, about = TABLES.get(table.name, ""), inspect.getdoc(record) or ""
    yield _joined([f"{word}." if word and not about.startswith(word) else "", about])
    yield ""
    traits = [f"**{rule.merge.name}**."]
    if rule.natural_key:
        key = ", ".join(f"`{name}`" for name in rule.natural_key)
        traits.append(f"Natural key: {key}; two rows that agree in it are one, or a question (*Verdicts*).")
    if rule.deletable:
        traits.append("Rows may be deleted (kind D).")
    derived = [one for one in RECIPES if one.table == table.name]
    traits.append("Id derived, see above." if derived and not derived[0].note else "")
    traits.append(_NOTES.get(table.name, ""))
    yield _joined(traits)
    yield from ("", "| column | holds | empty | sensitive | what |", "|---|---|---|---|---|")
    targets = dict(references_of(table))
    meanings = _meanings(record)
    for name, column in data_columns(table).items():
        word = field_word(table.name, name)
        lines = _LINES if name in rule.lines else ""
        what = _joined(["" if word == "一栏" else word, meanings.get(name, ""), lines, _default(column)], between="; ")
        held = _holds(column) + (f" → `{targets[name]}`" if name in targets else "")
        cells = (f"`{name}`", held, _yes(column.nullable), _yes(name in rule.sensitive), what)
        yield f"| {' | '.join(cells)} |"


def _yes(is_so: bool | None) -> str:
    return "yes" if is_so else ""


def _holds(column: Column[Any]) -> str:
    match column.type:
        case Uuid():
            return "id"
        case Boolean():
            return "yes/no"
        case Date():
            return "date"
        case Text():
            return "text"
        case String(length=length):
            return f"text {length}"
        case BigInteger():
            return "integer 64"
        case Integer():
            return "integer 32"
        case other:
            raise TypeError(f"{column}: no words for {other!r}")


def _default(column: Column[Any]) -> str:
    if column.default is None or not column.default.is_scalar:
        return ""
    value = column.default.arg  # type: ignore[attr-defined]  # a scalar has one
    return f"default `{'false' if value is False else value if value != '' else repr('')}`"


def _meanings(record: type[Record]) -> dict[str, str]:
    """What the program's text says under a column, in one line."""
    body = ast.parse(textwrap.dedent(inspect.getsource(record))).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for one, below in zip(body.body, body.body[1:], strict=False):
        match one, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                found[name] = _one_line(words)
    return found


def _payloads() -> Iterator[str]:
    yield from ("", "## Payloads of relief_step", "")
    yield (
        "`payload` is JSON with sorted keys and without blanks; what equals its default is left out, what is not known "
        "is passed over. Ids are text with dashes, dates `YYYY-MM-DD`, money in 分."
    )
    yield "`reasons` is JSON of a rule's id → the written reason. Other columns say what the payload does not repeat."
    yield ""
    shapes: dict[type, list[str]] = {}
    for kind, shape in PAYLOAD_TYPES.items():
        shapes.setdefault(shape, []).append(f"`{kind.value}`")
    inner: dict[type, None] = {}
    for shape, kinds in shapes.items():
        yield from _shape(shape, ", ".join(kinds), inner)
    for shape in list(inner):
        yield from _shape(shape, f"`{shape.__name__}` in these", inner)


def _shape(shape: type, title: str, inner: dict[type, None]) -> Iterator[str]:
    assert is_dataclass(shape)
    hints = get_type_hints(shape)
    yield f"- **{title}**. {_one_line(inspect.getdoc(shape) or '')}"
    for part in fields(shape):
        optional = "" if part.default is MISSING else ", may be left out"
        yield f"  - `{part.name}`: {_hint(hints[part.name], inner)}{optional}"


def _hint(hint: Any, inner: dict[type, None]) -> str:
    parts = [part for part in get_args(hint) if part not in (NoneType, Ellipsis)]
    if get_origin(hint) is tuple:
        return f"list of {_hint(parts[0], inner)}"
    if parts:
        return f"{_hint(parts[0], inner)} or null"
    if is_dataclass(hint):
        assert isinstance(hint, type)
        inner[hint] = None
        return f"`{hint.__name__}`"
    if issubclass(hint, StrEnum):
        return " / ".join(f"`{one.value}`" for one in hint)
    return {str: "text", int: "integer", bool: "yes/no", date: "date", UUID: "id"}[hint]


def _joined(parts: list[str], between: str = " ") -> str:
    return between.join(_one_line(part) for part in parts if part)


def _one_line(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


if __name__ == "__main__":
    sys.stdout.write(render_page() + "\n")
