"""Made-up people of a made-up Yunnan village, the same for the same seed: for the demo, benchmarks and tests.

Nobody here is real. Numbers have valid check digits, so that they pass where real ones pass.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from village_core.domain.households.id_numbers import check_digit

_HEADER_LINE = (
    "序号 省(自治区、直辖市) 市(盟、州) 县(市、区、旗) 乡(镇) 行政村 自然村(组) 户编号 人编号 姓名 证件类型 证件号码 "
    "人数 与户主关系 性别 出生日期 民族 政治面貌 文化程度 在校生状况 健康状况 劳动技能 务工区域 务工时间(月) "
    "是否参加城乡居民基本医疗保险 是否参加大病保险 是否参加城乡居民基本养老保险 是否享受低保 是否特困供养 户类型 "
    "监测对象类别 识别(监测)时间 风险是否已消除 致贫/返贫风险1 危房户 是否解决安全饮用水 工资性收入 生产经营性收入 "
    "财产性收入 转移性收入 生产经营性支出 人均纯收入 联系电话 开户银行 银行账号 帮扶责任人 备注"
)
HEADERS = tuple(_HEADER_LINE.split())
"""The columns of the national system's export, in its order."""

GROUPS = (
    "大平地",
    "上村",
    "下村",
    "老鹰窝",
    "小河边",
    "石头寨",
    "新房子",
    "团山",
    "白马河",
    "秧草地",
    "大箐",
    "干海子",
)
HELPERS = ("王建平", "李琼仙", "张志强", "起学英")
MONITORED = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")
_RISKS = ("因病", "因残", "缺劳动力", "产业失败", "意外事故", "因学", "因灾", "务工就业不稳")

_FAMILIES = {
    "汉族": "李王张杨陈周马何段朱刘尹赵钱孙吴罗徐黄夏钟殷郭宋唐邓",
    "彝族": "李罗杞普起者毕鲁自白龙纳柏夏曲阿施矣",
    "傈僳族": "李沙熊谷比余蔡贺蜂密海麻",
    "傣族": "刀李罗白陶龙金钱方岩",
    "苗族": "杨王张龙熊项古陶马侯",
    "回族": "马纳沙保合赛木丁",
}
_PEOPLES = (("汉族", 40), ("彝族", 30), ("傈僳族", 14), ("傣族", 8), ("苗族", 5), ("回族", 3))
_MALE = "国建明学文正光荣华富贵德忠福才林云龙飞军勇强波平志海成发有祥生天存世兴旺松柏永"
_FEMALE = "琼仙芬丽英梅兰秀珍美凤菊莲桂香花玉翠芳春雪燕静霞萍会珠惠存莉"
_RARE = "䶮堃喆龘昇鋐㛃𬭎頔玥垚燚犇"
_YI_CLANS = ("沙马", "吉克", "阿尔", "吉木", "曲比", "俄木", "勒古")
_YI_GIVEN = {
    "男": ("木呷", "伍各", "拉铁", "日火", "阿木", "尔古"),
    "女": ("阿衣", "阿呷", "伍果", "阿芝", "妞妞", "阿各"),
}
_PHONE_HEADS = ("130", "133", "135", "136", "138", "139", "150", "151", "153", "157", "159", "175", "182", "184", "187")

Row = dict[str, str]


@dataclass(frozen=True)
class Village:
    """Where the made-up people live. `code` has 12 digits; household numbers are made from it."""

    code: str = "532327101201"
    province: str = "云南省"
    prefecture: str = "楚雄彝族自治州"
    county: str = "永仁县"
    town: str = "永定镇"
    name: str = "太平村委会"
    bank: str = "永仁县农村信用合作联社"
    exported: date = date(2026, 10, 8)


@dataclass
class _Person:
    name: str
    relation: str
    sex: str
    birth: date
    people: str


def make_village(seed: int, households: int, *, village: Village | None = None) -> list[Row]:
    """One row a person in the shape of the national export, households one after another."""
    village = village or Village()
    rng = random.Random(seed)
    used: set[str] = set()
    rows: list[Row] = []
    for number in range(1, households + 1):
        rows.extend(_household(rng, village, number, used))
    for index, row in enumerate(rows, start=1):
        row["序号"] = str(index)
    return rows


