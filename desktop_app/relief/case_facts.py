"""Gathers what the rules must know beside a case: the household, its other cases, the pool, the village."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from desktop_app.ledger.queries import list_case_vouchers
from desktop_app.relief.case_store import (
    StoredCase,
    get_case,
    household_family,
    joined_households,
    list_household_cases,
    list_village_grants,
)
from desktop_app.relief.household_then import HouseholdSince, household_since
from desktop_app.relief.kin import list_kin
from desktop_app.relief.policies import work_calendar
from desktop_app.settings.queries import list_bodies, list_incomes
from desktop_app.storage.county_clock import county_day
from village_core.domain.relief.facts import CaseFacts, OtherCase, StoredPaper, TwoDays, other_case_of
from village_core.domain.relief.steps import StepKind
from village_core.records.attachments import Attachment
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person
from village_core.records.relief import ReliefCase

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

PAPER_OWNER = "relief_step"
"""`Attachment.owner_kind` of the papers of a case."""


def gather_facts(reader: Reader, household_id: UUID, *, case: StoredCase | None = None) -> CaseFacts:
    """The facts for a decision in `case`, or for opening a first one for the household."""
    joined = joined_households(reader)
    family = household_family(household_id, joined)
    case_id = case.id if case else None
    household = reader.session.get(Household, (reader.village, joined.get(household_id, household_id)))
    member_names = _member_names(reader, family, household)
    others = [one for one in list_household_cases(reader, family) if one.id != case_id]
    return CaseFacts(
        calendar=work_calendar(),
        household_types=household_types(household),
        risk_cleared=bool(household and household.risk_cleared),
        member_names=member_names,
        kin=list_kin(reader, member_names, household_since(reader, case, family) if case else HouseholdSince()),
        other_cases=tuple(view for one in others if (view := _other_case(one)) is not None),
        village_grants=list_village_grants(reader, except_case=case_id),
        net_income_fen={income.year: income.net_income_fen for income in list_incomes(reader)},
        roster={body.kind: body.size for body in list_bodies(reader)},
        papers=list_papers(reader, case) if case else (),
        payment_reversed=_payment_reversed(reader, case),
        held=list_held(reader, case) if case else (),
        two_days=TwoDays(reader.today, there) if (there := county_day(reader)) != reader.today else None,
    )


def why_stand_aside(reader: Reader, case_id: UUID, name: str, *, person: UUID) -> str:
    """Why this person does not decide about a case, in words; '' where nothing is known against it."""
    if reader.session.get(ReliefCase, (reader.village, case_id)) is None:
        return ""
    case = get_case(reader, case_id)
    joined = joined_households(reader)
    household = reader.session.get(Household, (reader.village, joined.get(case.household_id, case.household_id)))
    family = household_family(case.household_id, joined)
    kin = list_kin(reader, _member_names(reader, family, household), household_since(reader, case, family))
    near = [one for one in kin if one.certain and (one.person == person or one.is_among((name,)))]
    return f"{near[0].name}是{near[0].relation}，要回避。" if near else ""


def household_types(household: Household | None) -> tuple[str, ...]:
    """The labels that CRELIEF-1 is asked about: 户类型 and 监测对象类别."""
    if household is None:
        return ()
    labels = (label.strip() for label in (household.kind, household.monitor_kind) if label)
    return tuple(dict.fromkeys(label for label in labels if label))


def list_papers(reader: Reader, case: StoredCase) -> tuple[StoredPaper, ...]:
    """Which kinds of paper each step has."""
    rows = reader.session.execute(
        select(Attachment.owner_id, Attachment.kind).where(
            Attachment.village == reader.village,
            Attachment.owner_kind == PAPER_OWNER,
            Attachment.owner_id.in_([record.id for record in case.records]),
        )
    )
    return tuple(StoredPaper(owner_id, kind) for owner_id, kind in rows)


def list_held(reader: Reader, case: StoredCase) -> tuple[str, ...]:
    """What the county put aside of this case, in its words."""
    rows = reader.session.scalars(
        select(HeldChange.reason).where(
            HeldChange.village == reader.village,
            HeldChange.decision_id.is_(None),
            HeldChange.subject_table.in_(["relief_step", "relief_case"]),
            HeldChange.subject_id.in_([case.id, *(record.id for record in case.records)]),
        )
    )
    return tuple(dict.fromkeys(rows))


def _member_names(reader: Reader, family: frozenset[UUID], household: Household | None) -> tuple[str, ...]:
    names = reader.session.scalars(
        select(Person.name).where(
            Person.village == reader.village,
            Person.household_id.in_(list(family)),
            Person.closed_on.is_(None),
            Person.merged_into.is_(None),
        )
    ).all()
    head = household.head_name if household and household.head_name else ""
    return tuple(dict.fromkeys(name for name in (head, *names) if name))


def _other_case(case: StoredCase) -> OtherCase | None:
    return other_case_of(case.id, case.number, case.state)


def _payment_reversed(reader: Reader, case: StoredCase | None) -> bool:
    """Whether the voucher that the payment names was taken back in red."""
    payment = case.state.last(StepKind.PAYMENT) if case else None
    if case is None or payment is None:
        return False
    voucher_id = case.vouchers.get(payment.id)
    vouchers = {row.voucher_id: row for row in list_case_vouchers(reader, case.id)}
    row = vouchers.get(voucher_id) if voucher_id else None
    return row is not None and row.status != "posted"
