"""Collects garbage in the window's thread alone.

A closed page is a cycle of Python's and Qt's objects. A collection that happens to begin in a worker's thread would
take Qt's objects apart there, behind the window's back, and the program ends with a segmentation fault.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 1_000
_users: set[int] = set()
_was_on = False


def collect_what_is_due() -> None:
    """Do what the interpreter would have done by now; in whose thread it is called, there objects end."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return


class WindowThreadCollector(QObject):
    """From its making to its `end` nothing is collected but by the thread that made it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        global _was_on
        if not _users:
            _was_on = gc.isenabled()
            gc.disable()
        _users.add(id(self))
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(collect_what_is_due)
        self._timer.start()

    def end(self) -> None:
        """No other thread runs any more. Done again, it changes nothing."""
        self._timer.stop()
        _users.discard(id(self))
        if not _users and _was_on:
            gc.enable()
