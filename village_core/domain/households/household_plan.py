"""One household of the sheet against what is known of it: its fields and its people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import cast
from uuid import UUID

from village_core.domain.households.fields import HEAD, HOUSEHOLD_FIELDS, PERSON_FIELDS, FieldValue
from village_core.domain.households.grouping import Group
from village_core.domain.households.heads import HeadOfHousehold
from village_core.domain.households.id_numbers import read_id_number
from village_core.domain.households.kinship import age_warning, sex_warning
from village_core.domain.households.planned import Outcome, PlannedHousehold, PlannedPerson
from village_core.domain.households.sheet_notes import SheetNotes
from village_core.domain.households.sheet_values import SheetValues
from village_core.domain.households.snapshot import (
    HOUSEHOLD_PLACE,
    PERSON_PLACE,
    KnownHousehold,
    KnownPerson,
    SnapshotIndex,
)
from village_core.domain.households.vocabulary import Vocabulary

_HOUSEHOLD_NAMES = tuple(each.name for each in HOUSEHOLD_FIELDS)
_PERSON_NAMES = tuple(each.name for each in PERSON_FIELDS)
_HOUSEHOLD_NUMBER, _HEAD_NAME = HOUSEHOLD_PLACE["number"], HOUSEHOLD_PLACE["head_name"]
_GROUP_NAME, _SIZE = HOUSEHOLD_PLACE["group_name"], HOUSEHOLD_PLACE["declared_size"]
_NUMBER, _NAME, _RELATION = PERSON_PLACE["number"], PERSON_PLACE["name"], PERSON_PLACE["relation"]
_BIRTH, _SEX = PERSON_PLACE["birth_date"], PERSON_PLACE["sex"]
_ID_KIND, _ID_NUMBER = PERSON_PLACE["id_kind"], PERSON_PLACE["id_number"]


class HouseholdPlanner:
    """Plans group after group; remembers who was recognised, so that nobody is taken twice."""

    def __init__(
        self,
        values: SheetValues,
        index: SnapshotIndex,
        *,
        known: dict[int, KnownPerson],
        notes: SheetNotes,
        vocabulary: Vocabulary,
        today: date,
        make_id: Callable[[], UUID],
    ) -> None:
        self._values = values
        self._index = index
        self._known = known
        self._in_sheet = {person.id for person in known.values()}
        self._notes = notes
        self._vocabulary = vocabulary
        self._today = today
        self._make_id = make_id
        self.households: list[PlannedHousehold] = []
        self.persons: list[PlannedPerson] = []

    def find_household(self, group: Group) -> KnownHousehold | None:
        """The household that a group of rows speaks of, when the workspace has it."""
        households = self._index.snapshot.households
        if not households:
            return None
        if group.household_id is not None:
            return households.get(group.household_id)
        if group.number is not None and (found := self._index.household_by_number(group.number)) is not None:
            return found
        homes = [self._known[row].household_id for row in group.rows if row in self._known]
        for home in sorted(set(homes), key=lambda each: (-homes.count(each), each)):
            household = households.get(home)
            # A household with another number is another household: its people have moved.
            if household is not None and (group.number is None or household.values[_HOUSEHOLD_NUMBER] is None):
                return household
        head_name, group_name = self._head_name_and_group(group)
        if homes or not head_name:
            return None
        found = self._index.household_by_head(head_name, group_name)
        is_same = found is not None and (group.number is None or found.values[_HOUSEHOLD_NUMBER] is None)
        return found if is_same else None

    def plan(self, group: Group, household: KnownHousehold | None) -> None:
        """Decide on all rows of one household."""
        rows = self._rows_taken(group, household)
        if not rows:
            return
        household_id = household.id if household is not None else self._make_id()
        absent = self._absent_members(household)
        head = HeadOfHousehold(group, rows, values=self._values, known=self._known, absent=absent, notes=self._notes)
        values = self._household_values(group, rows, head.name())
        extras = self._household_extras(group)
        planned = self._planned_household(household_id, household, values, extras=extras, row=rows[0])
        people = [self._plan_person(row, household_id, relation=head.relations[row]) for row in rows]
        if planned.changes:
            self.households.append(planned)
            if people[0].outcome is Outcome.UNCHANGED:
                people[0] = people[0]._replace(outcome=Outcome.UPDATED)
        self.persons.extend(people)
        head.warn_if_missing()
        self._warn_of_size(rows, absent, values[_SIZE])
        self._warn_of_kinship(head, rows)

    # which rows

    def _rows_taken(self, group: Group, household: KnownHousehold | None) -> list[int]:
        taken: list[int] = []
        namesakes: dict[FieldValue, int] = {}
        for row in group.rows:
            if row in self._values.problems:
                continue
            if group.broken is not None:
                self._notes.reject(row, group.broken.column, group.broken.reason)
                continue
            if household is not None and row not in self._known:
                self._recognise_by_name(row, household)
            known = self._known.get(row)
            if known is None and household is not None and household.closed:
                self._notes.reject_person(row, "name", "这户已经销户，不能再加人")
            elif known is not None and (known.closed or (household is not None and household.closed)):
                self._leave_closed(row, known)
            elif known is not None or not self._is_repeated(row, namesakes):
                taken.append(row)
        return taken

    def _recognise_by_name(self, row: int, household: KnownHousehold) -> None:
        person = self._values.persons[row]
        namesake = self._index.find_namesake(
            household.id, person[_NAME], birth=person[_BIRTH], has_id_number=person[_ID_NUMBER] is not None
        )
        if namesake is not None and namesake.id not in self._in_sheet:
            self._known[row] = namesake
            self._in_sheet.add(namesake.id)

    def _is_repeated(self, row: int, namesakes: dict[FieldValue, int]) -> bool:
        """Two of one name in a household, and nothing that tells them apart."""
        person = self._values.persons[row]
        first = namesakes.setdefault(person[_NAME], row)
        if first == row:
            return False
        other = self._values.persons[first]
        if (person[_ID_NUMBER] and other[_ID_NUMBER]) or (person[_NUMBER] and other[_NUMBER]):
            return False
        if person[_BIRTH] is not None and other[_BIRTH] is not None and person[_BIRTH] != other[_BIRTH]:
            return False
        told = f"和第 {self._notes.number(first)} 行同一户、同一个姓名，分不出是不是同一个人，请补上证件号码"
        self._notes.reject_person(row, "name", told)
        return True

    def _leave_closed(self, row: int, known: KnownPerson) -> None:
        told = "这个人已经不在户里了，表里的没有收" if known.closed else "这户已经销户，表里的没有收"
        self._notes.warn_person(row, "name", told)
        number = self._notes.number(row)
        self.persons.append(PlannedPerson(known.id, known.household_id, number, known.name, Outcome.UNCHANGED))

    def _absent_members(self, household: KnownHousehold | None) -> list[KnownPerson]:
        """The open members of whom the sheet says nothing. They stay as they are."""
        if household is None:
            return []
        members = self._index.members_of(household.id)
        return [member for member in members if not member.closed and member.id not in self._in_sheet]

    # the household's fields

    def _household_values(self, group: Group, rows: Sequence[int], head_name: FieldValue) -> list[FieldValue]:
        """The first value of each column that is not empty; what differs from it is told. Bad rows speak here too."""
        values = self._merge_rows(group)
        if head_name is not None:
            if values[_HEAD_NAME] not in (None, head_name):
                told = f"写的是{values[_HEAD_NAME]}，按与户主关系户主是{head_name}，记{head_name}"
                self._notes.warn_household(rows[0], "head_name", told)
            values[_HEAD_NAME] = head_name
        return values

    def _merge_rows(self, group: Group) -> list[FieldValue]:
        tuples = self._values.households
        first = previous = tuples[group.rows[0]]
        values = list(first)
        source = [group.rows[0]] * len(values)
        told_of = False
        for row in group.rows[1:]:
            if tuples[row] == first or (tuples[row] == previous and not told_of):
                continue
            previous = tuples[row]
            for place, value in enumerate(previous):
                if value is None or value == values[place]:
                    continue
                if values[place] is None:
                    values[place], source[place] = value, row
                else:
                    told_of = True
                    earlier = self._notes.number(source[place])
                    told = f"和同一户第 {earlier} 行的不一样，按第 {earlier} 行的收"
                    self._notes.warn_household(row, _HOUSEHOLD_NAMES[place], told)
        return values

    def _household_extras(self, group: Group) -> dict[str, str]:
        extras: dict[str, str] = {}
        for row in group.rows:
            for header, text in self._values.household_extras[row].items():
                if extras.setdefault(header, text) != text:
                    self._notes.warn(row, header, f"和这户前面写的“{extras[header]}”不一样，按前面的收")
        return extras

    def _planned_household(
        self,
        household_id: UUID,
        household: KnownHousehold | None,
        values: Sequence[FieldValue],
        *,
        extras: Mapping[str, str],
        row: int,
    ) -> PlannedHousehold:
        number = self._notes.number(row)
        if household is None:
            return PlannedHousehold(household_id, number, True, values, extras=extras)
        changed, old = _difference(_HOUSEHOLD_NAMES, values, household.values)
        changed_extras = self._changed_extras(household_id, extras)
        return PlannedHousehold(household_id, number, False, values=changed, old=old, extras=changed_extras)

    def _head_name_and_group(self, group: Group) -> tuple[FieldValue, FieldValue]:
        head_name, group_name = group.head_name, None
        for row in group.rows:
            person = self._values.persons[row]
            if head_name is None and person[_RELATION] == HEAD:
                head_name = person[_NAME]
            group_name = group_name or self._values.households[row][_GROUP_NAME]
        return head_name, group_name

    # the persons

    def _plan_person(self, row: int, household_id: UUID, *, relation: FieldValue) -> PlannedPerson:
        values = list(self._values.persons[row])
        values[_RELATION] = relation
        extras = self._values.person_extras[row]
        number = self._notes.number(row)
        known = self._known.get(row)
        if values[_ID_NUMBER] is None and (known is None or known.values[_ID_NUMBER] is None):
            self._notes.warn_person(row, "id_number", "没有证件号码，先按姓名收；有了请补上")
        if known is None:
            name, created = str(values[_NAME]), Outcome.CREATED
            return PlannedPerson(self._make_id(), household_id, number, name, created, values, extras=extras)
        self._keep_better_paper(row, values, known)
        changed, old = _difference(_PERSON_NAMES, values, known.values)
        self._warn_of_identity_change(row, changed, old)
        moved_from = None
        if known.household_id != household_id:
            moved_from = known.household_id
            self._notes.warn_person(row, "name", f"{known.name}原来在另一户，按表移到这一户")
        changed_extras = self._changed_extras(known.id, extras)
        outcome = Outcome.UPDATED if changed or changed_extras or moved_from else Outcome.UNCHANGED
        name = str(values[_NAME] or known.name)
        return PlannedPerson(
            known.id,
            household_id,
            number,
            name,
            outcome,
            values=changed,
            old=old,
            extras=changed_extras,
            moved_from=moved_from,
        )

    def _keep_better_paper(self, row: int, values: list[FieldValue], known: KnownPerson) -> None:
        """18 digits are not given up for 15, and a birthday not against the number that holds it."""
        stored = known.values[_ID_NUMBER]
        if stored is None:
            return
        new = values[_ID_NUMBER]
        if new is not None and len(str(new)) == 15 and len(str(stored)) == 18:
            values[_ID_NUMBER] = None
        if new is None:
            paper = read_id_number(str(stored), kind=str(known.values[_ID_KIND] or ""), today=self._today)
            for place, right in ((_BIRTH, paper.birth), (_SEX, paper.sex or None)):
                if right is not None and values[place] not in (None, right):
                    self._notes.warn_person(row, _PERSON_NAMES[place], "和已有的身份证号对不上，没有收")
                    values[place] = None

    def _warn_of_identity_change(
        self, row: int, changed: Mapping[str, FieldValue], old: Mapping[str, FieldValue]
    ) -> None:
        if "name" in changed:
            self._notes.warn_person(row, "name", f"姓名从{old['name']}改成{changed['name']}，请核对")
        if "id_number" in changed and old["id_number"] is not None:
            self._notes.warn_person(row, "id_number", "证件号码和原来的不一样，按表里的改，请核对")

    def _changed_extras(self, owner: UUID, extras: Mapping[str, str]) -> Mapping[str, str]:
        if not extras:
            return {}
        known = self._index.snapshot.extras
        return {header: text for header, text in extras.items() if known.get((owner, header)) != text}

    # oddities

    def _warn_of_size(self, rows: Sequence[int], absent: Sequence[KnownPerson], declared: FieldValue) -> None:
        size = len(rows) + len(absent)
        if declared is not None and declared != size:
            told = f"人数写的是 {declared}，收进来以后这户是 {size} 人，请核对"
            self._notes.warn_household(rows[0], "declared_size", told)

    def _warn_of_kinship(self, head: HeadOfHousehold, rows: Sequence[int]) -> None:
        persons = self._values.persons
        head_row = head.row()
        head_birth: FieldValue = None
        if head_row is not None:
            head_birth = persons[head_row][_BIRTH]
        elif head.standing is not None:
            head_birth = head.standing.values[_BIRTH]
        relations, today = self._vocabulary.relations, self._today
        known_birth = head_birth if isinstance(head_birth, date) else None
        for row in rows:
            relation = relations.get(cast("str", head.relations[row]))
            if relation is None:
                continue
            birth, sex = persons[row][_BIRTH], persons[row][_SEX]
            odd = sex_warning(relation, sex) or (
                age_warning(relation, birth, head_birth=known_birth, today=today) if isinstance(birth, date) else ""
            )
            if odd:
                self._notes.warn_person(row, "relation", odd)


def _difference(
    names: Sequence[str], new: Sequence[FieldValue], known: Sequence[FieldValue]
) -> tuple[dict[str, FieldValue], dict[str, FieldValue]]:
    """The fields that the new values change, with the new and the old values. Empty ones change nothing."""
    changed: dict[str, FieldValue] = {}
    old: dict[str, FieldValue] = {}
    for name, value, before in zip(names, new, known, strict=True):
        if value is not None and value != before:
            changed[name], old[name] = value, before
    return changed, old
