"""The base of the forms of a case: the step's own date, its clause beside it, corrections, and reasons in place.

A hard rule is refused where the wrong field stands, with the clause. A soft one opens a field for a written reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from desktop_app.relief.queries import get_case_detail, get_new_case
from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.screens.recusal_fields import recusal_values
from desktop_app.relief.service import RecordedStep, correct_step, record_step
from desktop_app.relief.wording import yuan
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.card import Card, FactList, ScrollColumn
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.date_edit import DateEdit
from desktop_app.widgets.editor import LongTextEdit, TextEdit
from desktop_app.widgets.form import Field
from village_core.domain.calendar import chinese_date
from village_core.domain.clock import today
from village_core.domain.errors import Finding, RuleRefusedError
from village_core.domain.relief.decisions import earliest_date
from village_core.domain.relief.facts import TwoDays
from village_core.domain.relief.payloads import Payload, Recusal
from village_core.domain.relief.steps import (
    CORRECTION_REASON,
    GRANTING_STEPS,
    NAMING_ASIDE_STEPS,
    STEP_TITLES,
    StepKind,
    StepRecord,
)
from village_core.exchange.staff_roles import role_list

_REASON = "reason "
_CORRECTION = "correction_reason"
_FIELD_OF_FINDING = {"rule": "quorum_rule", "recusal_asked": "recusal", "household_types": "applicant_name"}
"""Where a finding's field has another name on the paper."""


