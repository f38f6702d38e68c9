"""A window in which nothing happens draws nothing: each drawing costs a slow laptop's battery."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from desktop_app.shell.page_frame import PageFrame


class Drawings(QObject):
    """Counts how often a window was drawn."""

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.UpdateRequest
        return super().eventFilter(watched, event)


def test_the_moving_line_moves_while_there_is_work_and_then_rests(qtbot: QtBot, appearance: object) -> None:
    frame = PageFrame()
    qtbot.addWidget(frame)
    with qtbot.waitExposed(frame):
        frame.show()
    line = frame.findChild(QProgressBar, "busy")
    assert isinstance(line, QProgressBar)
    assert not line.isVisible()
    place = line.geometry()
    drawings = Drawings(frame)

    frame.set_busy(True)
    qtbot.waitUntil(line.isVisible)
    before = drawings.count
    qtbot.waitUntil(lambda: drawings.count > before + 3)
    frame.set_busy(False)
    qtbot.wait(100)
    rested = drawings.count
    qtbot.wait(400)

    assert drawings.count <= rested + 1
    assert line.geometry() == place
