"""救助审批权 and 记账权 in a case: whether the resolution that commits the money, or its payment, may be done here.

The resolution needs 救助审批权, since it takes up the pool. The payment gives exactly what was resolved and needs
only 记账权 for its voucher; its rules are asked once more all the same.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from desktop_app.relief.case_store import joined_households
from desktop_app.storage.rights import Rights
from village_core.domain.calendar import chinese_date
from village_core.domain.errors import NoSeatError
from village_core.domain.relief.facts import CaseFacts
from village_core.domain.relief.grants import counts_in_year
from village_core.domain.relief.payloads import Meeting, Payload
from village_core.exchange.seats import SeatKind, share_problem
from village_core.records.households import Household

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader, UnitOfWork

_SAFE = "填好的内容都在。"


def grant_problem(rights: Rights, today: date) -> str:
    """Why no grant can be resolved on this laptop, in words; '' when it can."""
    if not rights.may_grant:
        lent = rights.is_lent(SeatKind.GRANT)
        where = f"在{rights.where(SeatKind.GRANT)}上办" if lent else "还没有借给哪台电脑"
        return f"等救助审批权：{where}。{_GRANT_STEP}"
    lease = rights.grant
    if lease is not None and rights.is_lapsed(lease, today):
        return (
            f"救助审批权{chinese_date(lease.valid_until)}到期，这台电脑的日期是{chinese_date(today)}。"
            "日期不对请先改正电脑的日期；日期对，请和县里同步一次，就会续上。"
        )
    return ""


def posting_problem(rights: Rights) -> str:
    """Why no payment can be booked on this laptop, in words; '' when it can."""
    if rights.may_post:
        return ""
    there = "请在那台电脑上记，或" if rights.is_lent(SeatKind.LEDGER) else "请"
    return (
        f"这台电脑没有记账权，不能记发放。{rights.whereabouts(SeatKind.LEDGER)}。"
        f"{there}先同步，再请县里把记账权转过来。"
    )


_GRANT_STEP = "别的步骤这里都能办，填好的会留着。要转到这台电脑，请先同步，再请县里转过来。"


def require_grant_right(
    uow: UnitOfWork, payload: Payload, *, household_id: UUID, facts: CaseFacts, done_on: date
) -> None:
    """Refuse a resolution that gives money where this laptop may not commit it. One that refuses needs no right."""
    if not isinstance(payload, Meeting) or not payload.passed:
        return
    rights = uow.rights
    problem = grant_problem(rights, uow.today)
    if problem:
        raise NoSeatError(problem, safe=_SAFE)
    lease = rights.grant
    if lease is None or not lease.is_share:
        return
    joined = joined_households(uow)
    granted = [grant for grant in facts.village_grants if counts_in_year(grant, done_on.year)]
    standing = {joined.get(grant.household_id, grant.household_id) for grant in granted}
    own = joined.get(household_id, household_id)
    groups = _groups(uow, standing | {own})
    trouble = share_problem(
        lease,
        group_name=groups.get(own, ""),
        granted_fen=sum(
            grant.amount_fen
            for grant in granted
            if groups.get(joined.get(grant.household_id, grant.household_id), "") in lease.groups
        ),
        amount_fen=payload.amount_fen or 0,
        year=done_on.year,
    )
    if trouble is not None:
        raise NoSeatError(trouble[0], safe=_SAFE, next_step=trouble[1])


def require_payment_right(uow: UnitOfWork) -> None:
    """Refuse a payment where this laptop gives no formal numbers."""
    problem = posting_problem(uow.rights)
    if problem:
        raise NoSeatError(problem, safe=_SAFE)


def _groups(reader: Reader, ids: set[UUID]) -> dict[UUID, str]:
    rows = reader.session.execute(
        select(Household.id, Household.group_name).where(
            Household.village == reader.village, Household.id.in_(list(ids))
        )
    )
    return {row.id: row.group_name or "" for row in rows}
