"""Two rows that may be one: the fields that both sides show, and what a decision says that it saw in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Table, select

from desktop_app.storage.unit_of_work import Reader
from village_core.exchange.operations import synced_table
from village_core.exchange.plan import references_of
from village_core.exchange.questions import OFFERED, SHOWN_OF_PAIR, STANDING, read_document, read_id
from village_core.exchange.values import Value, data_columns, read_row
from village_core.exchange.words import to_json
from village_core.records.held import HeldChange

_OF_THE_ROW_ITSELF = frozenset({"merged_into", "closed_on", "closed_reason"})

Values = Mapping[str, Value]


@dataclass(frozen=True)
class Pair:
    """Both rows as they are here now. `disputed` tells them apart for the county, `different` are all the fields in
    which each says something else; an empty one says nothing."""

    table: Table
    left: Values
    right: Values
    disputed: tuple[str, ...]

    @property
    def different(self) -> tuple[str, ...]:
        return tuple(
            name
            for name in data_columns(self.table)
            if None not in (self.left.get(name), self.right.get(name))
            and self.left[name] != self.right[name]
            and name not in _OF_THE_ROW_ITSELF
            and (name in self.disputed or name not in dict(references_of(self.table)))
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """What is disputed comes first, then what people know a row by, then the rest that differs."""
        return tuple(dict.fromkeys([*self.disputed, *SHOWN_OF_PAIR.get(self.table.name, ()), *self.different]))

    def as_seen(self) -> str:
        """The document of a decision: in which fields somebody sees two values, and which."""
        sides = {STANDING: self.left, OFFERED: self.right}
        parts = (f'"{side}":{to_json({name: row[name] for name in self.different})}' for side, row in sides.items())
        return "{" + ",".join(parts) + "}"


def find_pair(reader: Reader, question: HeldChange) -> Pair | None:
    """The rows of a question of the kind `two_rows`; None where one of them is not here."""
    table = synced_table(question.subject_table)
    standing, offered = read_document(question.standing), read_document(question.offered)
    left, right = (find_values(reader, table, read_id(one.get("id"))) for one in (standing, offered))
    if table is None or left is None or right is None:
        return None
    return Pair(table, left, right, tuple(name for name in standing if name != "id"))


def find_values(reader: Reader, table: Table | None, row_id: UUID | None) -> dict[str, Value] | None:
    """A row as it is here now."""
    if table is None or row_id is None:
        return None
    query = select(table).where(table.c.village == reader.village, table.c.id == row_id)
    row = reader.session.execute(query).mappings().first()
    return read_row(table, dict(row)) if row is not None else None
