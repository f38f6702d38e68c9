"""What a question is about in the end: where two decided differently about one, that one; and of which case."""

from __future__ import annotations

from uuid import UUID

from desktop_app.storage.unit_of_work import Reader
from village_core.exchange.objections import Reason
from village_core.exchange.questions import read_document, read_id
from village_core.records.held import HeldChange
from village_core.records.relief import ReliefStep


def asked_first(reader: Reader, question: HeldChange) -> HeldChange:
    """The question itself, or the one about which two decisions differ."""
    if question.reason_kind != Reason.DECIDED_TWICE:
        return question
    first = read_id(read_document(question.offered).get("question"))
    found = reader.session.get(HeldChange, (reader.village, first)) if first is not None else None
    return found or question


def case_of_question(reader: Reader, question: HeldChange) -> UUID | None:
    """The case of a step that was put aside or stands, of a grant or a voucher; None where it is about none."""
    question = asked_first(reader, question)
    case_id = read_id(read_document(question.offered).get("case_id"))
    if case_id is None and question.subject_table == "relief_step":
        step = reader.session.get(ReliefStep, (reader.village, question.subject_id))
        case_id = step.case_id if step is not None else None
    return case_id


def rows_about(reader: Reader, question: HeldChange) -> tuple[UUID, ...]:
    """Whose question it is, for the journal: the household, person, case or voucher, of a pair both of its rows."""
    question = asked_first(reader, question)
    standing, offered = read_document(question.standing), read_document(question.offered)
    if question.subject_table in ("household", "person"):
        sides = (read_id(side.get("id")) for side in (standing, offered))
        return tuple(dict.fromkeys([question.subject_id, *(one for one in sides if one is not None)]))
    household, owner, voucher = (read_id(offered.get(name)) for name in ("household_id", "owner_id", "voucher_id"))
    return (household or case_of_question(reader, question) or owner or voucher or question.subject_id,)
