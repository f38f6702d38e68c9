"""What synced tables and their fields are called in the sentences that a person reads."""

from __future__ import annotations

import json
from collections.abc import Mapping

from village_core.domain.households.fields import HOUSEHOLD_FIELDS, PERSON_FIELDS
from village_core.domain.money import format_yuan
from village_core.domain.relief.steps import STEP_TITLES
from village_core.exchange.values import Value

TABLES: Mapping[str, str] = {
    "household": "户",
    "person": "人",
    "extra_field": "其他栏目",
    "sub_account": "明细科目",
    "voucher_draft": "凭证草稿",
    "voucher": "凭证",
    "posting": "分录",
    "month_lock": "锁账",
    "relief_case": "救助",
    "relief_step": "救助步骤",
    "printed_document": "打印的材料",
    "attachment": "照片",
    "village_profile": "村情",
    "collective_income": "集体经济收入",
    "governing_body": "会议人数",
    "collective_bank_account": "集体银行账户",
    "staff_member": "工作人员",
    "held_change": "要您拿主意的事",
    "held_decision": "拿定的主意",
}

_FIELDS: Mapping[str, Mapping[str, str]] = {
    "household": {one.name: one.label for one in HOUSEHOLD_FIELDS}
    | {"closed_on": "销户日期", "closed_reason": "销户原因", "merged_into": "并到哪一户"},
    "person": {one.name: one.label for one in PERSON_FIELDS}
    | {
        "household_id": "属于哪一户",
        "closed_on": "哪天起不在户里",
        "closed_reason": "为什么不在户里",
        "merged_into": "并到哪个人",
    },
    "collective_income": {"net_income_fen": "纯收入", "source": "来源", "year": "年份"},
    "collective_bank_account": {"account_number": "账号", "name": "户名", "bank": "开户行", "ledger_account": "科目"},
    "staff_member": {
        "roles": "职务",
        "name": "姓名",
        "may_combine_duties": "兼任",
        "left_on": "离任日期",
        "note": "备注",
        "relatives": "近亲属",
    },
    "village_profile": {"name": "村名", "supervision_phone": "监督电话", "township_phone": "乡镇电话"},
    "governing_body": {"size": "人数", "names": "名单"},
    "sub_account": {"name": "名称", "code": "编码"},
    "voucher_draft": {"body": "内容", "summary": "摘要", "voucher_date": "日期"},
}


_STEPS = {kind.value: title for kind, title in STEP_TITLES.items()}


def table_word(table: str) -> str:
    return TABLES.get(table, "记录")


def field_word(table: str, field: str) -> str:
    return _FIELDS.get(table, {}).get(field, "一栏")


def value_word(field: str, value: Value) -> str:
    """A value as it is shown in a sentence: money in 元, nothing as （空）."""
    if value is None or value == "":
        return "没有，还在" if field == "closed_on" else "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int) and field.endswith("_fen"):
        return f"{format_yuan(value)} 元"
    if isinstance(value, bytes):
        return "另一户" if field == "household_id" else "另一条"
    return str(value)


def to_json(values: Mapping[str, Value]) -> str:
    """Values for `HeldChange.standing` and `.offered`; ids as hex."""
    plain = {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def describe_row(table: str, values: Mapping[str, Value]) -> str:
    """A short name of a row: whose it is, or which number it bears."""
    for name in ("name", "head_name", "number_text", "number", "summary", "title", "code", "period", "kind"):
        value = values.get(name)
        if name == "kind" and table == "relief_step":
            value = _STEPS.get(str(value), value)
        if isinstance(value, str) and value:
            return f"{table_word(table)}“{value[:40]}”"
    return table_word(table)
