"""A table over frozen rows, for lists of any length: no proxy model, no query while painting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop_app.widgets.empty import EmptyState
from desktop_app.widgets.labels import phrase
from desktop_app.widgets.look import colour, px

Row = TypeVar("Row")
_Index = QModelIndex | QPersistentModelIndex
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Column(Generic[Row]):
    """How one column reads a row. `width` is in px at 标准 type; `sort_key` None sorts by the text.

    `tone` names a colour of the palette for a row's text (soon, bad, good, text_second).
    `stretch` takes the width that the others leave; when no column asks for it, the last column of words does.
    """

    title: str
    text: Callable[[Row], str]
    width: int = 120
    sort_key: Callable[[Row], Any] | None = None
    right: bool = False
    tone: Callable[[Row], str] | None = None
    hidden: bool = False
    stretch: bool = False


class RecordModel(QAbstractTableModel, Generic[Row]):
    """Frozen rows in the order last asked for."""

    def __init__(self, columns: Sequence[Column[Row]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[Row] = []
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None
        self._colours: dict[str, QColor] = {}

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Replace all rows, in the sort order chosen before (else as they come)."""
        self.beginResetModel()
        self.rows = list(rows)
        if self._sorted_by is not None:
            self._sort_rows(*self._sorted_by)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.columns[index.column()].text(self.rows[index.row()])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self.columns[index.column()].right else _LEFT
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._foreground(index)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Vertical or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self.columns[section].right else _LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if not 0 <= column < len(self.columns):
            return
        self.layoutAboutToBeChanged.emit()
        self._sorted_by = (column, order)
        self._sort_rows(column, order)
        self.layoutChanged.emit()

    def _sort_rows(self, column: int, order: Qt.SortOrder) -> None:
        key = self.columns[column].sort_key or self.columns[column].text
        self.rows.sort(key=key, reverse=order is Qt.SortOrder.DescendingOrder)

    def _foreground(self, index: _Index) -> QColor | None:
        tone = self.columns[index.column()].tone
        if tone is None:
            return None
        name = tone(self.rows[index.row()])
        if not name:
            return None
        if name not in self._colours:
            self._colours[name] = colour(name)
        return self._colours[name]


class _View(QTableView):
    """A table view whose Enter opens, and which never searches all rows for a typed letter."""

    entered_row = Signal()
    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        del search


class RecordTable(QWidget, Generic[Row]):
    """The list of a page: header to sort by, rows of 36 px, Enter opens, totals below, words when empty."""

    opened = Signal(object)
    """A row that Enter or a double click opened."""
    chosen = Signal(object)
    """The row under the cursor changed; None when there is none."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        empty_text: str,
        empty_action: QWidget | None = None,
        keys_text: str = "Enter 打开",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = RecordModel(columns, self)
        self.view = _View(self)
        self.empty = EmptyState(empty_text, action=empty_action)
        self.footer = phrase("", self, tone="second")
        self.footer.setWordWrap(True)
        self.keys = phrase(keys_text, self, tone="second")
        self._build()
        self.view.entered_row.connect(self.open_current)
        self.view.doubleClicked.connect(lambda _: self.open_current())
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self.chosen.emit(self.current()))

    def set_rows(self, rows: Sequence[Row], *, footer: str = "") -> None:
        """Show these rows; the cursor stays on its line number, or goes to the first row."""
        line = max(self.view.currentIndex().row(), 0)
        self.model.set_rows(rows)
        self._stack.setCurrentIndex(0 if rows else 1)
        self.footer.setText(footer)
        self.keys.setVisible(bool(rows))
        if rows:
            self.view.setCurrentIndex(self.model.index(min(line, len(rows) - 1), 0))
        self.chosen.emit(self.current())

    def set_empty_text(self, text: str) -> None:
        """What an empty list means now, e.g. under a filter."""
        self.empty.set_text(text)

    @property
    def rows(self) -> list[Row]:
        """The rows in the order shown."""
        return self.model.rows

    def current(self) -> Row | None:
        """The row under the cursor."""
        line = self.view.currentIndex().row()
        return self.model.rows[line] if 0 <= line < len(self.model.rows) else None

    def select(self, matches: Callable[[Row], bool]) -> None:
        """Put the cursor on the first row that matches."""
        for line, row in enumerate(self.model.rows):
            if matches(row):
                index = self.model.index(line, 0)
                self.view.setCurrentIndex(index)
                self.view.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
                return

    def open_current(self) -> None:
        """Open the row under the cursor."""
        row = self.current()
        if row is not None:
            self.opened.emit(row)

    def _build(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setAlternatingRowColors(True)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = view.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(px(36))
        rows.setMinimumSectionSize(px(36))
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSectionsClickable(True)
        header.sortIndicatorChanged.connect(self.model.sort)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._choose_columns)
        for number, column in enumerate(self.model.columns):
            view.setColumnWidth(number, px(column.width))
            view.setColumnHidden(number, column.hidden)
        view.resized.connect(self._share_width)
        header.sectionResized.connect(self._on_section_resized)
        box = QWidget(self)
        self._stack = QStackedLayout(box)
        self._stack.addWidget(view)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(8))
        layout.addWidget(box, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.footer, 1)
        foot.addWidget(self.keys)
        layout.addLayout(foot)
        self.setFocusProxy(view)

    def _choose_columns(self, where: QPoint) -> None:
        """Right click on the header: which columns are shown."""
        menu = QMenu(self)
        for number, column in enumerate(self.model.columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.view.isColumnHidden(number))
            action.setEnabled(number > 0)
            action.toggled.connect(lambda shown, number=number: self._show_column(number, shown))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.view.horizontalHeader().mapToGlobal(where))

    def _show_column(self, number: int, shown: bool) -> None:
        self.view.setColumnHidden(number, not shown)
        self._share_width()

    def _on_section_resized(self, number: int) -> None:
        if number != self._stretching():
            self._share_width()

    def _share_width(self) -> None:
        """The spare width goes to one column of words, so that numbers stay near their words."""
        widest = self._stretching()
        if widest is None:
            return
        header = self.view.horizontalHeader()
        others = sum(header.sectionSize(number) for number in range(header.count()) if number != widest)
        usual = px(self.model.columns[widest].width)
        self.view.setColumnWidth(widest, max(usual, self.view.viewport().width() - others))

    def _stretching(self) -> int | None:
        shown = [number for number in range(len(self.model.columns)) if not self.view.isColumnHidden(number)]
        named = [number for number in shown if self.model.columns[number].stretch]
        words = [number for number in shown if not self.model.columns[number].right]
        return next(iter(named or reversed(words)), None)

    def footer_label(self) -> QLabel:
        """The line of totals."""
        return self.footer
