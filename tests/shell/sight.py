"""What of a window cannot be seen or reached: for tests on a small screen."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QLabel, QScrollArea, QWidget

_LEAST_VIEW = 60
"""Less of a page that scrolls is no page any more."""


def list_cut_off(window: QWidget) -> list[str]:
    """Each button, title and sentence of which a part is neither in the window nor to be scrolled to, or whose words
    have no room."""
    return [f"{_words(one)}: {why}" for one in _seen(window) for why in _troubles(one, window)]


def _seen(parent: QWidget) -> Iterator[QWidget]:
    """What is hidden is passed over whole: a window keeps all pages that were ever opened."""
    for child in parent.children():
        if not isinstance(child, QWidget) or not child.isVisible() or child.isWindow():
            continue
        if isinstance(child, QLabel):
            if child.text() and (child.wordWrap() or child.property("role") == "title"):
                yield child
        elif isinstance(child, QAbstractButton) and child.text():
            yield child
        yield from _seen(child)


def _words(widget: QWidget) -> str:
    assert isinstance(widget, QAbstractButton | QLabel)
    return widget.text()


def _troubles(widget: QWidget, window: QWidget) -> Iterator[str]:
    wraps = isinstance(widget, QLabel) and widget.wordWrap()
    if not wraps and widget.width() < widget.minimumSizeHint().width():
        yield f"{widget.width()} wide, needs {widget.minimumSizeHint().width()}"
    if wraps and widget.height() < widget.heightForWidth(widget.width()):
        yield f"{widget.height()} high, needs {widget.heightForWidth(widget.width())}"
    inner, rect = widget, widget.rect()
    parent = widget.parentWidget()
    while inner is not window and parent is not None:
        rect = QRect(inner.mapTo(parent, rect.topLeft()), rect.size())
        inner, parent = parent, parent.parentWidget()
        area = parent if isinstance(parent, QAbstractScrollArea) and inner is parent.viewport() else None
        if area is None:
            if not inner.rect().contains(rect):
                yield f"{_place(rect)} leaves {type(inner).__name__} {_place(inner.rect())}"
                return
            continue
        if not isinstance(area, QScrollArea):
            return  # a list or a text shows its own content, which its bars reach
        trouble = _not_scrolled_to(rect, area)
        if trouble:
            yield trouble
            return
        rect, inner, parent = area.rect(), area, area.parentWidget()


def _not_scrolled_to(rect: QRect, area: QScrollArea) -> str:
    view = area.viewport().rect()
    off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    if area.horizontalScrollBarPolicy() == off and not (view.left() <= rect.left() and rect.right() <= view.right()):
        return f"{_place(rect)} is beside the {view.width()} pixels that are shown"
    if area.verticalScrollBarPolicy() == off and not (view.top() <= rect.top() and rect.bottom() <= view.bottom()):
        return f"{_place(rect)} is below the {view.height()} pixels that are shown"
    wanted = min(_LEAST_VIEW, area.widget().height() if area.widget() is not None else 0)
    return f"only {view.height()} pixels of the column are shown" if view.height() < wanted else ""


def _place(rect: QRect) -> str:
    at: QPoint = rect.topLeft()
    return f"{rect.width()}×{rect.height()} at {at.x()},{at.y()}"
