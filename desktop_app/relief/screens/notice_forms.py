"""决议公开, 乡镇审核, 公示, 异议 and 实施结果公开 as forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.screens.intake_forms import NOT_PASSED, PASSED
from desktop_app.relief.screens.step_form import StepForm, split_names
from desktop_app.relief.wording import short_date, yuan
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.date_edit import DateEdit
from desktop_app.widgets.editor import LongTextEdit, TextEdit
from desktop_app.widgets.money_edit import MoneyEdit
from village_core.domain.calendar import chinese_date
from village_core.domain.relief.check_notice import shortest_notice
from village_core.domain.relief.payloads import (
    OBJECTION_TITLES,
    NoticePosted,
    NoticeTakenDown,
    ObjectionConcluded,
    ObjectionOutcome,
    ObjectionReceived,
    Payload,
    Publication,
    TownshipReview,
)
from village_core.domain.relief.steps import StepKind

_YES_NO = [(PASSED, "符合要求"), (NOT_PASSED, "不符合要求")]


class PublicationForm(StepForm):
    """决议公开 and 实施结果公开."""

    rule_id = "CRELIEF-8"
    date_label = "贴出的日期"
    save_text = "保存公开情况"

    def add_fields(self) -> None:
        self.sheet.add("place", TextEdit(most=60), label="贴在哪里", required=True)
        self.sheet.add("posted_by", TextEdit(most=30), label="谁贴的", required=True)
        self.sheet.add("until", DateEdit(today=self._today), label="贴到哪天", hint="可以不填")

    def defaults(self, detail: CaseDetail) -> dict[str, Any]:
        return {"place": detail.posting_place}

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, Publication)
        return {"place": payload.place, "posted_by": payload.posted_by, "until": payload.until}

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return Publication(values["place"] or "", values["posted_by"] or "", values["until"])


class ResolutionPublishedForm(PublicationForm):
    kind = StepKind.RESOLUTION_PUBLISHED
    reason = "决议公开"
    help_text = "四议通过以后，先把决议贴出来，再报乡镇审核。"


class ResultPublishedForm(PublicationForm):
    kind = StepKind.RESULT_PUBLISHED
    reason = "实施结果公开"
    help_text = "救助金发了以后，把发给谁、发了多少贴出来。"


class TownshipForm(StepForm):
    """The township's signed paper, as the village files it."""

    kind = StepKind.TOWNSHIP_REVIEW
    rule_id = "CRELIEF-19"
    soft_rules = ("RECUSAL-1",)
    date_label = "乡镇党委会的日期"
    save_text = "保存乡镇意见"
    reason = "乡镇审核"
    help_text = "照乡镇返回的审核意见填。金额和村里决议的不一样，就是没有通过。"

    def add_fields(self) -> None:
        sheet = self.sheet
        sheet.add("minutes", TextEdit(most=80), label="会议名称或纪要文号", required=True)
        sheet.add("signed_by", TextEdit(most=60), label="签字的人（含职务）", hint="可以不填")
        sheet.add("object_approved", ChoiceEdit(_YES_NO), label="救助对象", required=True)
        sheet.add("amount_approved", ChoiceEdit(_YES_NO), label="救助金额", required=True)
        sheet.add("approved_fen", MoneyEdit(), label="审核同意的金额", unit="元")
        sheet.add("opinion", LongTextEdit(lines=2), label="审核意见", required=True, wide=True)

    def prepare(self, detail: CaseDetail) -> None:
        self.sheet.fields["approved_fen"].set_hint(f"村里决议的是 {yuan(detail.state.resolved_fen)}")

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, TownshipReview)
        return {
            "minutes": payload.minutes,
            "signed_by": payload.signed_by,
            "object_approved": PASSED if payload.object_approved else NOT_PASSED,
            "amount_approved": PASSED if payload.amount_approved else NOT_PASSED,
            "approved_fen": payload.approved_fen,
            "opinion": payload.opinion,
        }

    def payload(self, values: Mapping[str, Any]) -> Payload:
        approved = values["object_approved"] == PASSED and values["amount_approved"] == PASSED
        return TownshipReview(
            minutes=values["minutes"] or "",
            object_approved=values["object_approved"] == PASSED,
            amount_approved=values["amount_approved"] == PASSED,
            approved_fen=values["approved_fen"] if approved else None,
            opinion=values["opinion"] or "",
            signed_by=values["signed_by"] or "",
        )

    def refresh(self) -> None:
        refused = NOT_PASSED in (
            self.sheet.editor("object_approved").value(),
            self.sheet.editor("amount_approved").value(),
        )
        self.sheet.fields["approved_fen"].setVisible(not refused)


