"""The watermark of a workbook: above and below each printed sheet, and in the properties of the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop_app.storage.watermark import PROGRAM, Watermark


def mark_workbook(book: Any, sheets: Sequence[Any], mark: Watermark, *, title: str, note: str = "") -> None:
    """Call before the workbook (xlsxwriter) is closed. `note` says what the file holds: masked or complete, and why."""
    words = mark.words.replace("&", "&&")
    for sheet in sheets:
        sheet.set_header(f"&L&9{title.replace('&', '&&')}&R&9{words}")
        sheet.set_footer(f"&L&9{note.replace('&', '&&')}&R&9第 &P 页，共 &N 页")
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
