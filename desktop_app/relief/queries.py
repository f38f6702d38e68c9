"""Reads relief cases: the list, one case with all around it, the pool, and households that may apply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select

from desktop_app.relief.case_facts import gather_facts, household_types
from desktop_app.relief.case_store import (
    StoredCase,
    get_case,
    joined_households,
    list_household_cases,
    list_stored_cases,
    list_village_grants,
)
from desktop_app.relief.papers import list_case_papers
from desktop_app.relief.policies import relief_pack, work_calendar
from desktop_app.relief.rights import grant_problem, posting_problem
from desktop_app.relief.rows import CaseDetail, CaseRow, HouseholdCard, HouseholdChoice
from desktop_app.relief.standing_aside import aside_words, find_near
from desktop_app.settings.queries import find_income, get_village, list_bank_accounts
from desktop_app.storage.rights import rights_of
from village_core.domain.errors import RefusedError
from village_core.domain.relief.check_archive import missing_papers
from village_core.domain.relief.facts import CaseFacts, grant_of
from village_core.domain.relief.grants import PoolStatus, pool_status
from village_core.domain.relief.guidance import WaitingReason, next_steps, stations, waiting_reasons
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.state import STATUS_TITLES, CaseState, CaseStatus
from village_core.domain.relief.steps import LEFT_TO_OTHERS, STATION_TITLES, StepKind
from village_core.domain.staff.rights import Right
from village_core.records.households import Household, Person
from village_core.records.ledger import Voucher

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


def list_cases(reader: Reader) -> list[CaseRow]:
    """All cases, the newest first."""
    reader.require(Right.READ_CASES)
    joined = joined_households(reader)
    cases = list_stored_cases(reader)
    names = _household_names(reader, {joined.get(case.household_id, case.household_id) for case in cases})
    rows = [_case_row(reader, case, names=names, joined=joined) for case in cases]
    return sorted(rows, key=lambda row: (row.applied_on or reader.today, row.number), reverse=True)


def list_cases_of_household(reader: Reader, household_id: UUID) -> list[CaseRow]:
    """The cases of one household, the newest first."""
    reader.require(Right.READ_CASES, about=household_id)
    joined = joined_households(reader)
    standing = joined.get(household_id, household_id)
    family = {standing, household_id, *(one for one, into in joined.items() if into == standing)}
    names = _household_names(reader, {standing})
    rows = [_case_row(reader, case, names=names, joined=joined) for case in list_household_cases(reader, family)]
    return sorted(rows, key=lambda row: (row.applied_on or reader.today, row.number), reverse=True)


def get_case_detail(reader: Reader, case_id: UUID) -> CaseDetail:
    """One case with its household, what is next and why not, the pool and its papers."""
    reader.require(Right.READ_CASES, about=case_id)
    return _detail(reader, get_case(reader, case_id))


def get_new_case(reader: Reader, household_id: UUID) -> CaseDetail:
    """What the application form of a household needs before its case is opened."""
    reader.require(Right.READ_CASES, about=household_id)
    if reader.session.get(Household, (reader.village, household_id)) is None:
        raise RefusedError("找不到这一户。", safe="资料没有改动。", next_step="请回到“农户”，从列表里再打开。")
    return _detail(reader, None, household_id=household_id)


def get_pool(reader: Reader, year: int) -> PoolStatus:
    """The money for relief in a year: limit, paid, committed."""
    reader.require(Right.READ_CASES)
    income = find_income(reader, year - 1)
    return pool_status(
        year,
        list_village_grants(reader),
        net_income_fen=income.net_income_fen if income else None,
        pack=relief_pack(),
    )


def find_case_of_voucher(reader: Reader, voucher_id: UUID) -> UUID | None:
    """The case that a voucher paid, None when it belongs to none."""
    return reader.session.scalar(
        select(Voucher.case_id).where(Voucher.village == reader.village, Voucher.id == voucher_id)
    )


def list_households_for_relief(reader: Reader, *, text: str = "", limit: int = 50) -> list[HouseholdChoice]:
    """Households to open a case for, those of a listed type first; `text` is part of the head's name or group."""
    reader.require(Right.READ_CASES)
    statement = select(Household).where(
        Household.village == reader.village, Household.closed_on.is_(None), Household.merged_into.is_(None)
    )
    if text.strip():
        pattern = f"%{text.strip().replace('%', '').replace('_', '')}%"
        statement = statement.where(Household.head_name.like(pattern) | Household.group_name.like(pattern))
    listed = set(relief_pack().rule("CRELIEF-1", reader.today).texts("household_types"))
    running = {case.household_id: case.number for case in list_stored_cases(reader) if case.state.is_running}
    choices = []
    for row in reader.session.scalars(statement.order_by(Household.group_name, Household.head_name)):
        types = household_types(row)
        note = ""
        if row.id in running:
            note = f"{running[row.id]} 号正在办"
        elif not set(types) & listed:
            note = "户类型不在救助范围"
        choices.append(HouseholdChoice(row.id, row.head_name or "", row.group_name or "", types, note))
    return sorted(choices, key=lambda choice: bool(choice.note))[:limit]


