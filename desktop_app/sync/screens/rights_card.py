"""Who may grant and who may post, until when, and how to hand it over."""

from __future__ import annotations

from datetime import date

from PySide6.QtWidgets import QWidget

from desktop_app.storage.rights import Rights
from desktop_app.sync.seats import HAND_OVER, describe_rights
from desktop_app.widgets.card import Card
from desktop_app.widgets.labels import hint, paragraph


class RightsCard(Card):
    """One paragraph for each right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("谁能批救助、谁能记账", parent=parent)
        self._lines: list[QWidget] = []

    def show_rights(self, rights: Rights, today: date, *, stopped: bool) -> None:
        """Write them anew. `stopped`: the county has stopped this laptop, whatever it lent it."""
        for old in self._lines:
            self.body.removeWidget(old)
            old.deleteLater()
        if stopped:
            self._lines = [paragraph("● 县里已经停用了这台电脑，这里不能批救助，也不能记账。", tone="soon")]
            self.body.addWidget(self._lines[0])
            return
        self._lines = [
            paragraph(
                f"{'✓' if line.here else '●'} {line.title}：{line.words}",
                tone="soon" if line.trouble else "good" if line.here else "second",
            )
            for line in describe_rights(rights, today)
        ]
        self._lines.append(hint(HAND_OVER))
        for made in self._lines:
            self.body.addWidget(made)
