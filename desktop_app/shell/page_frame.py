"""The page area: title and actions on top, the page, and the message bar below it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.shell.page import Page
from desktop_app.widgets.labels import phrase
from desktop_app.widgets.look import px
from desktop_app.widgets.message_bar import MessageBar

_PATIENCE_MS = 300


class PageFrame(QWidget):
    """Shows one page of the stack with its heading."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ground")
        self.stack = QStackedWidget(self)
        self.messages = MessageBar(self)
        self.title = QLabel(self)
        self.title.setProperty("role", "title")
        self.subtitle = phrase("", self, tone="second")
        self.subtitle.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.subtitle.setSizePolicy(policy)
        self._buttons = QStackedWidget(self)
        self._buttons.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._boxes: dict[Page, QWidget] = {}
        self._page: Page | None = None
        self._busy = QProgressBar(self)
        self._busy.setObjectName("busy")
        self._busy.setTextVisible(False)
        self._busy.setFixedHeight(px(3))
        self._busy.setRange(0, 0)
        keeps_its_place = self._busy.sizePolicy()
        keeps_its_place.setRetainSizeWhenHidden(True)
        self._busy.setSizePolicy(keeps_its_place)
        self._busy.hide()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._busy.show)
        self._arrange()

    def adopt(self, page: Page) -> None:
        """Give its buttons their place before the page shows or hides them: without one each would be a window."""
        self._boxes[page] = self._button_box(page)
        page.heading_changed.connect(lambda: self._show_heading(page))

    def show_page(self, page: Page) -> None:
        """Put its title and its buttons above it."""
        self._page = page
        self._buttons.setCurrentWidget(self._boxes[page])
        self._fit_buttons()
        self._show_heading(page)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A page shows, hides or renames a button: the others make room."""
        if event.type() is QEvent.Type.LayoutRequest and watched is self._buttons.currentWidget():
            self._fit_buttons()
        return super().eventFilter(watched, event)

    def set_busy(self, busy: bool) -> None:
        """A thin moving line when work takes over 0.3 s. Unless it is hidden afterwards Qt draws it anew for ever."""
        if busy:
            self._patience.start()
        else:
            self._patience.stop()
            self._busy.hide()

    def _fit_buttons(self) -> None:
        box = self._buttons.currentWidget()
        if box is not None:
            self._buttons.setFixedWidth(box.sizeHint().width())

    def _show_heading(self, page: Page) -> None:
        if page is self._page:
            self.title.setText(page.title)
            self.subtitle.setText(page.subtitle)

    def _button_box(self, page: Page) -> QWidget:
        box = QWidget()
        layout = QHBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        for made in page.header_buttons():
            layout.addWidget(made)
        box.installEventFilter(self)
        self._buttons.addWidget(box)
        return box

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(px(16))
        top.addWidget(self.title)
        top.addWidget(self.subtitle, 1)
        top.addWidget(self._buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(24), px(14), px(24), px(12))
        layout.setSpacing(px(8))
        layout.addLayout(top)
        layout.addWidget(self._busy)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.messages)
