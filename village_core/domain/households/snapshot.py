"""What the village already knows, as an import compares with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from village_core.domain.households.fields import HEAD, HOUSEHOLD_FIELDS, PERSON_FIELDS, FieldValue
from village_core.domain.households.id_numbers import identity_key

HOUSEHOLD_PLACE = {each.name: place for place, each in enumerate(HOUSEHOLD_FIELDS)}
PERSON_PLACE = {each.name: place for place, each in enumerate(PERSON_FIELDS)}
"""Where a field stands in a `values` tuple."""

_NAME, _ID_KIND, _ID_NUMBER = PERSON_PLACE["name"], PERSON_PLACE["id_kind"], PERSON_PLACE["id_number"]
_NUMBER, _RELATION, _BIRTH = PERSON_PLACE["number"], PERSON_PLACE["relation"], PERSON_PLACE["birth_date"]


@dataclass(frozen=True, slots=True)
class KnownHousehold:
    """A household of the workspace; `values` in the order of `HOUSEHOLD_FIELDS`."""

    id: UUID
    values: tuple[FieldValue, ...]
    closed: bool = False


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person of the workspace; `values` in the order of `PERSON_FIELDS`."""

    id: UUID
    household_id: UUID
    values: tuple[FieldValue, ...]
    closed: bool = False

    @property
    def name(self) -> str:
        return str(self.values[_NAME])

    @property
    def is_head(self) -> bool:
        return self.values[_RELATION] == HEAD and not self.closed


_Known = TypeVar("_Known", KnownHousehold, KnownPerson)


@dataclass(frozen=True)
class Snapshot:
    """All households and persons of the village, closed ones included; `extras` by (owner, field)."""

    households: Mapping[UUID, KnownHousehold] = field(default_factory=dict)
    persons: Mapping[UUID, KnownPerson] = field(default_factory=dict)
    extras: Mapping[tuple[UUID, str], str] = field(default_factory=dict)


class SnapshotIndex:
    """Finds households and persons by what a sheet knows of them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        number, head, group = (HOUSEHOLD_PLACE[name] for name in ("number", "head_name", "group_name"))
        self._by_number: dict[FieldValue, KnownHousehold] = {}
        self._by_head: dict[tuple[FieldValue, FieldValue], list[KnownHousehold]] = defaultdict(list)
        self._by_head_alone: dict[FieldValue, list[KnownHousehold]] = defaultdict(list)
        for household in _open_last(snapshot.households.values()):
            values = household.values
            if values[number]:
                self._by_number[values[number]] = household
            if values[head] and not household.closed:
                self._by_head[values[head], values[group]].append(household)
                self._by_head_alone[values[head]].append(household)
        self._by_identity: dict[str, KnownPerson] = {}
        self._by_person_number: dict[FieldValue, KnownPerson] = {}
        self._members: dict[UUID, list[KnownPerson]] = defaultdict(list)
        for person in _open_last(snapshot.persons.values()):
            values = person.values
            if id_number := values[_ID_NUMBER]:
                kind = values[_ID_KIND]
                self._by_identity[identity_key(str(kind) if kind else None, str(id_number))] = person
            if values[_NUMBER]:
                self._by_person_number[values[_NUMBER]] = person
            self._members[person.household_id].append(person)

    def household_by_number(self, number: FieldValue) -> KnownHousehold | None:
        return self._by_number.get(number)

    def household_by_head(self, head_name: FieldValue, group_name: FieldValue) -> KnownHousehold | None:
        """The one open household of this head in this group; without a group, the one of this head."""
        found = self._by_head.get((head_name, group_name), []) if group_name else self._by_head_alone.get(head_name, [])
        return found[0] if len(found) == 1 else None

    def person_by_identity(self, key: str) -> KnownPerson | None:
        return self._by_identity.get(key)

    def person_by_number(self, number: FieldValue) -> KnownPerson | None:
        return self._by_person_number.get(number)

    def members_of(self, household_id: UUID) -> list[KnownPerson]:
        """All persons of a household, closed ones included."""
        return self._members.get(household_id, [])

    def find_namesake(
        self, household_id: UUID, name: FieldValue, *, birth: FieldValue, has_id_number: bool
    ) -> KnownPerson | None:
        """The one open member of that name whose papers do not say that it is somebody else."""
        found = [
            person
            for person in self.members_of(household_id)
            if person.values[_NAME] == name
            and not person.closed
            and not (has_id_number and person.values[_ID_NUMBER])
            and (birth is None or person.values[_BIRTH] in (None, birth))
        ]
        return found[0] if len(found) == 1 else None


def _open_last(items: Iterable[_Known]) -> list[_Known]:
    """Closed ones first, so that of two with one number the open one is found."""
    return sorted(items, key=lambda item: not item.closed)
