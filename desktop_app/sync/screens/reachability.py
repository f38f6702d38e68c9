"""Whether the computer has a network at all, as its system tells. Where it does not tell, nothing is ever said."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation

_Reach = QNetworkInformation.Reachability


class Reachability(QObject):
    """`came_back` when there was no network and now there is one; `changed` at each change."""

    changed = Signal()
    came_back = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.offline = False
        if not QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Reachability):
            return
        system = QNetworkInformation.instance()
        self.note(system.reachability())
        system.reachabilityChanged.connect(self.note)

    def note(self, reach: _Reach) -> None:
        """What the system says now. A county may stand in the township's own network: only `Disconnected` is none."""
        was, self.offline = self.offline, reach is _Reach.Disconnected
        if was != self.offline:
            self.changed.emit()
            if was:
                self.came_back.emit()
