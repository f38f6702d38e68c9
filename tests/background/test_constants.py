"""The interpreter outlives any number of calls into Qt."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import desktop_app.{package}
from PySide6.QtCore import QObject, Signal

class Sender(QObject):
    told = Signal(object)

sender = Sender()
sender.told.connect(lambda thing: None)
for _ in range(100_000):
    sender.setObjectName("name")
    sender.told.emit(None)
print("alive")
"""


def _alive(package: str) -> str:
    script = _SCRIPT.format(package=package)
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    return answer.stdout.strip() or answer.stderr


def test_a_hundred_thousand_calls_and_signals_do_not_end_the_interpreter() -> None:
    assert _alive("background") == "alive"


def test_widgets_used_by_themselves_are_as_safe() -> None:
    assert _alive("widgets") == "alive"
