"""首页: what is due and by when, one click away; then the village in numbers and two small charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from desktop_app.home.queries import StartPage, get_start_page
from desktop_app.home.screens.due_list import DueList
from desktop_app.home.screens.overview_cards import ChartCard, FigureCard
from desktop_app.shell.context import PageContext
from desktop_app.shell.due import DueItem, DueProvider
from desktop_app.shell.overview import Figure, OverviewProvider
from desktop_app.shell.page import Page
from desktop_app.widgets.card import ScrollColumn
from desktop_app.widgets.look import px

_WEEKDAYS = "一二三四五六日"


class HomePage(Page):
    """Loads again after every deed, because anything may have become due."""

    title = "今天"
    topics = frozenset({"households", "relief", "ledger", "notices", "settings", "sync"})
    help_text = (
        "这里列出今天要办和快到期的事，最急的在最上面，点右边的按钮就去办。右边是全村的几个数，点一下可以看名单。"
    )

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        due: Sequence[DueProvider],
        overviews: Sequence[OverviewProvider],
    ) -> None:
        super().__init__(context, parent)
        self._due = due
        self._overviews = overviews
        self.due_list = DueList(self)
        self.figures = FigureCard(self._on_figure)
        self.charts: list[ChartCard] = []
        self._side = ScrollColumn(self, keep_width=True)
        self._side.body.addWidget(self.figures)
        self._side.body.addStretch(1)
        self.figures.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(16))
        layout.addWidget(self.due_list, 3)
        layout.addWidget(self._side, 2)
        self.due_list.asked_for.connect(self._on_due)

    def load(self) -> None:
        self.fetch(lambda reader: get_start_page(reader, self._due, overviews=self._overviews), self._show)

    def take_cursor(self) -> None:
        if self.due_list.rows:
            self.due_list.rows[0].button.setFocus()
        else:
            super().take_cursor()

    def _show(self, page: StartPage) -> None:
        self.set_heading(f"今天，{page.today.month}月{page.today.day}日", f"星期{_WEEKDAYS[date.weekday(page.today)]}")
        self.due_list.show_items(page.due, page.today)
        self.figures.show_figures(page.figures)
        self._show_charts(page)
        typing = QApplication.focusWidget()
        if self.isVisible() and not (isinstance(typing, QLineEdit) and typing.text()):
            self.take_cursor()

    def _show_charts(self, page: StartPage) -> None:
        for old in self.charts:
            self._side.body.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.charts = [ChartCard(chart) for chart in page.charts]
        for place, card in enumerate(self.charts, start=1):
            self._side.body.insertWidget(place, card)
        self._side.setVisible(bool(page.figures or page.charts))

    def _on_due(self, item: DueItem) -> None:
        self.context.navigate.open(item.page, **item.arguments)

    def _on_figure(self, figure: Figure) -> None:
        self.context.navigate.open(figure.page, **figure.arguments)
