"""The watermark of a workbook: above and below each printed sheet, and in the properties of the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop_app.storage.watermark import PROGRAM, Watermark

_LONGEST = 110
"""Excel takes 255 characters in a header, both sides with their marks, and leaves a longer one away altogether."""


def mark_workbook(book: Any, sheets: Sequence[Any], mark: Watermark, *, title: str, note: str = "") -> None:
    """Call before the workbook (xlsxwriter) is closed. `note` says what the file holds: masked or complete, and why."""
    for sheet in sheets:
        sheet.set_header(f"&L&9{_cut(title)}&R&9{_cut(mark.words)}")
        sheet.set_footer(f"&L&9{_cut(note)}&R&9第 &P 页，共 &N 页")
    book.set_properties(
        {
            "title": title,
            "author": mark.who,
            "company": mark.village,
            "manager": PROGRAM,
            "comments": "　".join(part for part in (mark.words, note) if part),
            "created": mark.at.replace(tzinfo=None),
        }
    )


def _cut(text: str) -> str:
    """As a header writes it, as long as there is room for it; the properties have all of it."""
    shown = text.replace("&", "&&")
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST].rstrip("&") + "…"
