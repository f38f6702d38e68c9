"""What happened to a household and its people, read from the change log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from desktop_app.households.photos import OWNER_KIND
from desktop_app.storage.change_log import ChangeEntry, list_history
from desktop_app.storage.unit_of_work import Reader
from village_core.domain.clock import CHINA
from village_core.domain.households.history import extra_sentence, household_sentence, person_sentence
from village_core.domain.masking import mask_text
from village_core.domain.staff.rights import Right
from village_core.exchange.change_log import COUNTY_ORIGIN
from village_core.records.attachments import Attachment
from village_core.records.households import ExtraField, Household, Person
from village_core.records.staff import StaffMember

_ONE_DEED = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One deed: when (China time), who, and what in a sentence."""

    at: datetime
    who: str
    sentence: str
    reason: str = ""


def list_household_history(reader: Reader, household_id: UUID) -> list[HistoryLine]:
    """The deeds on a household, its people, its columns and photos, newest first."""
    reader.require(Right.READ_HOUSEHOLDS, about=household_id)
    names: dict[UUID, str] = dict(
        reader.session.execute(
            select(Person.id, Person.name).where(Person.village == reader.village, Person.household_id == household_id)
        ).all()
    )
    owners = [household_id, *names]
    extras = {
        key: (owner, field)
        for key, owner, field in reader.session.execute(
            select(ExtraField.id, ExtraField.owner_id, ExtraField.field).where(
                ExtraField.village == reader.village, ExtraField.owner_id.in_(owners)
            )
        )
    }
    photos = dict(
        reader.session.execute(
            select(Attachment.id, Attachment.title).where(
                Attachment.village == reader.village,
                Attachment.owner_kind == OWNER_KIND,
                Attachment.owner_id == household_id,
            )
        ).all()
    )
    entries = list_history(reader.session, [*owners, *extras, *photos])
    staff = _staff_names(reader, {entry.actor for entry in entries})

    def sentence(entry: ChangeEntry) -> str:
        if entry.table == Household.__tablename__:
            return household_sentence(entry.op, entry.new, entry.old)
        if entry.table == Person.__tablename__:
            return person_sentence(entry.op, names.get(entry.row_id, ""), entry.new, entry.old)
        if entry.table == ExtraField.__tablename__:
            owner, field = extras[entry.row_id]
            whose = f"{names[owner]}的" if owner in names else ""
            return extra_sentence(entry.op, field, whose, entry.new, entry.old)
        return f"放了一张照片“{photos.get(entry.row_id, '')}”"

    lines = []
    for deed in _deeds(entries):
        told = _tell(deed, [sentence(entry) for entry in deed])
        if told:
            at, reason = deed[0].at.astimezone(CHINA), mask_text(deed[0].reason)
            lines.append(HistoryLine(at, _who(deed[0], staff), told, reason))
    return lines


def _deeds(entries: list[ChangeEntry]) -> list[list[ChangeEntry]]:
    """Entries of one person, reason and moment belong together; the log has the newest first."""
    deeds: list[list[ChangeEntry]] = []
    for entry in entries:
        last = deeds[-1][-1] if deeds else None
        together = (
            last is not None
            and (last.actor, last.reason, last.origin) == (entry.actor, entry.reason, entry.origin)
            and last.at - entry.at < _ONE_DEED
        )
        if together:
            deeds[-1].append(entry)
        else:
            deeds.append([entry])
    return deeds


def _tell(deed: list[ChangeEntry], sentences: list[str]) -> str:
    """A new household with its people is one sentence, not ten."""
    entered = [entry for entry in deed if entry.op == "I" and entry.table == Person.__tablename__]
    if len(entered) > 1 and any(entry.op == "I" and entry.table == Household.__tablename__ for entry in deed):
        return f"登记了这户，家里 {len(entered)} 人"
    return "；".join(dict.fromkeys(told for told in reversed(sentences) if told))


def _who(entry: ChangeEntry, staff: dict[UUID, str]) -> str:
    if entry.origin == COUNTY_ORIGIN:
        return staff.get(entry.actor) or "县里"
    return staff.get(entry.actor) or ("另一台电脑" if entry.origin else "本机")


def _staff_names(reader: Reader, actors: set[UUID]) -> dict[UUID, str]:
    statement = select(StaffMember.id, StaffMember.name).where(
        StaffMember.village == reader.village, StaffMember.id.in_(actors)
    )
    return dict(reader.session.execute(statement).all())
