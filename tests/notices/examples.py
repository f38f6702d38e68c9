"""A notice of 太平村 for tests."""

from __future__ import annotations

from datetime import date

from desktop_app.notices.wording import notice_texts
from village_core.domain.notices.model import NoticeKind, NoticeRow, ReliefNotice, SupervisionPhone
from village_core.domain.notices.texts import NoticeFacts, PaidGrant, VotedResolution, compose_notice
from village_core.domain.relief.payloads import Cause

PHONES = (SupervisionPhone("太平村村务监督委员会", "0878-6711234"), SupervisionPhone("莲池乡人民政府", "0878-6719000"))


def row(name: str = "李琼仙", *, group: str = "大河口村民小组", amount_fen: int = 300000) -> NoticeRow:
    return NoticeRow(name, group, 4, Cause.ILLNESS, amount_fen)


def relief_notice(kind: NoticeKind = NoticeKind.RELIEF, *rows: NoticeRow) -> ReliefNotice:
    facts = NoticeFacts(
        place_name="永仁县莲池乡太平村",
        document="楚贫组发〔2021〕1号附件3",
        serial="编号：2026-017",
        rows=rows or (row(),),
        period_from=date(2026, 11, 23),
        period_to=date(2026, 11, 27),
        period_note="5个工作日",
        posting_place="村委会公示栏、大河口村民小组活动室",
        supervision=PHONES,
        signing_unit="永仁县莲池乡太平村村民委员会",
        signing_date=date(2026, 11, 23),
    )
    resolution = VotedResolution(
        date(2026, 11, 10), "村民代表会议", eligible=36, present=31, votes_for=29, votes_against=1, abstained=1
    )
    return compose_notice(
        notice_texts(), kind, facts, resolution=resolution, grant=PaidGrant(date(2026, 12, 2), "记-12")
    )
