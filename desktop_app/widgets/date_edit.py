"""A date as people type it: 20261122, 2026-11-22, 2026.11.22, 2026年11月22日, 11.22, 22."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QWidget

from desktop_app.widgets.editor import LineEditor

_WIDE = str.maketrans("０１２３４５６７８９．／－", "0123456789./-")


def format_date(day: date) -> str:
    """2026年11月22日."""
    return f"{day.year}年{day.month}月{day.day}日"


def parse_date(text: str, *, today: date) -> date:
    """Read what was typed; a missing year (or month) is this one's. Raises ValueError."""
    plain = text.translate(_WIDE).strip()
    if plain == "今天":
        return today
    if re.fullmatch(r"\d{8}", plain):
        return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    parts = [int(part) for part in re.findall(r"\d+", plain)]
    if not re.fullmatch(r"[\d\s年月日号.\-/、]+", plain) or not 1 <= len(parts) <= 3:
        raise ValueError(text)
    defaults = (today.year, today.month)
    year, month, day = [*defaults[: 3 - len(parts)], *parts]
    return date(year + 2000 if year < 100 else year, month, day)


class DateEdit(LineEditor):
    """A date. `earliest` and `latest` bound it; `today` gives the missing year."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        today: Callable[[], date],
        earliest: date | None = None,
        latest: date | None = None,
    ) -> None:
        super().__init__(parent, placeholder="例如 2026.11.22 或 11.22")
        self._today = today
        self._earliest = earliest
        self._latest = latest
        self.line.editingFinished.connect(self._tidy)

    def set_bounds(self, *, earliest: date | None, latest: date | None) -> None:
        """Change the first and the last day that can be given."""
        self._earliest, self._latest = earliest, latest

    def value(self) -> date | None:
        if self.is_empty() or self.problem():
            return None
        return parse_date(self.line.text(), today=self._today())

    def set_value(self, value: date | None) -> None:
        self.line.setText("" if value is None else format_date(value))

    def problem(self) -> str:
        if self.is_empty():
            return ""
        try:
            day = parse_date(self.line.text(), today=self._today())
        except ValueError:
            return "这不是一个日期。请像 2026.11.22 或 11.22 这样填。"
        if self._earliest is not None and day < self._earliest:
            return f"不能早于 {format_date(self._earliest)}。"
        if self._latest is not None and day > self._latest:
            return f"不能晚于 {format_date(self._latest)}。"
        return ""

    def _tidy(self) -> None:
        day = self.value()
        if day is not None:
            self.line.setText(format_date(day))
