"""Who the rows of a sheet are: the same person twice, persons whom the workspace knows."""

from __future__ import annotations

from village_core.domain.households.id_numbers import RESIDENT_CARD, identity_key
from village_core.domain.households.sheet_values import RowNote, SheetValues
from village_core.domain.households.snapshot import PERSON_PLACE, KnownPerson, SnapshotIndex
from village_core.domain.households.vocabulary import MatchedColumns

_NUMBER, _NAME = PERSON_PLACE["number"], PERSON_PLACE["name"]
_ID_KIND, _ID_NUMBER = PERSON_PLACE["id_kind"], PERSON_PLACE["id_number"]


def recognise_persons(values: SheetValues, columns: MatchedColumns, index: SnapshotIndex) -> dict[int, KnownPerson]:
    """The known person of each row that has one. Rows that repeat a person get a problem; the first one counts."""
    known: dict[int, KnownPerson] = {}
    seen: dict[str, int] = {}
    taken: dict[object, int] = {}
    for row, person in enumerate(values.persons):
        if row in values.problems:
            continue
        id_number, number = person[_ID_NUMBER], person[_NUMBER]
        key = identity_key(str(person[_ID_KIND] or RESIDENT_CARD), str(id_number)) if id_number else ""
        if (first := seen.get(key)) is not None:
            _refuse(values, columns, row, "id_number", f"和第 {values.numbers[first]} 行是同一个人（证件号码一样）")
            continue
        if number is not None and (first := taken.get(number)) is not None:
            _refuse(values, columns, row, "number", f"和第 {values.numbers[first]} 行是同一个人（人编号一样）")
            continue
        by_identity = index.person_by_identity(key) if key else None
        by_number = index.person_by_number(number) if number is not None else None
        if by_identity is not None and by_number is not None and by_identity.id != by_number.id:
            reason = f"人编号是{by_number.name}的，证件号码却是{by_identity.name}的，请核对"
            _refuse(values, columns, row, "id_number", reason)
            continue
        if by_identity is None and by_number is not None and key and _is_someone_else(by_number, person[_NAME], key):
            reason = f"人编号是{by_number.name}的，姓名和证件号码却都是另一个人的，请核对"
            _refuse(values, columns, row, "number", reason)
            continue
        if person[_NAME] is None and by_identity is None and by_number is None:
            reason = "没有姓名" if id_number else "没有姓名，也没有证件号码"
            _refuse(values, columns, row, "name", reason)
            continue
        if key:
            seen[key] = row
        if number is not None:
            taken[number] = row
        if (person_known := by_identity or by_number) is not None:
            known[row] = person_known
    return known


def _is_someone_else(known: KnownPerson, name: object, key: str) -> bool:
    """One of name and number may have been mended; both at once is another person under a number already given."""
    kind, id_number = known.values[_ID_KIND], known.values[_ID_NUMBER]
    if not id_number or name is None or name == known.name:
        return False
    return identity_key(str(kind or RESIDENT_CARD), str(id_number)) != key


def _refuse(values: SheetValues, columns: MatchedColumns, row: int, field: str, reason: str) -> None:
    column = columns.person.get(field) or columns.person.get("name") or columns.person.get("id_number")
    header = column.header if column else "姓名"
    values.problems[row].append(RowNote(values.numbers[row], header, reason))
