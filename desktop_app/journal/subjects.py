"""Whose rows they are: names of households, people, cases and vouchers for the sentences of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from desktop_app.storage.change_log import ChangeEntry
from desktop_app.storage.unit_of_work import Reader
from village_core.records.attachments import Attachment
from village_core.records.households import ExtraField, Household, Person
from village_core.records.ledger import Posting, Voucher
from village_core.records.notices import PrintedDocument
from village_core.records.relief import ReliefCase, ReliefStep
from village_core.records.staff import StaffMember

_AT_ONCE = 400
_NAMES = ("name", "number_text", "title", "period", "draft_number", "code", "kind", "year")


class Subjects:
    """Looks up once what a page of entries needs."""

    def __init__(self, reader: Reader, entries: Iterable[ChangeEntry]) -> None:
        self._reader = reader
        rows: dict[str, set[UUID]] = {}
        for entry in entries:
            rows.setdefault(entry.table, set()).add(entry.row_id)
        self._cases = self._pairs(ReliefCase, ReliefCase.household_id, rows.get("relief_case", set()))
        steps = self._pairs(ReliefStep, ReliefStep.case_id, rows.get("relief_step", set()))
        self._steps = steps
        self._cases |= self._pairs(ReliefCase, ReliefCase.household_id, set(steps.values()))
        self._extras = self._pairs(ExtraField, ExtraField.owner_id, rows.get("extra_field", set()))
        owners = set(self._extras.values())
        self._people = self._persons(rows.get("person", set()) | owners)
        households = rows.get("household", set()) | owners | set(self._cases.values())
        self._households = self._household_words(households | {home for _, home in self._people.values()})
        self._others: dict[UUID, str] = {}
        for record, column in (
            (Voucher, Voucher.number_text),
            (PrintedDocument, PrintedDocument.title),
            (Attachment, Attachment.title),
            (StaffMember, StaffMember.name),
        ):
            self._others |= self._pairs(record, column, rows.get(record.__tablename__, set()))
        postings = self._pairs(Posting, Posting.voucher_id, rows.get("posting", set()))
        numbers = self._pairs(Voucher, Voucher.number_text, set(postings.values()))
        self._others |= {key: numbers.get(voucher, "") for key, voucher in postings.items()}

    def words(self, table: str, row_id: UUID, values: Mapping[str, Any]) -> str:
        """What a row is called; what is gone by the values of its entry."""
        match table:
            case "household":
                return self._household(row_id) or str(values.get("head_name") or "一户")
            case "person":
                return self._person(row_id) or str(values.get("name") or "一个人")
            case "relief_case":
                return self._household(self._cases.get(row_id)) or "一户"
            case "relief_step":
                case_id = self._steps.get(row_id)
                return self._household(self._cases.get(case_id) if case_id else None) or "一户"
            case "extra_field":
                owner = self._extras.get(row_id)
                return (owner and (self._person(owner) or self._household(owner))) or "一户"
            case _:
                return self._others.get(row_id) or _name_of(values)

    def _household(self, key: UUID | None) -> str:
        return self._households.get(key, "") if key else ""

    def _person(self, key: UUID) -> str:
        if key not in self._people:
            return ""
        name, home = self._people[key]
        return " ".join(part for part in (self._households.get(home, ""), name) if part)

    def _pairs(self, record: Any, column: Any, keys: set[UUID]) -> dict[UUID, Any]:
        found: dict[UUID, Any] = {}
        wanted = list(keys)
        for start in range(0, len(wanted), _AT_ONCE):
            query = select(record.id, column).where(
                record.village == self._reader.village, record.id.in_(wanted[start : start + _AT_ONCE])
            )
            found.update((key, value) for key, value in self._reader.session.execute(query))
        return found

    def _persons(self, keys: set[UUID]) -> dict[UUID, tuple[str, UUID]]:
        names = self._pairs(Person, Person.name, keys)
        homes = self._pairs(Person, Person.household_id, keys)
        return {key: (name, homes[key]) for key, name in names.items()}

    def _household_words(self, keys: set[UUID]) -> dict[UUID, str]:
        heads = self._pairs(Household, Household.head_name, keys)
        groups = self._pairs(Household, Household.group_name, keys)
        return {key: household_words(groups[key], head) for key, head in heads.items()}


def household_words(group: str | None, head: str | None) -> str:
    """3组 张三家."""
    return " ".join(part for part in (group or "", f"{head}家" if head else "没写户主的一户") if part)


def _name_of(values: Mapping[str, Any]) -> str:
    return next((str(values[name])[:40] for name in _NAMES if values.get(name)), "")
