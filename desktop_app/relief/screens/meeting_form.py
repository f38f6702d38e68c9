"""One of the four meetings as a form like the register: 应到, 实到, 票数, and a verdict that follows the typing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.screens.intake_forms import NOT_PASSED, PASSED
from desktop_app.relief.screens.recusal_fields import (
    SOMEBODY,
    add_recusal_fields,
    follow_recusal,
    read_recusal,
    recusal_values,
)
from desktop_app.relief.screens.step_form import StepForm
from desktop_app.relief.wording import yuan
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.date_edit import DateEdit
from desktop_app.widgets.editor import LineEditor, LongTextEdit, NumberEdit, TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.money_edit import MoneyEdit
from village_core.domain.meetings.quorum import Attendance, describe_verdict, judge_meeting
from village_core.domain.meetings.rules import REGIME_TITLES, QuorumRule, Regime
from village_core.domain.relief.payloads import Meeting, Payload
from village_core.domain.relief.steps import MEETING_STEPS, StepKind

_COUNTS = {
    "eligible": "应到",
    "present": "实到",
    "votes_for": "同意",
    "votes_against": "反对",
    "abstained": "弃权",
}


class MeetingForm(StepForm):
    """Subclasses name the meeting."""

    rule_id = "CRELIEF-8"
    soft_rules: tuple[str, ...] = ("QUORUM-0", "CRELIEF-8", "RECUSAL-1")
    date_label = "开会日期"
    save_text = "保存会议结果"
    help_text = "照会议记录填。人数和票数一填，下面就说够不够、过没过。签到表和会议记录的照片，存好以后再放。"

    def add_fields(self) -> None:
        sheet = self.sheet
        self.verdict = ClauseBox(sheet)
        sheet.add("held_at", TextEdit(most=20), label="时间", hint="例如 上午 9:30，可以不填")
        sheet.add("place", TextEdit(most=60), label="地点", required=True)
        sheet.add("quorum_rule", ChoiceEdit(), label="会议形式", required=True)
        sheet.add("chair", TextEdit(most=30), label="主持人", required=True)
        sheet.add("recorder", TextEdit(most=30), label="记录人", required=True)
        sheet.add("noticed_on", DateEdit(today=self._today), label="哪天通知的", hint="这种会要提前通知")
        sheet.add_heading("到会（人）和表决（票）")
        self._add_counts()
        sheet.add(
            "passed",
            ChoiceEdit([(PASSED, "同意救助"), (NOT_PASSED, "不同意，办结")]),
            label="会议结论",
            required=True,
        )
        sheet.add_widget(self.verdict)
        self.add_amount()
        add_recusal_fields(sheet)
        sheet.add("discussion", LongTextEdit(lines=3), label="讨论内容", hint="可以不填，以会议记录为准", wide=True)
        sheet.add("supervisor", TextEdit(most=60), label="村务监督委员会到会的人", hint="可以不填")
        sheet.add("township_guest", TextEdit(most=60), label="乡镇到会的人（含职务）", hint="可以不填")

    def _add_counts(self) -> None:
        """应到 to 弃权 beside each other, as in the register; they belong to the sheet like its own fields."""
        row = FormSheet(columns=len(_COUNTS))
        for name, label in _COUNTS.items():
            row.add(name, NumberEdit(most=99_999), label=label)
        self.sheet.add_widget(row)
        self.sheet.fields.update(row.fields)
        row.changed.connect(self.sheet.changed)
        row.finished.connect(lambda: self.sheet.editor("passed").setFocus())

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        return {name: f"请填{label}" for name, label in _COUNTS.items() if values[name] is None}

    def mark_words(self, name: str, message: str) -> str:
        """The columns of the counts are too narrow for a sentence: it stands in the box."""
        return "请核对" if name in _COUNTS else message

    def add_amount(self) -> None:
        """The first three meetings may note an amount."""
        self.sheet.add("amount_fen", MoneyEdit(), label="商议的金额", unit="元", hint="可以不填", wide=True)

    def _connect(self) -> None:
        super()._connect()
        for name in _COUNTS:
            editor = self.sheet.editor(name)
            assert isinstance(editor, LineEditor)
            editor.line.textChanged.connect(lambda _: self._follow_counts())

    def prepare(self, detail: CaseDetail) -> None:
        self._set_rules(self._rules(detail, detail.today))

    def defaults(self, detail: CaseDetail) -> dict[str, Any]:
        rules = self._rules(detail, detail.today)
        first = rules[0] if rules else None
        size = detail.facts.roster.get(first.body) if first else None
        return {"quorum_rule": first.id if first else None, "eligible": size}

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, Meeting)
        return {
            "held_at": payload.held_at,
            "place": payload.place,
            "quorum_rule": payload.quorum_rule,
            "noticed_on": payload.noticed_on,
            "chair": payload.chair,
            "recorder": payload.recorder,
            "eligible": payload.eligible,
            "present": payload.present,
            "votes_for": payload.votes_for,
            "votes_against": payload.votes_against,
            "abstained": payload.abstained,
            "passed": PASSED if payload.passed else NOT_PASSED,
            "amount_fen": payload.amount_fen,
            "discussion": payload.discussion,
            "supervisor": payload.supervisor,
            "township_guest": payload.township_guest,
            **recusal_values(payload.recusal_asked, payload.recused),
        }

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return Meeting(
            quorum_rule=values["quorum_rule"] or "",
            place=values["place"] or "",
            chair=values["chair"] or "",
            recorder=values["recorder"] or "",
            eligible=values["eligible"] or 0,
            present=values["present"] or 0,
            votes_for=values["votes_for"] or 0,
            votes_against=values["votes_against"] or 0,
            abstained=values["abstained"] or 0,
            passed=values["passed"] == PASSED,
            discussion=values["discussion"] or "",
            held_at=values["held_at"] or "",
            amount_fen=values["amount_fen"],
            noticed_on=values["noticed_on"],
            supervisor=values["supervisor"] or "",
            township_guest=values["township_guest"] or "",
            **read_recusal(values),
        )

    def refresh(self) -> None:
        detail, sheet = self.detail, self.sheet
        if detail is None:
            return
        held_on = sheet.editor("done_on").value()
        if isinstance(held_on, date):
            self._set_rules(self._rules(detail, held_on))
        rule = self.chosen_rule()
        asks_notice = rule is not None and (rule.notice_days > 0 or self._asks_plan(detail))
        sheet.fields["noticed_on"].setVisible(asks_notice)
        if rule is not None and asks_notice:
            sheet.fields["noticed_on"].set_hint(f"要提前 {rule.notice_days or 3} 天")
        follow_recusal(sheet)
        self._follow_counts()

    def chosen_rule(self) -> QuorumRule | None:
        """The threshold that is chosen."""
        chosen = self.sheet.editor("quorum_rule").value()
        return self.detail.pack.quorum.find_rule(str(chosen)) if self.detail and chosen else None

    def _asks_plan(self, detail: CaseDetail) -> bool:
        return self.kind is StepKind.PARTY_MEMBERS_REVIEW and detail.pack.rule("QUORUM-5", detail.today).flag("enabled")

    def _rules(self, detail: CaseDetail, on: date) -> tuple[QuorumRule, ...]:
        return detail.pack.quorum.list_for(detail.pack.bodies(MEETING_STEPS[self.kind], on), on)

    def _set_rules(self, rules: tuple[QuorumRule, ...]) -> None:
        editor = self.sheet.editor("quorum_rule")
        assert isinstance(editor, ChoiceEdit)
        editor.set_choices([(rule.id, _rule_words(rule)) for rule in rules])
        if editor.value() is None and rules:
            editor.set_value(rules[0].id)

    def _follow_counts(self) -> None:
        """Say under the votes whether the meeting could decide and what it decided, with the clause."""
        rule = self.chosen_rule()
        counts = [self.sheet.editor(name).value() for name in _COUNTS]
        if rule is None or any(count is None for count in counts[:2]):
            self.verdict.set_clause("", "")
            return
        aside = 0
        if self.sheet.editor("recusal").value() == SOMEBODY:
            aside = len([line for line in self.sheet.editor("recused").typed().splitlines() if line.strip()])
        eligible, present, votes_for, votes_against, abstained = (count or 0 for count in counts)
        attendance = Attendance(eligible, present, votes_for, votes_against, abstained, recused=aside)
        verdict = judge_meeting(attendance, rule)
        source = rule.finding("").source
        if all(count is None for count in counts[2:]) and verdict.quorate:
            message = (
                f"到会人数够：至少 {verdict.needed_present} 人，到了 {present} 人。同意要 {verdict.needed_for} 票。"
            )
            self.verdict.set_clause(rule.clause, source, message=message)
            return
        tone = "plain" if verdict.passed else "bad" if verdict.findings else "soon"
        self.verdict.set_clause(rule.clause, source, message=describe_verdict(attendance, rule), tone=tone)


def _rule_words(rule: QuorumRule) -> str:
    """The body; where another law may be chosen, also which law."""
    if rule.regime is Regime.COLLECTIVE_LAW:
        return f"{rule.title}（{REGIME_TITLES[rule.regime]}）"
    return rule.title


class ProposalForm(MeetingForm):
    kind = StepKind.PARTY_PROPOSAL
    reason = "村党组织会议提议"


class ConsultationForm(MeetingForm):
    kind = StepKind.COMMITTEES_CONSULTATION
    reason = "村“两委”会议商议"


class PartyReviewForm(MeetingForm):
    kind = StepKind.PARTY_MEMBERS_REVIEW
    reason = "党员大会审议"


class ResolutionForm(MeetingForm):
    """The fourth meeting resolves the amount, beside what the pool still holds."""

    kind = StepKind.VILLAGERS_RESOLUTION
    soft_rules = ("CRELIEF-6", "CRELIEF-4", "CRELIEF-5", "QUORUM-0", "CRELIEF-8", "RECUSAL-1")
    reason = "村民代表会议或村民会议决议"
    _waits = False

    def add_amount(self) -> None:
        self.sheet.add("amount_fen", MoneyEdit(), label="决定救助的金额", unit="元", hint=" ", wide=True)

    def prepare(self, detail: CaseDetail) -> None:
        super().prepare(detail)
        left, limit = detail.pool.left_fen, detail.pack.rule("CRELIEF-4", detail.today).integer("limit_fen")
        words = f"每户一般不超过 {yuan(limit)}。"
        if left is None:
            words += f"{detail.pool.year - 1}年集体净收入还没有填，算不出今年还剩多少。"
        else:
            words += f"今年救助款还剩 {yuan(left)}。"
        self.sheet.fields["amount_fen"].set_hint(words)

    def refresh(self) -> None:
        super().refresh()
        grants = self.sheet.editor("passed").value() != NOT_PASSED
        self.sheet.fields["amount_fen"].setVisible(grants)
        self._wait_for_right(self.detail.no_grant if self.detail and grants else "")

    def _wait_for_right(self, problem: str) -> None:
        """Money is committed only where 救助审批权 is; a resolution that refuses can be recorded anywhere."""
        if problem:
            self.refusal.set_clause("", "", message=problem, tone="soon")
        elif self._waits:
            self.refusal.set_clause("", "")
        if problem or self._waits:
            self.save_button.setEnabled(not problem)
        self._waits = bool(problem)
