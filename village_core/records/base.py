"""What every synced table has in common: the village in its key, and how its rows are merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, MetaData, String, Table, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Merge(StrEnum):
    """How rows of a table made on several laptops come together."""

    FACT = "fact"
    """Inserted once, never changed; a mistake is answered by a further row."""
    EDIT = "edit"
    """Changed field by field; different fields both apply, of one plain field the newest stands."""
    COUNTY = "county"
    """Written by the county only; laptops read it."""


@dataclass(frozen=True)
class SyncRule:
    """The merge class of a table. Triggers, codec, digests and apply are made from it.

    `sensitive` fields keep what came first and hold the later value for a person. `natural_key` are the columns
    that make two rows with different ids the same thing. `deletable` rows are drafts, which nobody relied on. `lines`
    are texts whose lines are a set: what was written apart from each other comes together line by line.
    """

    merge: Merge
    sensitive: frozenset[str] = field(default_factory=frozenset)
    natural_key: tuple[str, ...] = ()
    deletable: bool = False
    lines: frozenset[str] = field(default_factory=frozenset)


_rules: dict[str, SyncRule] = {}


class Record(DeclarativeBase):
    """Base of all synced rows. Primary key (village, id): fit for sharding by village."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    sync: ClassVar[SyncRule]

    village: Mapped[str] = mapped_column(String(12), primary_key=True, sort_order=-20)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-19)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _rules[cls.__tablename__] = cls.sync


def rule_of(table: Table) -> SyncRule:
    """The merge class of a synced table."""
    return _rules[table.name]


def references(column: str, target: str) -> ForeignKeyConstraint:
    """A foreign key to another row of the same village: (village, column) → target(village, id)."""
    return ForeignKeyConstraint(["village", column], [f"{target}.village", f"{target}.id"])