class NoticePostedForm(StepForm):
    """The last day follows from the first one until it is changed by hand."""

    kind = StepKind.NOTICE_POSTED
    rule_id = "CRELIEF-20"
    date_label = "贴出的日期"
    save_text = "保存公示"
    reason = "贴出公示"
    help_text = "公示救助的户和金额。期满以前不能取下，有人反映问题要记下来核查。"

    def add_fields(self) -> None:
        self._proposed: date | None = None
        sheet = self.sheet
        sheet.add("until", DateEdit(today=self._today), label="公示到哪天（含）", hint=" ", required=True)
        sheet.add("place", TextEdit(most=60), label="贴在哪里", required=True)
        sheet.add("posted_by", TextEdit(most=30), label="谁贴的", required=True)

    def side_facts(self, detail: CaseDetail) -> list[tuple[str, str]]:
        return [*super().side_facts(detail), ("公示内容", f"{detail.title}，{yuan(detail.state.resolved_fen)}")]

    def defaults(self, detail: CaseDetail) -> dict[str, Any]:
        self._proposed = self._shortest(detail.today)
        return {"until": self._proposed, "place": detail.posting_place}

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, NoticePosted)
        return {"until": payload.until, "place": payload.place, "posted_by": payload.posted_by}

    def payload(self, values: Mapping[str, Any]) -> Payload:
        assert self.detail is not None
        return NoticePosted(
            place=values["place"] or "",
            posted_by=values["posted_by"] or "",
            until=values["until"],
            household_name=self.detail.household.head_name,
            amount_fen=self.detail.state.resolved_fen or 0,
        )

    def refresh(self) -> None:
        posted_on = self.sheet.editor("done_on").value()
        if self.detail is None or not isinstance(posted_on, date):
            return
        shortest = self._shortest(posted_on)
        editor = self.sheet.editor("until")
        if self.step_id is None and editor.value() in (None, self._proposed) and editor.value() != shortest:
            editor.set_value(shortest)
            self._proposed = shortest
        days = self.detail.pack.rule("NOTICE-4", posted_on).integer("minimum_workdays")
        deadline = shortest_notice(posted_on, pack=self.detail.pack, calendar=self.detail.facts.calendar)
        note = f"（{deadline.note}）" if deadline.note else ""
        self.sheet.fields["until"].set_hint(f"不少于 {days} 个工作日，最早到{chinese_date(shortest)}{note}")

    def _shortest(self, posted_on: date) -> date:
        assert self.detail is not None
        return shortest_notice(posted_on, pack=self.detail.pack, calendar=self.detail.facts.calendar).day


class NoticeTakenDownForm(StepForm):
    kind = StepKind.NOTICE_TAKEN_DOWN
    rule_id = "NOTICE-4"
    date_label = "取下的日期"
    save_text = "记下取下"
    reason = "公示期满取下"
    help_text = "期满的第二天起才能取下。"

    def add_fields(self) -> None:
        self.sheet.add("taken_by", TextEdit(most=30), label="谁取下的", required=True)
        self.sheet.add("remark", TextEdit(), label="说明", hint="可以不填", wide=True)

    def side_facts(self, detail: CaseDetail) -> list[tuple[str, str]]:
        notice, posted_on = detail.state.notice, detail.state.done_on(StepKind.NOTICE_POSTED)
        period = f"{chinese_date(posted_on)} 到 {chinese_date(notice.until)}（含）" if notice and posted_on else ""
        return [*super().side_facts(detail), ("公示期", period)]

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, NoticeTakenDown)
        return {"taken_by": payload.taken_by, "remark": payload.remark}

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return NoticeTakenDown(values["taken_by"] or "", values["remark"] or "")


