"""公示档案: each case with the notices that may be printed, what was printed, and what its file still lacks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.archive.queries import PaperCase, list_paper_cases
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.widgets.buttons import Button, primary_button
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.look import px
from desktop_app.widgets.record_table import Column, RecordTable
from village_core.domain.notices.model import NOTICE_TITLES, NoticeKind

_ALL, _TO_PRINT, _LACKING, _ARCHIVED = "all", "to_print", "lacking", "archived"

_EMPTY = {
    _ALL: "还没有救助，所以也没有要公示和归档的。到“救助”里给一户开一件，这里就有了。",
    _TO_PRINT: "现在没有要打印张贴的。",
    _LACKING: "每一件的材料都齐。",
    _ARCHIVED: "还没有归档的。",
}


def notice_words(case: PaperCase, kind: NoticeKind) -> str:
    """What the list says of one publication of a case."""
    printed = case.printed.get(kind.value)
    if kind in case.posted:
        return "已贴出"
    if printed is not None:
        return f"{printed.month}月{printed.day}日印的"
    return "可以打印" if kind in case.printable else ""


def _notice_column(kind: NoticeKind) -> Column[PaperCase]:
    return Column(
        NOTICE_TITLES[kind],
        lambda row: notice_words(row, kind),
        width=132,
        tone=lambda row: "soon" if kind in row.to_print else "",
    )


COLUMNS = (
    Column[PaperCase]("编号", lambda row: row.number, width=104),
    Column[PaperCase]("户", lambda row: row.title, width=176),
    *(_notice_column(kind) for kind in NoticeKind),
    Column[PaperCase](
        "档案",
        lambda row: f"还缺 {len(row.missing)} 样" if row.missing else "已归档" if row.archived else "齐",
        width=110,
        sort_key=lambda row: len(row.missing),
        tone=lambda row: "soon" if row.missing else "",
    ),
    Column[PaperCase]("办到", lambda row: row.step_label, width=124),
    Column[PaperCase]("组", lambda row: row.group_name, width=140),
)


class PapersPage(Page):
    """The list. Enter opens the papers of one case."""

    title = "公示档案"
    topics = frozenset({"relief", "notices", "households"})
    help_text = (
        "每一件救助有三张要贴的纸：决议公开、救助对象公示、实施结果公开，还有一本一户一档。"
        "“可以打印”是到时候了、还没有印的。Enter 打开一件，看、打印、存文件，也看档案还缺什么。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._cases: tuple[PaperCase, ...] = ()
        self.open_button: Button = primary_button("打开这一件", self._open_current)
        self.chips = FilterChips(self._chips(()))
        self.table = RecordTable[PaperCase](COLUMNS, empty_text=_EMPTY[_ALL])
        self._build()
        self.chips.chosen.connect(lambda _key: self._show_chosen())
        self.table.opened.connect(self._open)
        self.table.chosen.connect(lambda row: self.open_button.setEnabled(row is not None))

    def header_buttons(self) -> list[QWidget]:
        return [self.open_button]

    def load(self) -> None:
        self.fetch(list_paper_cases, self._show)

    def take_cursor(self) -> None:
        self.table.setFocus()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.chips, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        layout.addLayout(top)
        layout.addWidget(self.table, 1)

    def _show(self, cases: tuple[PaperCase, ...]) -> None:
        self._cases = cases
        self.chips.set_chips(self._chips(cases))
        self._show_chosen()

    def _show_chosen(self) -> None:
        chosen = self.chips.current
        rows = [case for case in self._cases if _belongs(case, chosen)]
        self.table.set_empty_text(_EMPTY[chosen] if self._cases else _EMPTY[_ALL])
        waiting = sum(len(case.to_print) for case in rows)
        lacking = sum(len(case.missing) for case in rows)
        self.table.set_rows(rows, footer=f"共 {len(rows)} 件　要打印 {waiting} 张　缺材料 {lacking} 样")

    @staticmethod
    def _chips(cases: Sequence[PaperCase]) -> list[Chip]:
        words = {_ALL: "全部", _TO_PRINT: "要打印的", _LACKING: "材料不齐", _ARCHIVED: "已归档"}
        return [Chip(key, said, sum(_belongs(case, key) for case in cases)) for key, said in words.items()]

    def _open_current(self) -> None:
        self.table.open_current()

    def _open(self, case: PaperCase) -> None:
        self.context.navigate.open("case_papers", case_id=case.case_id)


def _belongs(case: PaperCase, chosen: str) -> bool:
    match chosen:
        case "to_print":
            return bool(case.to_print)
        case "lacking":
            return bool(case.missing) and case.running
        case "archived":
            return case.archived
        case _:
            return True
