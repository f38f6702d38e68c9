"""户申请 and 村初审 as forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.screens.recusal_fields import (
    add_recusal_fields,
    follow_recusal,
    read_recusal,
    recusal_values,
)
from desktop_app.relief.screens.step_form import StepForm, split_lines, split_names
from desktop_app.relief.service import OpenedCase, open_case
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.date_edit import DateEdit
from desktop_app.widgets.editor import CheckEdit, LongTextEdit, TextEdit
from desktop_app.widgets.money_edit import MoneyEdit
from village_core.domain.relief.payloads import (
    CAUSE_TITLES,
    CIVIL_AFFAIRS_TITLES,
    Application,
    Cause,
    CivilAffairsAnswer,
    FirstReview,
    Payload,
)
from village_core.domain.relief.steps import StepKind

PASSED, NOT_PASSED = "yes", "no"


class ApplicationForm(StepForm):
    """`open(household_id=…)` opens a case; with `case_id` and `step_id` it corrects the application."""

    kind = StepKind.APPLICATION
    rule_id = "CRELIEF-9"
    soft_rules = ("CRELIEF-1", "CRELIEF-3")
    date_label = "申请日期"
    save_text = "保存申请"
    reason = "户申请集体经济临时救助"
    help_text = "照申请书填。申请书和证明材料的照片，存好以后在这一件的页面上放。"

    def add_fields(self) -> None:
        sheet = self.sheet
        sheet.add("applicant_name", ChoiceEdit(empty="请选择本户的人"), label="申请人", required=True)
        sheet.add("cause", ChoiceEdit(CAUSE_TITLES.items()), label="救助事由", required=True)
        sheet.add("cause_text", TextEdit(most=60), label="是什么困难", hint="公示只写“其他特殊困难”，不写这里")
        reason_hint = "写给村党组织的理由，照申请书抄要点"
        sheet.add("reason", LongTextEdit(lines=3), label="申请理由", hint=reason_hint, required=True, wide=True)
        materials_hint = "一行一样，例如 住院结算单"
        sheet.add("materials", LongTextEdit(lines=3), label="证明材料", hint=materials_hint, required=True)
        sheet.add("requested_fen", MoneyEdit(), label="申请金额", unit="元", hint="申请书没有写的，空着")
        sheet.add("written", CheckEdit("有书面申请书，写给村党组织"), label="", wide=True)
        sheet.add("high_risk", CheckEdit("这一户致贫或返贫风险较高"), label="", wide=True)

    def prepare(self, detail: CaseDetail) -> None:
        names = detail.household.member_names
        editor = self.sheet.editor("applicant_name")
        assert isinstance(editor, ChoiceEdit)
        editor.set_choices([(name, name) for name in names])

    def defaults(self, detail: CaseDetail) -> dict[str, Any]:
        names = detail.household.member_names
        return {"applicant_name": names[0] if names else None}

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, Application)
        return {
            "applicant_name": payload.applicant_name,
            "cause": payload.cause,
            "cause_text": payload.cause_text,
            "reason": payload.reason,
            "materials": "\n".join(payload.materials),
            "requested_fen": payload.requested_fen,
            "written": payload.written,
            "high_risk": payload.high_risk,
        }

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return Application(
            applicant_name=values["applicant_name"] or "",
            cause=values["cause"],
            cause_text=values["cause_text"] or "" if values["cause"] is Cause.OTHER else "",
            reason=values["reason"] or "",
            written=values["written"],
            high_risk=values["high_risk"],
            materials=split_lines(values["materials"]),
            requested_fen=values["requested_fen"],
        )

    def refresh(self) -> None:
        self.sheet.fields["cause_text"].setVisible(self.sheet.editor("cause").value() is Cause.OTHER)

    def form_title(self, detail: CaseDetail) -> str:
        return "户申请" if detail.case_id else "新开一件救助：户申请"

    def record(
        self, uow: UnitOfWork, detail: CaseDetail, payload: Payload, *, done_on: date, reasons: dict[str, str]
    ) -> Any:
        assert isinstance(payload, Application)
        return open_case(uow, detail.household.id, application=payload, done_on=done_on, reasons=reasons)

    def _on_saved(self, outcome: Any) -> None:
        if isinstance(outcome, OpenedCase):
            self.context.navigate.replace("case", case_id=outcome.case_id)
            self.context.messages.tell(f"已开 {outcome.number} 号救助，下一步是村初审。")
        else:
            super()._on_saved(outcome)


class FirstReviewForm(StepForm):
    """Who reviewed, the visit, the answer of 民政, the opinion."""

    kind = StepKind.FIRST_REVIEW
    rule_id = "CRELIEF-18"
    soft_rules = ("CRELIEF-15", "RECUSAL-1")
    date_label = "提出意见的日期"
    save_text = "保存初审意见"
    reason = "村初审"
    help_text = "书记和有关同志审核材料、入户核实，先问民政，再提出初步意见。"

    def add_fields(self) -> None:
        sheet = self.sheet
        day = DateEdit(today=self._today)
        sheet.add("visited_on", day, label="入户核实的日期", required=True)
        sheet.add("secretary", TextEdit(most=30), label="村党组织书记", required=True)
        sheet.add("reviewers", TextEdit(), label="一起初审的人", hint="几个人用、隔开", required=True)
        sheet.add("visit_finding", LongTextEdit(lines=3), label="入户核实的情况", required=True, wide=True)
        sheet.add_heading("先问民政")
        sheet.add(
            "civil_affairs",
            ChoiceEdit(CIVIL_AFFAIRS_TITLES.items()),
            label="低保、特困、临时救助等",
            hint="符合民政救助条件的，要先向民政申请",
            required=True,
        )
        sheet.add("civil_affairs_note", TextEdit(), label="结果怎样", hint="例如：领了 600 元临时救助，仍有缺口")
        sheet.add_heading("初步意见")
        sheet.add("opinion", LongTextEdit(lines=2), label="意见", required=True, wide=True)
        conclusion = [(PASSED, "同意上会"), (NOT_PASSED, "不同意，办结")]
        sheet.add("passed", ChoiceEdit(conclusion), label="结论", required=True)
        sheet.add("suggested_fen", MoneyEdit(), label="建议金额", unit="元", hint="可以不填")
        add_recusal_fields(sheet)

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, FirstReview)
        return {
            "visited_on": payload.visited_on,
            "secretary": payload.secretary,
            "reviewers": "、".join(payload.reviewers),
            "visit_finding": payload.visit_finding,
            "civil_affairs": payload.civil_affairs,
            "civil_affairs_note": payload.civil_affairs_note,
            "opinion": payload.opinion,
            "passed": PASSED if payload.passed else NOT_PASSED,
            "suggested_fen": payload.suggested_fen,
            **recusal_values(payload.recusal_asked, payload.recused),
        }

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return FirstReview(
            secretary=values["secretary"] or "",
            reviewers=split_names(values["reviewers"]),
            visited_on=values["visited_on"],
            visit_finding=values["visit_finding"] or "",
            opinion=values["opinion"] or "",
            passed=values["passed"] == PASSED,
            civil_affairs=values["civil_affairs"],
            civil_affairs_note=values["civil_affairs_note"] or "",
            suggested_fen=values["suggested_fen"],
            **read_recusal(values),
        )

    def side_facts(self, detail: CaseDetail) -> list[tuple[str, str]]:
        household = detail.household
        marks = [
            words
            for words, has in (
                ("低保", household.subsistence_allowance),
                ("特困供养", household.extreme_hardship_support),
            )
            if has
        ]
        return [*super().side_facts(detail), ("户情登记", "、".join(marks) or "没有低保、特困")]

    def refresh(self) -> None:
        follow_recusal(self.sheet)
        answer = self.sheet.editor("civil_affairs").value()
        self.sheet.fields["civil_affairs_note"].setVisible(
            answer in (CivilAffairsAnswer.NOT_ENOUGH, CivilAffairsAnswer.REFUSED, CivilAffairsAnswer.PENDING)
        )
