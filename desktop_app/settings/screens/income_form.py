"""A year's net income of the collective, with its source: the base of the next year's relief pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop_app.settings import queries, service
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.editor import NumberEdit, TextEdit
from desktop_app.widgets.money_edit import MoneyEdit
from village_core.domain.staff.rights import Right


class IncomeForm(FormPage):
    """`open(year=2025)`; without a year the last one."""

    needs = Right.MANAGE_SETTINGS
    title = "集体净收入"
    save_text = "保存这一年"
    reason = "记下集体净收入"
    help_text = "上一年的集体净收入决定今年救助款的总额：一般不超过净收入的 30%。亏损的年份填负数，当年总额按 0 算。"
    _year: int | None = None

    def _build(self) -> None:
        self.sheet.add("year", NumberEdit(least=2000, most=2100), label="年份", unit="年", required=True)
        self.sheet.add(
            "net_income_fen",
            MoneyEdit(negative=True),
            label="集体净收入",
            unit="元",
            hint="收入减去支出，亏损填负数",
            required=True,
        )
        self.sheet.add(
            "source",
            TextEdit(most=150),
            label="这个数从哪里来",
            hint="例如：2025 年收益及收益分配表，乡镇农经站 1 月 20 日核定",
            required=True,
            wide=True,
        )

    def open(self, **arguments: object) -> None:
        year = arguments.get("year")
        self._year = year if isinstance(year, int) else None
        super().open()

    def draft_key(self) -> str:
        return f"settings:income:{self._year or ''}"

    def load(self) -> None:
        def query(reader: Reader) -> tuple[int, queries.IncomeYear | None]:
            year = self._year or reader.today.year - 1
            return year, queries.find_income(reader, year)

        self.fetch(query, self._show_year)

    def standing(self, reader: Reader) -> Mapping[str, Any]:
        known = queries.find_income(reader, self._year) if self._year else None
        return {"net_income_fen": known.net_income_fen, "source": known.source} if known is not None else {}

    def _show_year(self, answer: tuple[int, queries.IncomeYear | None]) -> None:
        year, known = answer
        self._show(
            {
                "year": year,
                "net_income_fen": known.net_income_fen if known else None,
                "source": known.source if known else "",
            }
        )

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        return service.record_income(
            uow, values["year"], net_income_fen=values["net_income_fen"], source=values["source"]
        )

    def _on_saved(self, outcome: Any) -> None:
        super()._on_saved(outcome)
        self.context.messages.tell("已记下这一年的净收入。")