class StepForm(FormPage):
    """`open(case_id=…)` records a step, with `step_id=…` corrects it. Subclasses say which step and which fields."""

    kind: StepKind
    rule_id: str
    soft_rules: tuple[str, ...] = ()
    date_label = "办理日期"

    def __init__(self, *args: Any, **keywords: Any) -> None:
        self.case_id: UUID | None = None
        self.household_id: UUID | None = None
        self.step_id: UUID | None = None
        self.detail: CaseDetail | None = None
        self.clause = ClauseBox()
        self.facts = FactList(name_width=72)
        self._reason_boxes: dict[str, ClauseBox] = {}
        self.needs = role_list().steps[self.kind.value]
        super().__init__(*args, **keywords)

    # What a form of a step adds

    def add_fields(self) -> None:
        """Add the fields to `self.sheet`, after the date."""
        raise NotImplementedError

    def prepare(self, detail: CaseDetail) -> None:
        """Set choices and hints from the case, before values are shown."""

    def defaults(self, detail: CaseDetail) -> dict[str, Any]:
        """Values of a new step."""
        del detail
        return {}

    def values_of(self, payload: Payload) -> dict[str, Any]:
        """Values of a step that is corrected."""
        raise NotImplementedError

    def payload(self, values: Mapping[str, Any]) -> Payload:
        """What is recorded; called outside the main thread."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Follow what was typed: hide what does not apply, count votes."""

    # What all of them do

    def _build(self) -> None:
        self.sheet.add("done_on", DateEdit(today=self._today), label=self.date_label, required=True)
        self.add_fields()
        for rule_id in self.soft_rules:
            box = ClauseBox(self.sheet)
            self._reason_boxes[rule_id] = box
            self.sheet.add_widget(box)
            self.sheet.add(_REASON + rule_id, LongTextEdit(lines=2), label="写明理由", wide=True)
        hint = "更正后，原来的记录也保留，档案里两次都有。"
        self.sheet.add(_CORRECTION, TextEdit(), label="为什么更正", hint=hint, required=True, wide=True)
        self._build_side()

    def _build_side(self) -> None:
        column = ScrollColumn()
        about = Card("这一户")
        about.body.addWidget(self.facts)
        rule = Card("办这一步的依据")
        rule.body.addWidget(self.clause)
        column.body.addWidget(about)
        column.body.addWidget(rule)
        column.body.addStretch(1)
        self.side.addWidget(column)

    def _connect(self) -> None:
        super()._connect()
        self.sheet.changed.connect(self.refresh)

    def open(self, **arguments: object) -> None:
        self.case_id = _uuid(arguments.get("case_id"))
        self.household_id = _uuid(arguments.get("household_id"))
        self.step_id = _uuid(arguments.get("step_id"))
        self.detail = None
        self.load()

    def load(self) -> None:
        case_id, household_id = self.case_id, self.household_id

        def query(reader: Reader) -> CaseDetail:
            if case_id is not None:
                return get_case_detail(reader, case_id)
            assert household_id is not None
            return get_new_case(reader, household_id)

        self.fetch(query, self._show_detail)

    def draft_key(self) -> str:
        if self.case_id is None and self.household_id is None:
            return ""
        return f"relief:{self.case_id or self.household_id}:{self.kind.value}:{self.step_id or 'new'}"

    @property
    def corrected(self) -> StepRecord | None:
        """The step that this form corrects."""
        if self.detail is None or self.step_id is None:
            return None
        return next((one for one in self.detail.state.records if one.id == self.step_id), None)

    def _show_detail(self, detail: CaseDetail) -> None:
        self.detail = detail
        target = self.corrected
        word = "更正：" if target else ""
        number = f"{detail.number} 号" if detail.number else "新开一件"
        self.set_heading(f"{word}{self.form_title(detail)}", f"{detail.title}　{number}")
        rule = detail.pack.rule(self.rule_id, detail.today)
        self.clause.set_clause(rule.clause, rule.cited_source)
        self.facts.set_facts(self.side_facts(detail))
        self.prepare(detail)
        self._hide_reasons()
        self.sheet.fields[_CORRECTION].setVisible(target is not None)
        if target is None:
            values = dict.fromkeys(self.sheet.fields) | {"done_on": self._usual_day(detail)} | self.defaults(detail)
            values |= self._own_recusal(detail)
        else:
            values = dict.fromkeys(self.sheet.fields) | self.values_of(target.payload)
            values["done_on"] = target.done_on
        self._hint_earliest(detail)
        self._show(values)
        self._tell_aside(detail)
        self._show_reasons_of(target)
        self.refresh()

    def _own_recusal(self, detail: CaseDetail) -> dict[str, Any]:
        """Who is near and sits at the keyboard stands among those aside from the start."""
        if detail.near is None or self.kind not in NAMING_ASIDE_STEPS:
            return {}
        return recusal_values(True, (Recusal(detail.near.name, detail.near.relation),))

    def _tell_aside(self, detail: CaseDetail) -> None:
        """回避 stands beside the button before anything is typed; where he leaves the step to others it is off."""
        self.save_button.bar(detail.barred.get(self.kind, ""))
        words = detail.aside.get(self.kind, "")
        if words:
            rule = detail.pack.rule("RECUSAL-1", detail.today)
            tone = "bad" if self.kind in detail.barred else "soon"
            self.refusal.set_clause(rule.clause, rule.cited_source, message=words, tone=tone)

    def form_title(self, detail: CaseDetail) -> str:
        """What stands above the form."""
        del detail
        return STEP_TITLES[self.kind]

    def side_facts(self, detail: CaseDetail) -> list[tuple[str, str]]:
        """The household in a few lines."""
        facts = [
            ("户主", detail.household.head_name),
            ("组", detail.household.group_name),
            ("户类型", "、".join(detail.household.types)),
        ]
        application = detail.state.application
        if application is not None:
            facts.append(("申请", yuan(application.requested_fen) or "没有写金额"))
        if detail.state.resolved_fen is not None:
            facts.append(("会议决定", yuan(detail.state.resolved_fen)))
        return facts

    def _hint_earliest(self, detail: CaseDetail) -> None:
        earliest = earliest_date(detail.state, self.kind)
        words = f"上一步是{chinese_date(earliest)}" if earliest else "照纸上的日期填，可以填以前的日子"
        days = self._days_in_doubt(detail)
        if days is not None:
            words = f"{words}。{days.words}"
        self.sheet.fields["done_on"].set_hint(words)

    def _usual_day(self, detail: CaseDetail) -> date | None:
        """Today; nothing where the day of a grant would come from a clock that is known to be wrong."""
        return None if self._days_in_doubt(detail) is not None else detail.today

    def _days_in_doubt(self, detail: CaseDetail) -> TwoDays | None:
        return detail.facts.two_days if self.kind in GRANTING_STEPS else None

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        detail = self.detail
        assert detail is not None
        payload = self.payload(values)
        reasons = self.reasons_in(values)
        if self.step_id is not None:
            assert detail.case_id is not None
            return correct_step(
                uow,
                self.step_id,
                payload,
                case_id=detail.case_id,
                done_on=values["done_on"],
                reason=values[_CORRECTION],
                reasons=reasons,
            )
        return self.record(uow, detail, payload, done_on=values["done_on"], reasons=reasons)

    def record(
        self, uow: UnitOfWork, detail: CaseDetail, payload: Payload, *, done_on: date, reasons: dict[str, str]
    ) -> Any:
        """Record the step of a case that is open."""
        assert detail.case_id is not None
        return record_step(uow, detail.case_id, payload, kind=self.kind, done_on=done_on, reasons=reasons)

    def reasons_in(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Rule id → what was written for it."""
        return {rule_id: values[_REASON + rule_id] or "" for rule_id in self.soft_rules}

    def _on_saved(self, outcome: Any) -> None:
        self.context.navigate.back()
        self.context.messages.tell(self.saved_words(outcome))

    def saved_words(self, outcome: Any) -> str:
        """What the message bar says afterwards."""
        title = STEP_TITLES[self.kind]
        if isinstance(outcome, RecordedStep) and outcome.ended:
            return f"已记下“{title}”。这一步没有通过，这一件办结，不给予救助。"
        return f"已{'更正' if self.step_id else '记下'}“{title}”。"

    # Refusals

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, RuleRefusedError):
            super()._on_failed(error)
            return
        hard = [one for one in error.findings if one.hard]
        soft = [one for one in error.findings if not one.hard]
        asked = [one for one in soft if one.rule_id in self._reason_boxes]
        self._ask_reasons(asked)
        if hard:
            self._refuse(hard, behind=error.safe + error.next_step)
        elif asked:
            why = "有规定说“一般”“原则上”" if asked[0].clause else "有一处要核对"
            self.refusal.set_clause("", "", message=f"{why}，要这样办，请在上面写明理由。", tone="soon")
            self.reason_field(asked[0].rule_id).editor.setFocus()
            self.sheet.bring_into_sight(_REASON + asked[0].rule_id)
        else:
            self._refuse(soft, behind=error.safe + error.next_step)

    def _refuse(self, findings: list[Finding], *, behind: str) -> None:
        """Mark each wrong field; the box shows the first rule with its wording, and all that has no field; `behind`
        them what is safe and what to do."""
        places = {self._place_of(one): one.message for one in reversed(findings)}
        self.sheet.mark({name: self.mark_words(name, message) for name, message in places.items() if name})
        homeless = [one.message for one in findings if not self._place_of(one)]
        first = findings[0]
        message = ("".join(homeless) or first.message) + behind
        self.refusal.set_clause(first.clause, first.source, message=message, tone="bad")
        self._show_first(places)

    def mark_words(self, name: str, message: str) -> str:
        """What stands under a wrong field."""
        del name
        return message

    def _place_of(self, finding: Finding) -> str:
        name = _FIELD_OF_FINDING.get(finding.field, finding.field)
        field = self.sheet.fields.get(name)
        return name if field is not None and not field.isHidden() else ""

    def _ask_reasons(self, findings: list[Finding]) -> None:
        for finding in findings:
            box = self._reason_boxes[finding.rule_id]
            box.set_clause(finding.clause, finding.source, message=finding.message, tone="soon")
            self.reason_field(finding.rule_id).setVisible(True)

    def _hide_reasons(self) -> None:
        for rule_id, box in self._reason_boxes.items():
            box.set_clause("", "")
            self.reason_field(rule_id).setVisible(False)

    def _show_reasons_of(self, target: StepRecord | None) -> None:
        """A correction shows the reasons that were given before."""
        if target is None or self.detail is None:
            return
        for rule_id, reason in target.reasons.items():
            if rule_id in self._reason_boxes and rule_id != CORRECTION_REASON:
                field = self.reason_field(rule_id)
                field.editor.set_value(reason)
                field.setVisible(True)

    def reason_field(self, rule_id: str) -> Field:
        """The field in which the reason for a soft rule is written."""
        return self.sheet.fields[_REASON + rule_id]

    def _today(self) -> date:
        return today(self.context.workspace.clock)


def split_names(text: str | None) -> tuple[str, ...]:
    """Names as people write them: 张志强、李明 or one a line."""
    plain = (text or "").replace("、", "\n").replace("，", "\n").replace(",", "\n").replace("；", "\n")
    return tuple(name.strip() for line in plain.splitlines() for name in line.split() if name.strip())


def split_lines(text: str | None) -> tuple[str, ...]:
    """One thing a line, or parted by 、 and ；."""
    plain = (text or "").replace("；", "\n").replace("、", "\n")
    return tuple(line.strip() for line in plain.splitlines() if line.strip())


def _uuid(value: object) -> UUID | None:
    return value if isinstance(value, UUID) else None
