"""The search box of the header and its popup: type, arrows, Enter."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext, TaskHandle, TaskRunner
from desktop_app.shell.context import PageContext
from desktop_app.shell.search import SearchHit, SearchProvider
from desktop_app.widgets.labels import paragraph, phrase
from desktop_app.widgets.look import colour, px

_PAUSE_MS = 120
_AT_MOST = 8


class SearchBox(QLineEdit):
    """Asks every provider in the DB lane; an older question is dropped when a newer one is typed."""

    hit_chosen = Signal(object)

    def __init__(self, providers: list[SearchProvider], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self.setPlaceholderText("找人、找户、找凭证　　Ctrl+K")
        self.setClearButtonEnabled(True)
        self._providers = providers
        self._context: PageContext | None = None
        self._asking: TaskHandle | None = None
        self.popup = SearchPopup()
        self.popup.clicked.connect(self._choose)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self.textEdited.connect(lambda _: self._pause.start())

    def start(self, context: PageContext, window: QWidget) -> None:
        """Begin to answer; the popup lies over `window`."""
        self._context = context
        self.popup.setParent(window)

    def close_popup(self) -> None:
        """Forget the question."""
        self._pause.stop()
        if self._asking is not None:
            self._asking.drop()
        self.popup.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.popup.isVisible():
            self.popup.move_mark(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.popup.isVisible():
                self._choose(self.popup.marked)
            else:
                self._ask()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self.close_popup()

    def _choose(self, number: int) -> None:
        hits = self.popup.hits
        if 0 <= number < len(hits):
            self.close_popup()
            self.clear()
            self.hit_chosen.emit(hits[number])

    def _ask(self) -> None:
        if self._asking is not None:
            self._asking.drop()
        words = self.text().strip()
        if not words or self._context is None:
            self.popup.hide()
            return
        self._asking = run_search(
            self._context.tasks,
            self._context,
            words,
            providers=self._providers,
            owner=self,
            on_done=lambda hits: self._show(words, hits),
        )

    def _show(self, words: str, hits: list[SearchHit]) -> None:
        self.popup.show_hits(words, hits)
        window = self.popup.parentWidget()
        if window is None or not self.hasFocus():
            return
        corner = self.mapTo(window, QPoint(0, self.height() + px(4)))
        room = window.width() - px(16)
        width = min(max(self.width(), self.popup.sizeHint().width()), room)
        self.popup.resize(width, self.popup.heightForWidth(width) if not hits else self.popup.sizeHint().height())
        left = min(corner.x(), room + px(8) - width)
        self.popup.move(max(left, 0), corner.y())
        self.popup.show()
        self.popup.raise_()


class SearchPopup(QFrame):
    """At most eight lines under the box."""

    clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("popup")
        self.hits: list[SearchHit] = []
        self.marked = 0
        self._lines: list[QFrame] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(px(6), px(6), px(6), px(6))
        self._layout.setSpacing(0)
        self.hide()

    def show_hits(self, words: str, hits: list[SearchHit]) -> None:
        """Fill the lines, or say that nothing was found."""
        self.hits = hits
        self.marked = 0
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._lines = [self._line(hit) for hit in hits]
        for line in self._lines:
            self._layout.addWidget(line)
        if not hits:
            self._layout.addWidget(
                paragraph(f"没有找到“{words}”。试试姓名、证件号或电话里的几位，或凭证摘要里的字。", tone="second")
            )
        self._paint_mark()

    def move_mark(self, step: int) -> None:
        """Arrow keys."""
        if self.hits:
            self.marked = (self.marked + step) % len(self.hits)
            self._paint_mark()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.MouseButtonPress and watched in self._lines:
            self.clicked.emit(self._lines.index(watched))
            return True
        return super().eventFilter(watched, event)

    def _line(self, hit: SearchHit) -> QFrame:
        line = QFrame(self)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(px(10), px(7), px(10), px(7))
        layout.setSpacing(px(10))
        kind = phrase(hit.kind, line, tone="second")
        kind.setMinimumWidth(px(36))
        layout.addWidget(kind)
        layout.addWidget(phrase(hit.title, line))
        layout.addWidget(phrase(hit.detail, line, tone="second"))
        layout.addStretch(1)
        line.installEventFilter(self)
        line.setCursor(Qt.CursorShape.PointingHandCursor)
        line.setAutoFillBackground(True)
        return line

    def _paint_mark(self) -> None:
        for number, line in enumerate(self._lines):
            palette = line.palette()
            palette.setColor(line.backgroundRole(), colour("accent_tint" if number == self.marked else "paper"))
            line.setPalette(palette)


def run_search(
    tasks: TaskRunner,
    context: PageContext,
    words: str,
    *,
    providers: list[SearchProvider],
    owner: QObject,
    on_done: Callable[[list[SearchHit]], None],
) -> TaskHandle:
    """Ask the providers one after the other, each for a few hits."""

    def ask(task: TaskContext) -> list[SearchHit]:
        hits: list[SearchHit] = []
        with context.workspace.reader() as reader:
            for provider in providers:
                task.raise_if_cancelled()
                hits += provider(reader, words, _AT_MOST)
        return hits[:_AT_MOST]

    return tasks.run(ask, lane=Lane.DB, owner=owner, on_done=on_done)
