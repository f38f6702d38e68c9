"""跟踪问效, 归档, and what may happen beside the road: 撤回, 监督查看, 其他帮扶."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.screens.step_form import StepForm, split_names
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.editor import LongTextEdit, TextEdit
from village_core.domain.relief.check_archive import missing_papers
from village_core.domain.relief.payloads import (
    OTHER_HELP_TITLES,
    USE_TITLES,
    Archive,
    FollowUp,
    Inspection,
    OtherHelp,
    Payload,
    UseOfMoney,
    Withdrawal,
)
from village_core.domain.relief.steps import StepKind

_CAPACITIES = ("村务监督委员会", "党员", "村民代表", "村民", "乡镇干部")


class FollowUpForm(StepForm):
    """One visit."""

    kind = StepKind.FOLLOW_UP
    rule_id = "CRELIEF-13"
    date_label = "回访的日期"
    save_text = "保存回访"
    reason = "跟踪问效"
    help_text = "去户里看救助金用在了哪里，归档以前至少一次。"

    def add_fields(self) -> None:
        sheet = self.sheet
        sheet.add("visitors", TextEdit(), label="谁去回访的", hint="几个人用、隔开", required=True)
        sheet.add("use", ChoiceEdit(USE_TITLES.items()), label="救助金用在哪里", required=True)
        sheet.add("finding", LongTextEdit(lines=3), label="用了多少、效果怎样", required=True, wide=True)
        hint = "用在别处的，写怎样提醒和监督的"
        sheet.add("advice", LongTextEdit(lines=2), label="提醒、指导", hint=hint, wide=True)

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, FollowUp)
        return {
            "visitors": "、".join(payload.visitors),
            "use": payload.use,
            "finding": payload.finding,
            "advice": payload.advice,
        }

    def payload(self, values: Mapping[str, Any]) -> Payload:
        use = values["use"]
        return FollowUp(
            visitors=split_names(values["visitors"]),
            use=use if isinstance(use, UseOfMoney) else UseOfMoney.OTHER,
            finding=values["finding"] or "",
            advice=values["advice"] or "",
        )


class ArchiveForm(StepForm):
    """What is still missing stands beside it."""

    kind = StepKind.ARCHIVE
    rule_id = "CRELIEF-14"
    soft_rules = ("CRELIEF-13",)
    date_label = "归档的日期"
    save_text = "归档"
    reason = "资料归档"
    help_text = "一户一档：文字、图片都要齐。归档以后不能再改。"

    def add_fields(self) -> None:
        sheet = self.sheet
        sheet.add("keeper", TextEdit(most=30), label="档案由谁保管", required=True)
        sheet.add("file_number", TextEdit(most=60), label="档号", hint="可以不填")
        sheet.add("supervisor", TextEdit(most=60), label="村务监督委员会", hint="谁看过，可以不填")
        sheet.add("remark", TextEdit(), label="说明", hint="例如：另有视频一段，存在村委会电脑", wide=True)

    def defaults(self, detail: CaseDetail) -> dict[str, Any]:
        del detail
        return {"keeper": self.context.workspace.actor.name}

    def side_facts(self, detail: CaseDetail) -> list[tuple[str, str]]:
        missing = missing_papers(detail.state, detail.facts, pack=detail.pack, on=detail.today)
        words = "；".join(paper.title for paper in missing[:3]) or "齐了"
        if len(missing) > 3:
            words += f"；等 {len(missing)} 样"
        return [*super().side_facts(detail), ("还缺材料", words)]

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, Archive)
        return {
            "keeper": payload.keeper,
            "file_number": payload.file_number,
            "supervisor": payload.supervisor,
            "remark": payload.remark,
        }

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return Archive(
            keeper=values["keeper"] or "",
            file_number=values["file_number"] or "",
            supervisor=values["supervisor"] or "",
            remark=values["remark"] or "",
        )


class WithdrawalForm(StepForm):
    kind = StepKind.WITHDRAWAL
    rule_id = "CRELIEF-3"
    date_label = "撤回的日期"
    save_text = "撤回申请"
    reason = "撤回申请"
    help_text = "撤回以后这一件就办结了，不能再恢复；一年内再申请要写明理由。"

    def add_fields(self) -> None:
        self.sheet.add("by_whom", TextEdit(most=30), label="谁来撤回的", required=True)
        self.sheet.add("reason", LongTextEdit(lines=2), label="为什么撤回", required=True, wide=True)

    def defaults(self, detail: CaseDetail) -> dict[str, Any]:
        application = detail.state.application
        return {"by_whom": application.applicant_name if application else ""}

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, Withdrawal)
        return {"by_whom": payload.by_whom, "reason": payload.reason}

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return Withdrawal(values["by_whom"] or "", values["reason"] or "")


class InspectionForm(StepForm):
    kind = StepKind.INSPECTION
    rule_id = "CRELIEF-16"
    date_label = "查看的日期"
    save_text = "记下查看"
    reason = "监督查看"
    help_text = "村务监督委员会、党员或村民来看这一件的资料，记下谁看的、有什么意见。"

    def add_fields(self) -> None:
        sheet = self.sheet
        sheet.add("by_whom", TextEdit(most=60), label="谁来看的", required=True)
        sheet.add("capacity", ChoiceEdit([(one, one) for one in _CAPACITIES]), label="身份", required=True)
        sheet.add("remark", LongTextEdit(lines=2), label="意见", hint="没有意见的，空着", wide=True)

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, Inspection)
        return {"by_whom": payload.by_whom, "capacity": payload.capacity, "remark": payload.remark}

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return Inspection(values["by_whom"] or "", values["capacity"] or "", values["remark"] or "")


class OtherHelpForm(StepForm):
    kind = StepKind.OTHER_HELP
    rule_id = "CRELIEF-23"
    date_label = "帮扶的日期"
    save_text = "记下帮扶"
    reason = "其他帮扶"
    help_text = "发救助金以外，村集体还怎样帮这一户：订单种植、就业、基础设施等。"

    def add_fields(self) -> None:
        sheet = self.sheet
        sheet.add("kind", ChoiceEdit(OTHER_HELP_TITLES.items()), label="哪种方式", required=True, wide=True)
        sheet.add("helper", TextEdit(most=60), label="谁经办的", hint="可以不填")
        sheet.add("content", LongTextEdit(lines=2), label="帮了什么", required=True, wide=True)

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, OtherHelp)
        return {"kind": payload.kind, "helper": payload.helper, "content": payload.content}

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return OtherHelp(values["kind"], values["content"] or "", values["helper"] or "")
