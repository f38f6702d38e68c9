"""户情: a household's own fields; a new household begins with its head."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from desktop_app.households.editing import Saved, save_household, save_person
from desktop_app.households.queries import HouseholdDetail, get_household, list_groups
from desktop_app.households.screens.fields import code_choice, keep_words, suggest, yes_no
from desktop_app.households.vocabulary import load_code_lists, load_vocabulary
from desktop_app.settings.queries import get_village
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.editor import LongTextEdit, NumberEdit, TextEdit
from desktop_app.widgets.masked_edit import MaskedEdit
from desktop_app.widgets.money_edit import MoneyEdit
from village_core.domain.clock import today
from village_core.domain.errors import Finding
from village_core.domain.households.checks import check_household, check_person, per_capita_of
from village_core.domain.households.fields import HEAD
from village_core.domain.households.id_numbers import read_id_number
from village_core.domain.masking import mask_account, mask_phone
from village_core.domain.money import format_yuan
from village_core.domain.staff.rights import Right

_HEAD_FIELDS = {"head_person_name": "name", "head_id_number": "id_number", "head_phone": "phone"}
_INCOME = ("wage_fen", "business_fen", "property_fen", "transfer_fen", "business_cost_fen", "declared_size")


class HouseholdForm(FormPage):
    """`open(household_id=…)`; without it a new household, in `group` when that is given."""

    needs = Right.EDIT_HOUSEHOLDS
    title = "改户情"
    save_text = "保存这户"
    reason = "改户情"
    topics = frozenset({"households"})
    help_text = "照户卡填。收入填一年的数，单位是元。证件号填对了，出生日期和性别会自己出来。"
    _household_id: UUID | None = None
    _group: str | None = None
    _size = 1
    _whose: str = ""

    def _build(self) -> None:
        sheet = self.sheet
        self._head_heading = sheet.add_heading("户主")
        self._head_fields = [
            sheet.add("head_person_name", TextEdit(most=60), label="户主姓名", required=True),
            sheet.add("head_id_number", TextEdit(most=30), label="户主证件号码", hint="没有就先空着"),
            sheet.add("head_phone", TextEdit(most=30), label="户主电话"),
        ]
        sheet.add_heading("这一户")
        self._group_edit = TextEdit(most=60)
        sheet.add("group_name", self._group_edit, label="自然村（组）", required=True)
        sheet.add("number", TextEdit(most=40), label="户编号", hint="全国系统里的编号，没有就空着")
        sheet.add("kind", code_choice("household.kind"), label="户类型")
        sheet.add("monitor_kind", code_choice("household.monitor_kind", empty="不在监测"), label="监测对象类别")
        sheet.add("identified_on", TextEdit(most=20), label="识别（监测）时间", hint="例如 2023-09")
        sheet.add("risk_cleared", yes_no(), label="风险是否已消除")
        self._risk_edits = [TextEdit(most=60) for _ in range(5)]
        for number, editor in enumerate(self._risk_edits, start=1):
            suggest(editor, load_code_lists()["household.risk"].values)
            sheet.add(f"risk_{number}", editor, label=f"致贫、返贫风险 {number}")
        sheet.add("subsistence_allowance", yes_no(), label="享受低保")
        sheet.add("extreme_hardship_support", yes_no(), label="特困供养")
        sheet.add("unsafe_house", yes_no(), label="危房户")
        sheet.add("safe_water", yes_no(), label="安全饮用水已解决")
        sheet.add_heading("收入（去年一年）")
        for name, label in (
            ("wage_fen", "工资性收入"),
            ("business_fen", "生产经营性收入"),
            ("property_fen", "财产性收入"),
            ("transfer_fen", "转移性收入"),
            ("business_cost_fen", "生产经营性支出"),
        ):
            sheet.add(name, MoneyEdit(capital=False, negative=True), label=label, unit="元")
        sheet.add("declared_size", NumberEdit(most=99), label="家庭人口", unit="人")
        self._per_capita = sheet.add(
            "per_capita_fen", MoneyEdit(capital=False, negative=True), label="人均纯收入", unit="元"
        )
        sheet.add_heading("联系和银行")
        sheet.add("phone", MaskedEdit(mask_phone, most=30), label="户联系电话")
        sheet.add("helper_name", TextEdit(most=60), label="帮扶责任人")
        sheet.add("bank_name", TextEdit(most=120), label="开户银行")
        sheet.add("bank_account", MaskedEdit(mask_account, most=40), label="银行账号", hint="发救助金用，照存折或卡填")
        sheet.add_heading("住在哪里")
        for name, label in (
            ("province", "省"),
            ("city", "市、州"),
            ("county", "县"),
            ("township", "乡镇"),
            ("village_name", "村"),
        ):
            sheet.add(name, TextEdit(most=60), label=label)
        sheet.add("note", LongTextEdit(lines=3), label="备注", wide=True)
        for name in ("head_id_number", "head_phone", "phone", "bank_account", "number"):
            sheet.editor(name).changed.connect(self._look)
        for name in _INCOME:
            sheet.editor(name).changed.connect(self._reckon)

    def open(self, **arguments: object) -> None:
        household_id, group = arguments.get("household_id"), arguments.get("group")
        self._household_id = household_id if isinstance(household_id, UUID) else None
        self._group = group if isinstance(group, str) else None
        is_new = self._household_id is None
        self._head_heading.setVisible(is_new)
        for field in self._head_fields:
            field.setVisible(is_new)
        self.set_heading("新增一户" if is_new else "改户情")
        self.load()

    def draft_key(self) -> str:
        return f"household:{self._household_id or 'new'}"

    def load(self) -> None:
        household_id, group = self._household_id, self._group

        def query(reader: Reader) -> tuple[dict[str, Any], list[str], int, str]:
            groups = list_groups(reader)
            if household_id is None:
                return _new_values(reader, group), groups, 1, ""
            detail = get_household(reader, household_id)
            return dict(detail.values), groups, len(detail.members), _title(detail)

        self.fetch(query, self._show_household)

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        household, head = _split(values, is_new=self._household_id is None)
        vocabulary = load_vocabulary()
        mistakes = dict(check_household(household, vocabulary=vocabulary).mistakes)
        if head is not None:
            told = check_person(head, vocabulary=vocabulary, today=self._today()).mistakes
            mistakes |= {field: told[name] for field, name in _HEAD_FIELDS.items() if name in told}
        return mistakes

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Saved:
        household, head = _split(values, is_new=self._household_id is None)
        given = household if self._household_id is None else self.typed_over(household)
        saved = save_household(uow, self._household_id, given)
        if head is not None:
            uow.session.flush()
            save_person(uow, None, saved.id, head | {"relation": HEAD})
        return saved

    def _on_saved(self, outcome: Any) -> None:
        if self._household_id is None:
            self.context.navigate.replace("household", household_id=outcome.id)
            self.context.messages.tell("已登记这户。")
        else:
            self.context.navigate.back()
            self.context.messages.tell("已保存这户。")

    def _place_of(self, finding: Finding) -> str:
        of_head = {name: field for field, name in _HEAD_FIELDS.items()} if self._household_id is None else {}
        return of_head.get(finding.field) or super()._place_of(finding)

    def _show_household(self, answer: tuple[dict[str, Any], list[str], int, str]) -> None:
        values, groups, self._size, title = answer
        self._whose = title
        suggest(self._group_edit, groups)
        keep_words(self.sheet, values)
        self._show(values)
        if title:
            self.set_heading("改户情", title)
        self._look()
        self._reckon()

    def numbers_about(self) -> tuple[UUID, str] | None:
        return (self._household_id, self._whose) if self._household_id is not None else None

    def _look(self) -> None:
        """Hints while one types: what the number says, what looks odd."""
        typed = {name: self.sheet.editor(name).typed() for name in ("phone", "bank_account", "head_id_number")}
        hints = check_household(
            {name: typed[name] for name in ("phone", "bank_account")}, vocabulary=load_vocabulary()
        ).hints
        self.sheet.fields["phone"].set_hint(_doubt(hints.get("phone", "")))
        self.sheet.fields["bank_account"].set_hint(_doubt(hints.get("bank_account", "")) or "发救助金用，照存折或卡填")
        head = self.sheet.fields["head_id_number"]
        if typed["head_id_number"].strip():
            paper = read_id_number(typed["head_id_number"], today=self._today())
            born = f"{paper.birth.year}年{paper.birth.month}月{paper.birth.day}日生，{paper.sex}" if paper.birth else ""
            head.set_hint(born or "还没填完，或有一位不对")
        else:
            head.set_hint("没有就先空着")

    def _reckon(self) -> None:
        """What the income columns make a head, under the field that holds it."""
        values = {name: self.sheet.editor(name).value() for name in _INCOME}
        size = values["declared_size"] if isinstance(values["declared_size"], int) else self._size
        reckoned = per_capita_of(values, max(size, 1))
        self._per_capita.set_hint(
            "" if reckoned is None else f"按上面的收入和 {size} 口人算，是 {format_yuan(reckoned)} 元"
        )

    def _today(self) -> date:
        return today(self.context.workspace.clock)


def _split(values: Mapping[str, Any], *, is_new: bool) -> tuple[dict[str, Any], dict[str, Any] | None]:
    household = {name: value for name, value in values.items() if name not in _HEAD_FIELDS}
    if not is_new:
        return household, None
    return household, {name: values[field] for field, name in _HEAD_FIELDS.items()}


def _new_values(reader: Reader, group: str | None) -> dict[str, Any]:
    """Empty fields, and the place that the village itself has."""
    village = get_village(reader)
    return {
        "group_name": group or "",
        "village_name": village.name,
        "township": village.township,
        "county": village.county,
    }


def _title(detail: HouseholdDetail) -> str:
    return "　".join(part for part in (f"{detail.title}家", detail.group_name) if part)


def _doubt(warning: str) -> str:
    return f"请留意：{warning}。" if warning else ""
