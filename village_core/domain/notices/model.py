"""The print model of the three publications of a relief case.

There is no field for an ID number, a person's phone, an account or an illness: what is not here cannot be printed.
The only phone numbers are those of the bodies that watch, in a type of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from village_core.domain.errors import RefusedError
from village_core.domain.relief.payloads import CAUSE_TITLES, Cause

_PHONE = re.compile(r"[0-9][0-9 ()（）-]{1,22}[0-9]")


class NoticeKind(StrEnum):
    """The three publications (CRELIEF-8, CRELIEF-20). The values are those of `PrintedDocument.kind`."""

    RESOLUTION = "resolution_notice"
    RELIEF = "relief_notice"
    RESULT = "result_notice"


NOTICE_TITLES = {
    NoticeKind.RESOLUTION: "决议公开",
    NoticeKind.RELIEF: "救助对象公示",
    NoticeKind.RESULT: "实施结果公开",
}


@dataclass(frozen=True)
class SupervisionPhone:
    """Where people may complain: the name of the body and its number. Refuses what is no telephone number."""

    body: str
    number: str

    def __post_init__(self) -> None:
        if not _PHONE.fullmatch(self.number.strip()):
            raise RefusedError(
                f"“{self.body}”的监督电话“{self.number}”不像电话号码。",
                safe="没有打印，资料没有改动。",
                next_step="请到“设置—村情”改好监督电话，再打印。",
            )


@dataclass(frozen=True)
class NoticeRow:
    """One household on a notice. `amount_fen` in 分; of the cause only its category."""

    head_name: str
    group: str
    people: int
    cause: Cause
    amount_fen: int

    @property
    def cause_title(self) -> str:
        """因病, 因灾 …"""
        return CAUSE_TITLES[self.cause]


@dataclass(frozen=True)
class ReliefNotice:
    """One notice as it will hang. `opening` and `closing` are whole sentences.

    `period_to` None: published from `period_from` on, without an end (only 决议公开 and 实施结果公开).
    """

    kind: NoticeKind
    title: str
    serial: str
    salutation: str
    opening: str
    rows: tuple[NoticeRow, ...]
    amount_label: str
    period_from: date
    period_to: date | None
    period_note: str
    posting_place: str
    supervision: tuple[SupervisionPhone, ...]
    closing: str
    signing_unit: str
    signing_date: date

    def __post_init__(self) -> None:
        if not self.rows:
            raise _refused("公示里一户也没有。", "请先选要公示的户。")
        if self.kind is NoticeKind.RELIEF and self.period_to is None:
            raise _refused("公示没有写到哪一天为止。", "请填公示的起止日期。")
        if self.period_to is not None and self.period_to < self.period_from:
            raise _refused("公示的截止日期早于开始日期。", "请核对公示的起止日期。")
        if any(row.amount_fen <= 0 for row in self.rows):
            raise _refused("公示的救助金额要大于 0 元。", "请核对决议的金额。")
        for name, value in (("落款单位", self.signing_unit), ("户主姓名", min(row.head_name for row in self.rows))):
            if not value.strip():
                raise _refused(f"公示缺“{name}”。", "请到“设置—村情”和农户页补上，再打印。")

    @property
    def total_fen(self) -> int:
        """The sum of all rows, in 分."""
        return sum(row.amount_fen for row in self.rows)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything typed by people that will be printed, each with the name of its field; no phone numbers."""
        yield from (
            ("标题", self.title),
            ("编号", self.serial),
            ("称呼", self.salutation),
            ("正文", self.opening),
            ("公示时间", self.period_note),
            ("张贴地点", self.posting_place),
            ("结尾", self.closing),
            ("落款单位", self.signing_unit),
        )
        for row in self.rows:
            yield "户主姓名", row.head_name
            yield "村民小组", row.group
        for phone in self.supervision:
            yield "监督电话的单位", phone.body


def _refused(what: str, next_step: str) -> RefusedError:
    return RefusedError(what, safe="没有打印，资料没有改动。", next_step=next_step)