class ObjectionForm(StepForm):
    """Nobody has to give a name."""

    kind = StepKind.OBJECTION_RECEIVED
    rule_id = "CRELIEF-10"
    date_label = "收到的日期"
    save_text = "记下异议"
    reason = "收到异议"
    help_text = "有人反映问题就记下来，不问是谁也要核查。"

    def add_fields(self) -> None:
        sheet = self.sheet
        sheet.add("content", LongTextEdit(lines=3), label="反映了什么问题", required=True, wide=True)
        sheet.add("from_whom", TextEdit(most=60), label="谁反映的", hint="不愿留名的，空着")
        sheet.add("channel", TextEdit(most=60), label="怎样反映的", hint="当面、电话、意见箱 …")

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, ObjectionReceived)
        return {"content": payload.content, "from_whom": payload.from_whom, "channel": payload.channel}

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return ObjectionReceived(values["content"] or "", values["from_whom"] or "", values["channel"] or "")


class ConclusionForm(StepForm):
    """One of three ends."""

    kind = StepKind.OBJECTION_CONCLUDED
    rule_id = "CRELIEF-10"
    soft_rules = ("RECUSAL-1",)
    date_label = "作出结论的日期"
    save_text = "记下结论"
    reason = "异议核查结论"
    help_text = "去核查过才有结论。属实又不符合条件的，这一件就办结，不给予救助。"

    def add_fields(self) -> None:
        sheet = self.sheet
        sheet.add("objection_id", ChoiceEdit(), label="哪一条异议", required=True, wide=True)
        sheet.add("investigators", TextEdit(), label="谁去核查的", hint="几个人用、隔开", required=True)
        sheet.add("outcome", ChoiceEdit(OBJECTION_TITLES.items()), label="结论", required=True, wide=True)
        sheet.add("finding", LongTextEdit(lines=3), label="核查的情况", required=True, wide=True)
        hint = "文件没有写这种情况怎么办，要写明理由"
        sheet.add("reason", LongTextEdit(lines=2), label="继续办的理由", hint=hint, wide=True)

    def prepare(self, detail: CaseDetail) -> None:
        editor = self.sheet.editor("objection_id")
        assert isinstance(editor, ChoiceEdit)
        state, corrected = detail.state, self.corrected
        ground = state.without(corrected.id) if corrected else state
        editor.set_choices(
            (one.id, f"{short_date(one.done_on)}：{one.payload.content}")
            for one in ground.open_objections
            if isinstance(one.payload, ObjectionReceived)
        )

    def defaults(self, detail: CaseDetail) -> dict[str, Any]:
        waiting = detail.state.open_objections
        return {"objection_id": waiting[0].id if waiting else None}

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, ObjectionConcluded)
        return {
            "objection_id": payload.objection_id,
            "investigators": "、".join(payload.investigators),
            "outcome": payload.outcome,
            "finding": payload.finding,
            "reason": payload.reason,
        }

    def payload(self, values: Mapping[str, Any]) -> Payload:
        objection_id = values["objection_id"]
        still = values["outcome"] is ObjectionOutcome.STILL_ELIGIBLE
        return ObjectionConcluded(
            objection_id=objection_id if isinstance(objection_id, UUID) else UUID(int=0),
            outcome=values["outcome"],
            investigators=split_names(values["investigators"]),
            finding=values["finding"] or "",
            reason=values["reason"] or "" if still else "",
        )

    def refresh(self) -> None:
        still = self.sheet.editor("outcome").value() is ObjectionOutcome.STILL_ELIGIBLE
        self.sheet.fields["reason"].setVisible(still)
