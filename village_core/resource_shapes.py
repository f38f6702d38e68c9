"""What each JSON file of `resources/` has to look like; what its reader asks beyond types stands with the reader."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

Days = Annotated[int, Meta(ge=0, le=36_600)]
Year = Annotated[int, Meta(ge=1900, le=2200)]
Code = Annotated[str, Meta(pattern=r"^[0-9]{3}([0-9]{2}){0,3}$")]
Date = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]


class _Account(TypedDict):
    code: Code
    name: str
    category: str
    normal: str
    both_sides: bool
    certainty: str
    note: NotRequired[str]


class _Offered(TypedDict):
    code: Code
    name: str
    certainty: str


class _Chart(TypedDict):
    accounts: list[_Account]
    offered: list[_Offered]


class _OldAccount(TypedDict):
    name: str
    becomes: list[Code]
    note: NotRequired[str]


class _OldChart(TypedDict):
    accounts: list[_OldAccount]


class _Slot(TypedDict):
    side: str
    accounts: Annotated[list[Code], Meta(min_length=1)]
    ask: str
    suggest: NotRequired[str]


class _Template(TypedDict):
    key: str
    group: str
    title: str
    hint: str
    summary: str
    slots: Annotated[list[_Slot], Meta(min_length=2)]
    certainty: str
    source: str
    warn: NotRequired[str]


class _Templates(TypedDict):
    templates: list[_Template]


class _HolidayYear(TypedDict):
    year: Year
    sure: bool
    days_off: list[tuple[Date, Date]]
    workdays: list[Date]
    source: str


class _Calendar(TypedDict):
    years: list[_HolidayYear]


class _CodeList(TypedDict):
    values: list[str]
    closed: bool
    synonyms: NotRequired[dict[str, str]]
    warns: NotRequired[bool]
    keeps_words: NotRequired[bool]


class _Kept(TypedDict):
    household: list[str]
    person: list[str]


class _Columns(TypedDict):
    household: dict[str, Annotated[list[str], Meta(min_length=1)]]
    person: dict[str, Annotated[list[str], Meta(min_length=1)]]
    kept: _Kept
    ignored: list[str]


class _Relation(TypedDict):
    label: str
    code: str
    generation: int | None
    sex: str
    by_blood: bool
    synonyms: list[str]


class _Relations(TypedDict):
    relations: list[_Relation]


class _Rule(TypedDict):
    id: str
    title: str
    kind: str
    in_force_from: Date
    in_force_to: Date | None
    parameters: dict[str, Any]
    clause: str
    source: str
    certainty: str
    note: str


class _Meeting(TypedDict):
    id: str
    rule: str
    body: str
    regime: str
    title: str
    attendance: list[Any] | None
    passing: list[Any]
    passing_of: str
    notice_days: NotRequired[Days]
    in_force_from: Date
    in_force_to: NotRequired[Date | None]
    clause: str
    source: str
    certainty: str
    note: NotRequired[str]


class _Policy(TypedDict):
    id: str
    version: str
    title: str
    document: str
    issued_on: Date
    rules: list[_Rule]
    meetings: list[_Meeting]


class _Role(TypedDict):
    name: str
    duty: str
    combinable: bool
    rights: list[str]


class _Ban(TypedDict):
    id: str
    role: str
    legal: bool
    title: str
    rights: list[str]
    clause: str
    source: str


class _Apart(TypedDict):
    id: str
    legal: bool
    one: str
    others: list[str]
    clause: str
    source: str


class _SecondPerson(TypedDict):
    id: str
    clause: str
    source: str


class _Roles(TypedDict):
    year: Year
    rights: dict[str, str]
    roles: list[_Role]
    bans: list[_Ban]
    apart: list[_Apart]
    steps: dict[str, str]
    second_person: _SecondPerson


class _Seats(TypedDict):
    validity_days: Days
    grace_days: Days
    renew_below: Annotated[str, Meta(pattern=r"^[0-9]{1,4}/[1-9][0-9]{0,3}$")]


class _KindTexts(TypedDict):
    title: str
    salutation: str
    opening: str
    amount: str
    closing: str


class _Notices(TypedDict):
    version: str
    columns: dict[str, str]
    labels: dict[str, str]
    period: str
    open_end: str
    note: str
    kinds: dict[str, _KindTexts]


class _IllnessWords(TypedDict):
    words: list[str]


SHAPES: dict[str, Any] = {
    "accounts/chart_2004_names.json": _OldChart,
    "accounts/chart_2024.json": _Chart,
    "accounts/templates.json": _Templates,
    "backup/rules.json": dict[str, Annotated[int, Meta(ge=0, le=1_000_000)]],
    "calendars/workdays.json": _Calendar,
    "households/code_lists.json": dict[str, _CodeList | str],
    "households/columns.json": _Columns,
    "households/relations.json": _Relations,
    "policies/collective_relief_2021.json": _Policy,
    "roles/roles_2026.json": _Roles,
    "sync/seats.json": _Seats,
    "templates/illness_words.json": _IllnessWords,
    "templates/notices.json": _Notices,
}