def _household(rng: random.Random, village: Village, number: int, used: set[str]) -> list[Row]:
    people = rng.choices([name for name, _ in _PEOPLES], [weight for _, weight in _PEOPLES])[0]
    members = _members(rng, people, village.exported)
    key = f"{village.code}{number:05d}"
    facts = _household_facts(rng, village, members, key)
    rows = []
    for place, member in enumerate(members, start=1):
        row = facts | _person_facts(rng, member, village, used) | {"人编号": f"{key}{place:02d}"}
        if member.relation == "户主":
            row |= {"开户银行": village.bank, "银行账号": bank_account(rng)}
        rows.append({header: row.get(header, "") for header in HEADERS})
    return rows


def _members(rng: random.Random, people: str, today: date) -> list[_Person]:
    """A family that could be one: couple, children, the old, grandchildren, ages to match."""
    size = rng.choices((1, 2, 3, 4, 5, 6, 7), (5, 17, 27, 28, 15, 6, 2))[0]
    family = rng.choice(_FAMILIES[people])
    yi_name = people == "彝族" and rng.random() < 0.04
    head_sex = "男" if rng.random() < 0.86 else "女"
    head_age = rng.randint(55, 84) if size == 1 else rng.randint(28, 68)
    head = _Person(_name(rng, family, head_sex, yi_name), "户主", head_sex, _born(rng, today, head_age), people)
    members = [head]
    if size >= 2 and rng.random() < 0.93:
        sex = "女" if head_sex == "男" else "男"
        own = people if rng.random() < 0.7 else rng.choice(list(_FAMILIES))
        age = max(22, head_age + rng.randint(-5, 4))
        name = _name(rng, rng.choice(_FAMILIES[own]), sex, False)
        members.append(_Person(name, "配偶", sex, _born(rng, today, age), own))
    wanted = ["之子", "之女", "之父", "之母", "之子", "之女"]
    if head_age >= 55:
        wanted = ["之子", "之儿媳", "之孙子", "之孙女", "之女", "之孙子"]
    for relation in wanted:
        if len(members) >= size:
            break
        members.append(_relative(rng, relation, family, head_age, today=today, people=people, yi_name=yi_name))
    return members


def _relative(
    rng: random.Random, relation: str, family: str, head_age: int, *, today: date, people: str, yi_name: bool
) -> _Person:
    sex = "女" if relation in ("之女", "之母", "之儿媳", "之孙女") else "男"
    if relation in ("之父", "之母"):
        age = min(96, head_age + rng.randint(19, 28))
    elif relation in ("之孙子", "之孙女"):
        age = max(0, head_age - rng.randint(42, 56))
    else:
        age = max(0, head_age - rng.randint(20, 29))
    if relation in ("之母", "之儿媳"):
        family = rng.choice(_FAMILIES["汉族"])
    return _Person(_name(rng, family, sex, yi_name), relation, sex, _born(rng, today, age), people)


def _name(rng: random.Random, family: str, sex: str, yi_name: bool) -> str:
    if yi_name:
        return f"{rng.choice(_YI_CLANS)}·{rng.choice(_YI_GIVEN[sex])}"
    letters = _MALE if sex == "男" else _FEMALE
    given = "".join(rng.sample(letters, 1 if rng.random() < 0.18 else 2))
    if rng.random() < 0.006:
        given = given[:-1] + rng.choice(_RARE)
    return family + given


def _born(rng: random.Random, today: date, age: int) -> date:
    return today - timedelta(days=int(age * 365.2425) + rng.randint(1, 360))


def _household_facts(rng: random.Random, village: Village, members: Sequence[_Person], key: str) -> Row:
    kind = rng.choices(("一般农户", "脱贫户", *MONITORED), (64, 28, 3, 4, 1))[0]
    monitored = kind in MONITORED
    low_income = "是" if rng.random() < (0.3 if monitored else 0.03) else "否"
    wages = rng.choice((0, rng.randint(200, 12000), rng.randint(12000, 60000)))
    farming, property_income = rng.randint(800, 60000), rng.choice((0, 0, 600, 1500))
    transfers = rng.randint(500, 9000)
    costs = farming * rng.randint(20, 60) // 100
    net_cents = (wages + farming + property_income + transfers - costs) * 100
    per_head, rest = divmod(net_cents, len(members))
    per_head += rest * 2 >= len(members)
    return {
        "省(自治区、直辖市)": village.province,
        "市(盟、州)": village.prefecture,
        "县(市、区、旗)": village.county,
        "乡(镇)": village.town,
        "行政村": village.name,
        "自然村(组)": rng.choice(GROUPS),
        "户编号": key,
        "人数": str(len(members)),
        "是否享受低保": low_income,
        "是否特困供养": "是" if len(members) == 1 and rng.random() < 0.15 else "否",
        "户类型": kind,
        "监测对象类别": kind if monitored else "",
        "识别(监测)时间": f"{rng.randint(2021, 2025)}{rng.randint(1, 12):02d}" if monitored else "",
        "风险是否已消除": rng.choice(("否", "否", "是")) if monitored else "",
        "致贫/返贫风险1": rng.choice(_RISKS) if monitored else "",
        "危房户": "否",
        "是否解决安全饮用水": "是",
        "工资性收入": str(wages),
        "生产经营性收入": str(farming),
        "财产性收入": str(property_income),
        "转移性收入": str(transfers),
        "生产经营性支出": str(costs),
        "人均纯收入": f"{per_head // 100}.{per_head % 100:02d}",
        "帮扶责任人": rng.choice(HELPERS) if kind != "一般农户" else "",
    }


