"""农户: the list, by kind and group, searched while one types."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.households.queries import (
    HouseholdFilter,
    HouseholdRow,
    KindCounts,
    count_kinds,
    list_groups,
    list_households,
)
from desktop_app.households.screens.export_dialog import ExportDialog
from desktop_app.households.service import export_households
from desktop_app.households.vocabulary import load_code_lists
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.buttons import button, primary_button
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.look import px
from desktop_app.widgets.progress_strip import ProgressStrip
from desktop_app.widgets.record_table import Column, RecordTable
from desktop_app.widgets.saving import ask_where_to_save
from village_core.domain.money import format_yuan
from village_core.domain.staff.rights import Right

_PAUSE_MS = 150
_ALL, _ALLOWANCE, _CLOSED = "all", "allowance", "closed"
_NONE_YET = "还没有农户。可以把全国系统导出的表导进来，也可以一户一户新增。"
_NONE_FOUND = "没有符合的户。换个条件，或少打几个字再找。"

Answer = tuple[list[HouseholdRow], KindCounts, list[str]]


class HouseholdsPage(Page):
    """`open(kind="边缘易致贫户")` presses a chip."""

    title = "农户"
    topics = frozenset({"households", "relief"})
    help_text = (
        "每行是一户。上面按户类型和组筛选，框里打字就找：户主、家人、证件号、电话、户编号都行。"
        "按 Enter 打开一户，Ctrl+N 新增一户。点表头排序，右键表头选要看哪几栏。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._wanted = HouseholdFilter()
        self.chips = FilterChips([Chip(_ALL, "全部")])
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("找户主、家人、证件号、电话")
        self.search.setClearButtonEnabled(True)
        self.group = ChoiceEdit(empty="全部组")
        self.progress = ProgressStrip()
        self._import_button = primary_button("从 Excel 导入", self.open_import)
        self.table = RecordTable(
            _columns(),
            empty_text=_NONE_YET,
            empty_action=self._import_button,
            keys_text="Enter 打开　Ctrl+N 新增　F1 说明",
        )
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._build()
        self._connect()

    def open(self, **arguments: object) -> None:
        kind, group = arguments.get("kind"), arguments.get("group")
        if isinstance(kind, str):
            self._wanted = HouseholdFilter(kind=kind)
            self._to_chip = kind
        if isinstance(group, str):
            self._wanted = replace(self._wanted, group=group)
        self.load()

    def load(self) -> None:
        wanted = self._wanted

        def query(reader: Reader) -> Answer:
            return list_households(reader, wanted), count_kinds(reader), list_groups(reader)

        self.fetch(query, self._show)

    def header_buttons(self) -> list[QWidget]:
        return [
            self.guard(button("从 Excel 导入", self.open_import), Right.EDIT_HOUSEHOLDS),
            self.guard(button("导出 Excel", self.choose_export), Right.EXPORT),
            self.guard(primary_button("新增一户", self.add_new), Right.EDIT_HOUSEHOLDS),
        ]

    def add_new(self) -> None:
        self.context.navigate.open("household_edit", group=self._wanted.group)

    def open_import(self) -> None:
        """To the page where a sheet is dropped."""
        self.context.navigate.open("household_import")

    def take_cursor(self) -> None:
        self._wants_cursor = True
        self.table.setFocus()

    def choose_export(self) -> None:
        """Numbers covered or whole; whole ones want a reason. Then ask where to."""
        ExportDialog(
            self.window(),
            on_masked=self._ask_where,
            on_whole=lambda reason: self._ask_where(masked=False, reason=reason),
        ).open()

    def export_to(self, target: Path, *, masked: bool = True, reason: str = "") -> None:
        """Write the sheet in the background."""
        workspace = self.context.workspace
        self.progress.start("正在写 Excel", can_stop=False)

        def work(_: TaskContext) -> int:
            return export_households(workspace, target, masked=masked, reason=reason)

        def done(count: int) -> None:
            self.progress.finish()
            self.context.messages.tell(f"已把 {count:,} 人写到 {target.name}。")

        def failed(error: Exception) -> None:
            self.progress.finish()
            self.context.messages.fail(error)

        self.context.tasks.run(work, lane=Lane.IO, owner=self, on_done=done, on_error=failed)

    def _ask_where(self, *, masked: bool = True, reason: str = "") -> None:
        name = f"农户-{self.context.workspace.clock.now():%Y%m%d}.xlsx"
        export = partial(self.export_to, masked=masked, reason=reason)
        ask_where_to_save(self, "导出到哪里", name=name, on_chosen=export)

    def _build(self) -> None:
        self.search.setMinimumWidth(px(240))
        self.group.setMinimumWidth(px(150))
        line = QHBoxLayout()
        line.setSpacing(px(12))
        line.addWidget(self.search, 1)
        line.addWidget(self.group)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        layout.addWidget(self.chips)
        layout.addLayout(line)
        layout.addWidget(self.progress)
        layout.addWidget(self.table, 1)
        self._to_chip = _ALL
        self._wants_cursor = False

    def _connect(self) -> None:
        self.chips.chosen.connect(self._on_chip)
        self.search.textChanged.connect(lambda _: self._pause.start())
        self.search.returnPressed.connect(self.table.open_current)
        self._pause.timeout.connect(self._on_typed)
        self.group.changed.connect(self._on_group)
        self.table.opened.connect(lambda row: self.context.navigate.open("household", household_id=row.id))

    def _show(self, answer: Answer) -> None:
        rows, counts, groups = answer
        self.chips.set_chips(_chips(counts))
        self.chips.choose(self._to_chip)
        self.group.set_choices((group, group) for group in groups)
        self.group.set_value(self._wanted.group)
        nobody = not counts.total and not counts.closed
        self.table.set_empty_text(_NONE_YET if nobody else _NONE_FOUND)
        self._import_button.setVisible(nobody)
        self.table.set_rows(rows, footer=_footer(rows) if rows else "")
        if self._wants_cursor and rows:
            self._wants_cursor = False
            self.table.setFocus()
        filtered = self._wanted != HouseholdFilter()
        self.set_heading("农户", f"筛出 {len(rows):,} 户" if filtered and rows else "")

    def _on_chip(self, key: str) -> None:
        self._to_chip = key
        kind = key if key not in (_ALL, _ALLOWANCE, _CLOSED) else None
        self._wanted = replace(self._wanted, kind=kind, allowance=key == _ALLOWANCE, closed=key == _CLOSED)
        self.load()

    def _on_typed(self) -> None:
        if self.search.text() != self._wanted.text:
            self._wanted = replace(self._wanted, text=self.search.text())
            self.load()

    def _on_group(self) -> None:
        group = self.group.value()
        self._wanted = replace(self._wanted, group=group if isinstance(group, str) else None)
        self.load()


def _chips(counts: KindCounts) -> list[Chip]:
    """All, the kinds that there are in their usual order, 低保, and closed ones when there are any."""
    known = load_code_lists()["household.kind"].values
    kinds = [kind for kind in known if counts.by_kind.get(kind)]
    chips = [Chip(_ALL, "全部", counts.total)]
    chips += [Chip(kind, kind, counts.by_kind[kind]) for kind in kinds]
    if counts.by_kind.get(""):
        chips.append(Chip("", "没填户类型", counts.by_kind[""]))
    if counts.allowance:
        chips.append(Chip(_ALLOWANCE, "低保", counts.allowance))
    if counts.closed:
        chips.append(Chip(_CLOSED, "已销户", counts.closed))
    return chips


def _footer(rows: list[HouseholdRow]) -> str:
    """Households, persons, and the mean income by head (of the households whose income is known)."""
    persons = sum(row.size for row in rows)
    known = [row for row in rows if row.per_capita_fen is not None and row.size]
    heads = sum(row.size for row in known)
    words = f"{len(rows):,} 户　{persons:,} 人"
    if not heads:
        return words
    total = sum((row.per_capita_fen or 0) * row.size for row in known)
    return f"{words}　平均人均纯收入 {format_yuan((2 * total + heads) // (2 * heads))} 元"


def _columns() -> list[Column[HouseholdRow]]:
    return [
        Column("户主", lambda row: row.title, 116, tone=lambda row: "" if row.head_name else "text_second"),
        Column("组", lambda row: row.group_name or "", 100),
        Column("人口", lambda row: str(row.size), 64, sort_key=lambda row: row.size, right=True),
        Column("户类型", lambda row: row.kind or "", 132, tone=_kind_tone),
        Column("风险", lambda row: row.risk or "", 104),
        Column(
            "人均纯收入",
            lambda row: "" if row.per_capita_fen is None else format_yuan(row.per_capita_fen),
            112,
            sort_key=lambda row: row.per_capita_fen if row.per_capita_fen is not None else -(10**15),
            right=True,
        ),
        Column("低保", lambda row: "低保" if row.subsistence_allowance else "", 64),
        Column("帮扶责任人", lambda row: row.helper_name or "", 120),
        Column("户编号", lambda row: row.number or "", 190, hidden=True),
        Column("", lambda row: "已销户" if row.closed_on else "", 80, tone=lambda _: "text_second"),
    ]


def _kind_tone(row: HouseholdRow) -> str:
    return "bad" if row.kind == "突发严重困难户" else "soon" if row.risk else ""
