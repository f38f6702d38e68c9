"""The parts of an import plan: what becomes of each household and of each person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from village_core.domain.households.fields import FieldValue
from village_core.domain.households.sheet_values import RowNote

_NOTHING: Mapping[str, FieldValue] = MappingProxyType({})
_NO_EXTRAS: Mapping[str, str] = MappingProxyType({})


class Outcome(StrEnum):
    """What becomes of a row that is taken."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class PlannedHousehold(NamedTuple):
    """A household that is new or changes. A new one has a `record` (all fields in order), a known one `values`."""

    id: UUID
    row: int
    is_new: bool
    record: Sequence[FieldValue] = ()
    values: Mapping[str, FieldValue] = _NOTHING
    old: Mapping[str, FieldValue] = _NOTHING
    extras: Mapping[str, str] = _NO_EXTRAS
    """Columns kept by name that are new or different."""

    @property
    def changes(self) -> bool:
        return self.is_new or bool(self.values or self.extras)


class PlannedPerson(NamedTuple):
    """A row that is taken. A new person has a `record` (all fields in order), a known one the changed `values`.

    `moved_from` is the household that a known person leaves.
    """

    id: UUID
    household_id: UUID
    row: int
    name: str
    outcome: Outcome
    record: Sequence[FieldValue] = ()
    values: Mapping[str, FieldValue] = _NOTHING
    old: Mapping[str, FieldValue] = _NOTHING
    extras: Mapping[str, str] = _NO_EXTRAS
    moved_from: UUID | None = None

    @property
    def changes(self) -> bool:
        """Whether the person's own row or columns change; a row may count as updated for its household alone."""
        return self.outcome is Outcome.CREATED or bool(self.values or self.extras or self.moved_from)


@dataclass(frozen=True)
class ImportPlan:
    """Everything an import would do. `rows` counts the sheet's rows that are not blank."""

    rows: int
    households: tuple[PlannedHousehold, ...] = ()
    persons: tuple[PlannedPerson, ...] = ()
    rejected: tuple[RowNote, ...] = ()
    warnings: tuple[RowNote, ...] = field(default=())

    def count(self, outcome: Outcome) -> int:
        return sum(person.outcome is outcome for person in self.persons)
