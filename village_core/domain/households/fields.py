"""The fields of a household and of a person: name in the records, label on paper, kind of value, length.

The order is that of the national export; `values` tuples elsewhere in this package follow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

FieldValue = str | int | bool | date | None
"""What a field holds: text, 分 or a count, yes/no, a day; None is empty."""


class Kind(Enum):
    """How a cell or a typed text of a field is read."""

    TEXT = "text"
    NAME = "name"
    CODE = "code"
    NUMBER = "number"
    """An identifying number of another system: text that Excel may have damaged."""
    ID_NUMBER = "id_number"
    PHONE = "phone"
    ACCOUNT = "account"
    MONEY = "money"
    COUNT = "count"
    YES_NO = "yes_no"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `longest` is the number of characters that the county's table takes."""

    name: str
    label: str
    kind: Kind
    longest: int = 60


HOUSEHOLD_FIELDS = (
    Field("number", "户编号", Kind.NUMBER, 40),
    Field("head_name", "户主姓名", Kind.NAME),
    Field("province", "省(自治区、直辖市)", Kind.TEXT),
    Field("city", "市(盟、州)", Kind.TEXT),
    Field("county", "县(市、区、旗)", Kind.TEXT),
    Field("township", "乡(镇)", Kind.TEXT),
    Field("village_name", "行政村", Kind.TEXT),
    Field("group_name", "自然村(组)", Kind.TEXT),
    Field("declared_size", "人数", Kind.COUNT),
    Field("kind", "户类型", Kind.CODE, 30),
    Field("monitor_kind", "监测对象类别", Kind.CODE, 40),
    Field("identified_on", "识别(监测)时间", Kind.MONTH),
    Field("risk_cleared", "风险是否已消除", Kind.YES_NO),
    Field("risk_1", "致贫/返贫风险1", Kind.TEXT),
    Field("risk_2", "致贫/返贫风险2", Kind.TEXT),
    Field("risk_3", "致贫/返贫风险3", Kind.TEXT),
    Field("risk_4", "致贫/返贫风险4", Kind.TEXT),
    Field("risk_5", "致贫/返贫风险5", Kind.TEXT),
    Field("subsistence_allowance", "是否享受低保", Kind.YES_NO),
    Field("extreme_hardship_support", "是否特困供养", Kind.YES_NO),
    Field("unsafe_house", "危房户", Kind.YES_NO),
    Field("safe_water", "是否解决安全饮用水", Kind.YES_NO),
    Field("wage_fen", "工资性收入", Kind.MONEY),
    Field("business_fen", "生产经营性收入", Kind.MONEY),
    Field("property_fen", "财产性收入", Kind.MONEY),
    Field("transfer_fen", "转移性收入", Kind.MONEY),
    Field("business_cost_fen", "生产经营性支出", Kind.MONEY),
    Field("per_capita_fen", "人均纯收入", Kind.MONEY),
    Field("phone", "户联系电话", Kind.PHONE, 30),
    Field("bank_name", "开户银行", Kind.TEXT, 120),
    Field("bank_account", "银行账号", Kind.ACCOUNT, 40),
    Field("helper_name", "帮扶责任人", Kind.TEXT),
    Field("note", "其他备注", Kind.TEXT, 4000),
)

PERSON_FIELDS = (
    Field("number", "人编号", Kind.NUMBER, 40),
    Field("name", "姓名", Kind.NAME),
    Field("id_kind", "证件类型", Kind.CODE, 30),
    Field("id_number", "证件号码", Kind.ID_NUMBER, 30),
    Field("relation", "与户主关系", Kind.CODE, 30),
    Field("sex", "性别", Kind.CODE, 4),
    Field("birth_date", "出生日期", Kind.DAY),
    Field("ethnicity", "民族", Kind.CODE, 20),
    Field("political_status", "政治面貌", Kind.TEXT, 30),
    Field("education", "文化程度", Kind.TEXT, 30),
    Field("school_status", "在校生状况", Kind.TEXT, 40),
    Field("health", "健康状况", Kind.TEXT),
    Field("labour_capacity", "劳动技能", Kind.TEXT, 40),
    Field("work_area", "务工区域", Kind.TEXT),
    Field("work_months", "务工时间(月)", Kind.COUNT),
    Field("resident_medical_insurance", "是否参加城乡居民基本医疗保险", Kind.YES_NO),
    Field("employee_medical_insurance", "是否参加城镇职工基本医疗保险", Kind.YES_NO),
    Field("serious_illness_insurance", "是否参加大病保险", Kind.YES_NO),
    Field("resident_pension_insurance", "是否参加城乡居民基本养老保险", Kind.YES_NO),
    Field("employee_pension_insurance", "是否参加城镇职工基本养老保险", Kind.YES_NO),
    Field("commercial_insurance", "是否参加商业补充医疗保险", Kind.YES_NO),
    Field("phone", "联系电话", Kind.PHONE, 30),
    Field("note", "备注", Kind.TEXT, 4000),
)

HOUSEHOLD_FIELD = {field.name: field for field in HOUSEHOLD_FIELDS}
PERSON_FIELD = {field.name: field for field in PERSON_FIELDS}

HEAD = "户主"
"""The label of the head in `relation`; at most one open person of a household bears it."""
