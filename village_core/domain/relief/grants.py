"""Grants of a village across cases: once a year for a household (CRELIEF-3), 30 % of last year's income (CRELIEF-5).

The laptop asks before a case is opened, resolved and paid; the county asks again when a grant arrives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from village_core.domain.calendar import add_years, chinese_date
from village_core.domain.errors import Finding
from village_core.domain.money import format_yuan
from village_core.domain.relief.policy import PolicyPack, PolicyRule, YearBasis


@dataclass(frozen=True)
class Grant:
    """Money that a case gives: resolved (已定未发), then paid. `aliases` are other ids of the same household."""

    case_id: UUID
    household_id: UUID
    amount_fen: int
    resolved_on: date
    paid_on: date | None = None
    aliases: frozenset[UUID] = field(default_factory=frozenset)

    @property
    def counts_on(self) -> date:
        """Receiving counts by the date of payment; what is not paid yet by its resolution."""
        return self.paid_on or self.resolved_on

    def same_household(self, other: Grant) -> bool:
        return bool(({self.household_id} | self.aliases) & ({other.household_id} | other.aliases))


@dataclass(frozen=True)
class PoolStatus:
    """The money for relief in one year, in 分. `limit_fen` is None while last year's net income is not known."""

    year: int
    net_income_fen: int | None
    limit_fen: int | None
    paid_fen: int
    committed_fen: int

    @property
    def used_fen(self) -> int:
        return self.paid_fen + self.committed_fen

    @property
    def left_fen(self) -> int | None:
        """May be negative."""
        return None if self.limit_fen is None else self.limit_fen - self.used_fen


def within_one_year(first: date, second: date, basis: YearBasis) -> bool:
    """Whether two days fall into one year. On the anniversary itself the twelve months are over."""
    earlier, later = min(first, second), max(first, second)
    same_calendar_year = earlier.year == later.year
    same_twelve_months = later < add_years(earlier, 1)
    if basis is YearBasis.CALENDAR:
        return same_calendar_year
    if basis is YearBasis.TWELVE_MONTHS:
        return same_twelve_months
    return same_calendar_year or same_twelve_months


def year_basis(pack: PolicyPack, on: date) -> YearBasis:
    return YearBasis(pack.rule("CRELIEF-3", on).text("year"))


def counts_in_year(grant: Grant, year: int) -> bool:
    """Whether a grant takes up the money of a year: paid in it, or resolved by its end and not paid yet."""
    return grant.resolved_on.year <= year if grant.paid_on is None else grant.paid_on.year == year


def pool_status(year: int, grants: Iterable[Grant], *, net_income_fen: int | None, pack: PolicyPack) -> PoolStatus:
    """Paid in the year, and resolved by its end but unpaid: committed money counts like paid money."""
    numerator, denominator = pack.rule("CRELIEF-5", date(year, 12, 31)).ratio("share")
    limit = None if net_income_fen is None else max(net_income_fen, 0) * numerator // denominator
    paid = committed = 0
    for grant in grants:
        if counts_in_year(grant, year):
            committed += grant.amount_fen if grant.paid_on is None else 0
            paid += grant.amount_fen if grant.paid_on is not None else 0
    return PoolStatus(year, net_income_fen, limit, paid, committed)


def judge_pool(status: PoolStatus, amount_fen: int, rule: PolicyRule) -> tuple[Finding, ...]:
    """CRELIEF-5 for one more grant of `amount_fen` beside what `status` already counts."""
    if status.limit_fen is None or status.left_fen is None:
        message = (
            f"还没有填{status.year - 1}年集体经济纯收入，算不出{status.year}年救助款的限额。"
            "请到“设置—村情”填上，或者写明这次为什么可以定。"
        )
        return (rule.finding(message, field="amount_fen"),)
    if amount_fen <= status.left_fen:
        return ()
    message = (
        f"{status.year}年救助款限额 {format_yuan(status.limit_fen)} 元，已发和已定 {format_yuan(status.used_fen)} 元，"
        f"再加这一户 {format_yuan(amount_fen)} 元就超了 {format_yuan(amount_fen - status.left_fen)} 元。"
    )
    if status.net_income_fen is not None and status.net_income_fen <= 0:
        message = f"{status.year - 1}年集体经济没有纯收入，{status.year}年救助款限额是 0 元。" + message
    return (rule.finding(message, field="amount_fen"),)


class HeldReason(StrEnum):
    """Why a grant that reached the county does not take effect by itself."""

    NONE = ""
    DUPLICATE = "duplicate_grant"
    OVER_CAP = "over_cap"


@dataclass(frozen=True)
class GrantVerdict:
    """`held` NONE means effective. `message` is the Chinese sentence for the list 要您拿主意."""

    held: HeldReason
    message: str = ""
    clause: str = ""
    source: str = ""
    standing: Grant | None = None

    @property
    def effective(self) -> bool:
        return self.held is HeldReason.NONE


def judge_arriving_grant(
    effective: Iterable[Grant],
    arriving: Grant,
    *,
    net_income_fen: int | None,
    pack: PolicyPack,
    over_cap_reason: str = "",
    second_allowed: bool = False,
) -> GrantVerdict:
    """Whether a resolution or payment that reaches the county takes effect beside those that already do.

    `effective` are the village's grants that took effect before, of all years; an earlier record of the same case
    is not a second grant. `net_income_fen` is that of the year before `arriving.counts_on`. A grant over the cap
    that carries a written reason stands, for the text says 一般. `second_allowed`: a person let this second grant of
    the year pass with a written reason. The order of arrival decides, not the clock.
    """
    others = [grant for grant in effective if grant.case_id != arriving.case_id]
    day = arriving.counts_on
    basis = year_basis(pack, day)
    for other in others:
        if not second_allowed and other.same_household(arriving) and within_one_year(other.counts_on, day, basis):
            rule = pack.rule("CRELIEF-3", day)
            state = "发放" if other.paid_on else "决议"
            first = f"{chinese_date(other.counts_on)}{state} {format_yuan(other.amount_fen)} 元"
            message = f"这一户一年内已有一笔救助（{first}），后到的这一笔先放着，要您拿主意。"
            return GrantVerdict(HeldReason.DUPLICATE, message, rule.clause, rule.cited_source, other)
    if not over_cap_reason.strip() and net_income_fen is not None:
        rule = pack.rule("CRELIEF-5", day)
        status = pool_status(day.year, others, net_income_fen=net_income_fen, pack=pack)
        findings = judge_pool(status, arriving.amount_fen, rule)
        if findings:
            message = f"{findings[0].message}后到的这一笔先放着，要您拿主意。"
            return GrantVerdict(HeldReason.OVER_CAP, message, rule.clause, rule.cited_source)
    return GrantVerdict(HeldReason.NONE)
