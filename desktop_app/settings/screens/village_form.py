"""The village's own facts: what stands on notices and archives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop_app.settings import queries, service
from desktop_app.settings.checks import phone_problem
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.editor import TextEdit
from village_core.domain.staff.rights import Right


class VillageForm(FormPage):
    """One row a village."""

    needs = Right.MANAGE_SETTINGS
    title = "村情"
    save_text = "保存村情"
    reason = "修改村情"
    help_text = "这些内容会印在公示和档案上。监督电话要写清楚，群众看得到才好提意见。"

    def _build(self) -> None:
        sheet = self.sheet
        sheet.add_heading("村和集体")
        sheet.add("name", TextEdit(most=50), label="村名", hint="例如 太平村", required=True)
        self.code = sheet.add("code", TextEdit(), label="区划代码", hint="建立资料时定下的，不能改")
        self.code.editor.set_read_only(True)
        sheet.add("township", TextEdit(most=50), label="乡镇", hint="例如 太平镇；公示落款和乡镇审核要用")
        sheet.add("county", TextEdit(most=50), label="县（市、区）", hint="例如 永仁县")
        sheet.add(
            "collective_name",
            TextEdit(most=100),
            label="集体经济组织名称",
            hint="照登记证书填，例如 太平村股份经济合作联合社",
            wide=True,
        )
        sheet.add_heading("公示")
        sheet.add("supervision_phone", TextEdit(most=30), label="村监督电话", hint="印在公示上")
        sheet.add("township_phone", TextEdit(most=30), label="乡镇监督电话", hint="印在公示上")
        sheet.add("posting_place", TextEdit(most=80), label="公示张贴地点", hint="例如 村务公开栏", wide=True)

    def draft_key(self) -> str:
        return "settings:village"

    def load(self) -> None:
        self.fetch(queries.get_village, self._show_village)

    def standing(self, reader: Reader) -> Mapping[str, Any]:
        return self._fields(queries.get_village(reader))

    def _show_village(self, village: queries.Village) -> None:
        self._show(self._fields(village))

    def _fields(self, village: queries.Village) -> dict[str, Any]:
        return {name: getattr(village, name) for name in self.sheet.fields}

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        problems = {name: phone_problem(values[name]) for name in ("supervision_phone", "township_phone")}
        return {name: problem for name, problem in problems.items() if problem}

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        return service.update_village(uow, **{name: text for name, text in values.items() if name != "code"})

    def _on_saved(self, outcome: Any) -> None:
        super()._on_saved(outcome)
        self.context.messages.tell("已保存村情。")