def _detail(reader: Reader, case: StoredCase | None, *, household_id: UUID | None = None) -> CaseDetail:
    household_id = case.household_id if case else household_id
    assert household_id is not None
    facts = gather_facts(reader, household_id, case=case)
    pack = relief_pack(case.pack_version if case else "")
    state = case.state if case else CaseState()
    today = reader.today
    records = case.records if case else ()
    rights = rights_of(reader.session)
    no_grant, no_posting = grant_problem(rights, today), posting_problem(rights)
    near = find_near(reader, facts)
    aside = aside_words(reader, facts, near)
    barred = {kind: words for kind, words in aside.items() if kind in LEFT_TO_OTHERS and near and near.certain}
    barred |= _barred_steps(reader)
    return CaseDetail(
        case_id=case.id if case else None,
        number=case.number if case else "",
        household=_household_card(reader, household_id, facts),
        records=records,
        state=state,
        facts=facts,
        pack=pack,
        today=today,
        stations=stations(state),
        next_steps=next_steps(state, facts, pack=pack, today=today),
        waiting=_waiting(state, facts, pack=pack, today=today, no_grant=no_grant, no_posting=no_posting, barred=barred),
        pool=_pool_beside(case, facts, pack=pack, year=today.year),
        papers=list_case_papers(reader, [record.id for record in records]),
        bank_accounts=tuple(list_bank_accounts(reader)),
        no_grant=no_grant,
        no_posting=no_posting,
        posting_place=get_village(reader).posting_place,
        vouchers=case.vouchers if case else {},
        barred=barred,
        aside=aside,
        near=near if near is not None and near.certain else None,
    )


def _barred_steps(reader: Reader) -> dict[StepKind, str]:
    duties = reader.duties
    if duties is None:
        return {}
    words = {StepKind(kind): duties.why_not_words(right) for kind, right in duties.of.steps.items()}
    return {kind: why for kind, why in words.items() if why}


def _pool_beside(case: StoredCase | None, facts: CaseFacts, *, pack: PolicyPack, year: int) -> PoolStatus:
    """The pool from the grants that the facts hold, and this case's own."""
    own = grant_of(case.id, case.household_id, case.state) if case else None
    grants = (*facts.village_grants, own) if own else facts.village_grants
    return pool_status(year, grants, net_income_fen=facts.net_income_fen.get(year - 1), pack=pack)


def _waiting(
    state: CaseState,
    facts: CaseFacts,
    *,
    pack: PolicyPack,
    today: date,
    no_grant: str,
    no_posting: str,
    barred: Mapping[StepKind, str],
) -> tuple[WaitingReason, ...]:
    """The rules' reasons, and that somebody else or another laptop has the right for the step which is next."""
    reasons = waiting_reasons(state, facts, pack=pack, today=today)
    offered = next_steps(state, facts, pack=pack, today=today)
    needed = {StepKind.VILLAGERS_RESOLUTION: no_grant, StepKind.PAYMENT: no_posting}
    main = [step.kind for step in offered if step.main]
    missing = [words for kind in main for words in (barred.get(kind, ""), needed.get(kind, "")) if words]
    return (*reasons, *[WaitingReason(message) for message in missing])


def _household_card(reader: Reader, household_id: UUID, facts: CaseFacts) -> HouseholdCard:
    standing = joined_households(reader).get(household_id, household_id)
    row = reader.session.get(Household, (reader.village, standing))
    people = reader.session.scalar(
        select(func.count())
        .select_from(Person)
        .where(
            Person.village == reader.village,
            Person.household_id == standing,
            Person.closed_on.is_(None),
            Person.merged_into.is_(None),
        )
    )
    if row is None:
        return HouseholdCard(household_id, "", "", people or 0, (), facts.member_names)
    return HouseholdCard(
        id=standing,
        head_name=row.head_name or "",
        group_name=row.group_name or "",
        people=people or row.declared_size or 0,
        types=household_types(row),
        member_names=facts.member_names,
        bank_name=row.bank_name or "",
        bank_account=row.bank_account or "",
        subsistence_allowance=bool(row.subsistence_allowance),
        extreme_hardship_support=bool(row.extreme_hardship_support),
    )


def _household_names(reader: Reader, ids: set[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = reader.session.execute(
        select(Household.id, Household.head_name, Household.group_name).where(
            Household.village == reader.village, Household.id.in_(list(ids))
        )
    )
    return {row.id: (row.head_name or "", row.group_name or "") for row in rows}


def _case_row(
    reader: Reader, case: StoredCase, *, names: dict[UUID, tuple[str, str]], joined: dict[UUID, UUID]
) -> CaseRow:
    household_id = joined.get(case.household_id, case.household_id)
    name, group = names.get(household_id, ("", ""))
    state, pack = case.state, relief_pack(case.pack_version)
    facts = CaseFacts(calendar=work_calendar())
    offered = next_steps(state, facts, pack=pack, today=reader.today) if state.is_running else ()
    main = next((step for step in offered if step.main), None)
    waiting = waiting_reasons(state, facts, pack=pack, today=reader.today)
    application = state.application
    asked = application.requested_fen if application else None
    return CaseRow(
        id=case.id,
        number=case.number,
        household_id=household_id,
        household_name=name,
        group_name=group,
        status=state.status,
        station=state.station,
        step_label=step_label(state),
        next_kind=main.kind if main else None,
        next_title=main.title if main else "",
        next_on=main.earliest if main and main.kind is StepKind.NOTICE_TAKEN_DOWN else None,
        waiting=waiting[0].message if waiting else "",
        applied_on=state.applied_on,
        paid_on=state.paid_on,
        amount_fen=state.paid_fen or state.resolved_fen or asked,
    )


def step_label(state: CaseState) -> str:
    """Where a case stands in one word: its station, or how it ended."""
    if state.status in (CaseStatus.REFUSED, CaseStatus.WITHDRAWN, CaseStatus.ARCHIVED):
        return STATUS_TITLES[state.status]
    return STATION_TITLES[state.station]


def count_missing_papers(detail: CaseDetail) -> int:
    """How many papers the file still lacks."""
    return len(missing_papers(detail.state, detail.facts, pack=detail.pack, on=detail.today))
