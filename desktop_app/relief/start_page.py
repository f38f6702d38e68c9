"""What relief tells the start page and the search box: what is due by when, numbers, the pool, cases by name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from desktop_app.relief.case_store import StoredCase, joined_households, list_running_cases
from desktop_app.relief.policies import relief_pack, work_calendar
from desktop_app.relief.queries import get_pool, list_cases
from desktop_app.shell.due import DueItem
from desktop_app.shell.overview import Bar, Chart, Figure, Overview
from desktop_app.shell.search import SearchHit
from village_core.domain.calendar import chinese_date
from village_core.domain.money import format_yuan
from village_core.domain.relief.facts import CaseFacts
from village_core.domain.relief.guidance import NextStep, next_steps
from village_core.domain.relief.payloads import ObjectionReceived
from village_core.domain.relief.steps import StepKind, StepRecord
from village_core.records.households import Household

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

_VERBS = {
    StepKind.FIRST_REVIEW: ("村初审", "去初审"),
    StepKind.PARTY_PROPOSAL: ("开村党组织会议提议", "记会议结果"),
    StepKind.COMMITTEES_CONSULTATION: ("开村“两委”会议商议", "记会议结果"),
    StepKind.PARTY_MEMBERS_REVIEW: ("开党员大会审议", "记会议结果"),
    StepKind.VILLAGERS_RESOLUTION: ("开村民代表会议决议", "记会议结果"),
    StepKind.RESOLUTION_PUBLISHED: ("公开会议决议", "去公开"),
    StepKind.TOWNSHIP_REVIEW: ("等乡镇审核意见", "记乡镇意见"),
    StepKind.NOTICE_POSTED: ("贴出救助公示", "去公示"),
    StepKind.NOTICE_TAKEN_DOWN: ("公示期满，取下公示", "记下取下"),
    StepKind.PAYMENT: ("发放救助金", "去发放"),
    StepKind.RESULT_PUBLISHED: ("公开实施结果", "去公开"),
    StepKind.FOLLOW_UP: ("回访救助金用在哪里", "记回访"),
    StepKind.ARCHIVE: ("资料归档", "去归档"),
}


def list_due_items(reader: Reader) -> list[DueItem]:
    """The next deed of each running case, and each objection that waits for its investigation."""
    cases = list_running_cases(reader)
    names = _names(reader, cases)
    items: list[DueItem] = []
    for case in cases:
        items += _objections(case, names[case.id])
        item = _next_deed(reader, case, names[case.id])
        if item is not None:
            items.append(item)
    return [*_over_limit(reader), *items]


def _over_limit(reader: Reader) -> list[DueItem]:
    """More was granted this year than the limit, as when last year's net income was corrected afterwards.

    No grant is rewritten. The line is counted from the facts each time, so that it stands on every laptop, offline
    too, for as long as it is true; a written reason of each case remains in its file.
    """
    pool = get_pool(reader, reader.today.year)
    if pool.left_fen is None or pool.left_fen >= 0 or pool.limit_fen is None:
        return []
    detail = (
        f"限额 {format_yuan(pool.limit_fen)} 元，已发 {format_yuan(pool.paid_fen)} 元、"
        f"已定未发 {format_yuan(pool.committed_fen)} 元。已经定的不改，再定新的要写明理由。"
    )
    title = f"{pool.year}年救助款超出限额 {format_yuan(-pool.left_fen)} 元，请向乡镇说明"
    return [DueItem(title, "cases", "去看看", None, detail)]


def get_overview(reader: Reader) -> Overview:
    """Cases under way, grants of the year, and the pool as bars."""
    year = reader.today.year
    pool = get_pool(reader, year)
    running = len([case for case in list_running_cases(reader) if case.state.paid_on is None])
    figures = (
        Figure(str(running), "救助在办", order=40, page="cases"),
        Figure(f"¥ {format_yuan(pool.paid_fen)}", f"{year}年已发救助", order=41, page="cases"),
    )
    if pool.limit_fen is None or pool.left_fen is None:
        return Overview(figures)
    left = f"还剩 {format_yuan(pool.left_fen)}" if pool.left_fen >= 0 else f"超出 {format_yuan(-pool.left_fen)}"
    bars = (
        Bar("已发", pool.paid_fen, format_yuan(pool.paid_fen), "accent"),
        Bar("已定未发", pool.committed_fen, format_yuan(pool.committed_fen), "soon"),
        Bar("还剩", max(pool.left_fen, 0), format_yuan(pool.left_fen), "accent_mid"),
    )
    return Overview(figures, (Chart(f"今年救助款{left} 元", bars, order=40),))


def search_cases(reader: Reader, text: str, limit: int) -> list[SearchHit]:
    """Cases by part of the household's name or of the number."""
    wanted = text.strip()
    if not wanted:
        return []
    hits = []
    for row in list_cases(reader):
        if wanted in row.household_name or wanted in row.number:
            detail = f"{row.number} 号，{row.step_label}"
            hits.append(SearchHit(row.title, "救助", "case", detail, {"case_id": row.id}))
    return hits[:limit]


def _next_deed(reader: Reader, case: StoredCase, name: str) -> DueItem | None:
    pack = relief_pack(case.pack_version)
    facts = CaseFacts(calendar=work_calendar())
    offered = next_steps(case.state, facts, pack=pack, today=reader.today)
    main = next((step for step in offered if step.main), None)
    if main is None or main.kind not in _VERBS:
        return None
    what, action = _VERBS[main.kind]
    due, detail = None, f"{case.number} 号"
    if main.kind is StepKind.NOTICE_TAKEN_DOWN and main.earliest is not None:
        due, detail = main.earliest, _notice_words(case, main)
    if main.kind is StepKind.FOLLOW_UP and case.state.paid_on is not None:
        days = pack.rule("CRELIEF-13", case.state.paid_on).integer("due_within_days")
        due = case.state.paid_on + timedelta(days=days)
        detail = f"{case.number} 号，{chinese_date(case.state.paid_on)}发放"
    return DueItem(f"{name}：{what}", "case", action, due, detail, {"case_id": case.id})


def _notice_words(case: StoredCase, main: NextStep) -> str:
    notice = case.state.notice
    place = notice.place if notice else ""
    note = f"（{main.calendar_note}）" if main.calendar_note else ""
    return f"{case.number} 号，贴在{place}{note}"


def _objections(case: StoredCase, name: str) -> list[DueItem]:
    return [
        DueItem(
            f"{name}：核查异议",
            "case",
            "记核查结论",
            objection.done_on,
            f"{chinese_date(objection.done_on)}收到：{_said(objection)}",
            {"case_id": case.id},
        )
        for objection in case.state.open_objections
    ]


def _said(objection: StepRecord) -> str:
    content = objection.payload.content if isinstance(objection.payload, ObjectionReceived) else ""
    return content if len(content) <= 24 else f"{content[:23]}…"


def _names(reader: Reader, cases: list[StoredCase]) -> dict[UUID, str]:
    joined = joined_households(reader)
    standing = {case.id: joined.get(case.household_id, case.household_id) for case in cases}
    rows = reader.session.execute(
        select(Household.id, Household.head_name).where(
            Household.village == reader.village, Household.id.in_(list(set(standing.values())))
        )
    )
    heads = {row.id: row.head_name for row in rows}
    return {case_id: f"{heads.get(household) or '（还没有户主）'}家" for case_id, household in standing.items()}