def _person_facts(rng: random.Random, member: _Person, village: Village, used: set[str]) -> Row:
    age = (village.exported - member.birth).days // 365
    works = 16 <= age < 65
    away = works and rng.random() < 0.3
    pupil = 6 <= age < 16
    schooling = "学龄前儿童" if age < 6 else "小学" if age < 13 or age > 60 else rng.choice(("小学", "初中", "高中"))
    return {
        "姓名": member.name,
        "证件类型": "居民身份证",
        "证件号码": _unused(rng, member, village.code[:6], used),
        "与户主关系": member.relation,
        "性别": member.sex,
        "出生日期": f"{member.birth:%Y%m%d}",
        "民族": member.people,
        "政治面貌": "群众" if age < 18 or rng.random() < 0.88 else "中共党员",
        "文化程度": schooling,
        "在校生状况": "义务教育" if pupil else "非在校生",
        "健康状况": rng.choices(("健康", "长期慢性病", "残疾", "患有大病"), (82, 10, 5, 3))[0],
        "劳动技能": "普通劳动力" if works else "无劳动力",
        "务工区域": rng.choice(("省外务工", "县内务工", "省内县外务工")) if away else "",
        "务工时间(月)": str(rng.randint(1, 11)) if away else "",
        "是否参加城乡居民基本医疗保险": "是",
        "是否参加大病保险": "是",
        "是否参加城乡居民基本养老保险": "是" if age >= 16 else "否",
        "联系电话": phone_number(rng) if works or (age < 80 and rng.random() < 0.5) else "",
    }


def id_number(rng: random.Random, birth: date, sex: str, *, region: str = "532327") -> str:
    """A number with a valid check digit for somebody who does not exist."""
    sequence = rng.randrange(0, 999 // 2) * 2 + (1 if sex == "男" else 0)
    body = f"{region}{birth:%Y%m%d}{sequence:03d}"
    return body + check_digit(body)


def _unused(rng: random.Random, member: _Person, region: str, used: set[str]) -> str:
    while True:
        number = id_number(rng, member.birth, member.sex, region=region)
        if number not in used and not number.endswith("000"):
            used.add(number)
            return number


def phone_number(rng: random.Random) -> str:
    """Eleven digits that look like a mobile number."""
    return rng.choice(_PHONE_HEADS) + f"{rng.randrange(10**8):08d}"


def bank_account(rng: random.Random) -> str:
    """Nineteen digits that pass the Luhn check."""
    body = "621700" + f"{rng.randrange(10**12):012d}"
    doubled = [int(d) * 2 - 9 * (int(d) > 4) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(body))]
    return body + str(-sum(doubled) % 10)


def write_sheet(
    path: Path,
    rows: Iterable[Mapping[str, str]],
    *,
    headers: Sequence[str] = HEADERS,
    header_row: int = 3,
    title: str = "监测对象信息",
) -> None:
    """Write rows as text cells of an .xlsx; above a header on row 2 or 3 stands a merged title, as in the export."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": False}) as book:
        sheet = book.add_worksheet(title[:31])
        if header_row > 1:
            sheet.merge_range(0, 0, 0, len(headers) - 1, f"（自定义）{title}")
        if header_row > 2:
            sheet.write_string(1, 0, "导出时间：2026-10-08 09:12:33")
        for column, header in enumerate(headers):
            sheet.write_string(header_row - 1, column, header)
        for index, row in enumerate(rows, start=header_row):
            for column, header in enumerate(headers):
                value = row.get(header, "")
                if value:
                    sheet.write_string(index, column, value)
