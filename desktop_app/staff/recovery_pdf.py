"""The recovery key on one sheet of A5, to be folded, put into an envelope and sealed at the township."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from desktop_app.pdf_kit.blocks import MM, Air, Align, Block, Paragraph, TextStyle
from desktop_app.pdf_kit.document import PdfDocument, RenderedPdf
from desktop_app.pdf_kit.faces import Face
from desktop_app.pdf_kit.page import GREY
from desktop_app.pdf_kit.tables import Cell, Column, Row, Table
from desktop_app.pdf_kit.textlines import Span
from desktop_app.pdf_kit.watermark import mark_pages
from village_core.domain.calendar import chinese_date

A5 = (148 * MM, 210 * MM)
_LEFT, _WIDTH, _TOP = 14 * MM, 120 * MM, 13 * MM
_TITLE = TextStyle(20, 30, align=Align.CENTRE, hang=False)
_PLACE = TextStyle(12, 18, align=Align.CENTRE, hang=False)
_TEXT = TextStyle(10.5, 16)
_GROUP = TextStyle(17, 27, align=Align.CENTRE, tracking=2)
_CELLS = TextStyle(10.5, 15)
_ROW_GROUPS = 2

_RULES = (
    "这把钥匙能打开这台电脑上村里的全部资料，并重设口令。谁拿到它，谁就能看到全部资料。",
    "打印后当面装进信封，封口盖章，交乡镇保管；电脑里没有留底，丢了只能另做一把。",
    "拆封要两个人在场，用过以后另做一把、重新封存，这一张作废。",
    "每组最后一个是校验字，抄错一个字会提示是第几组。像 1 和 0 的都是数字。",
)


@dataclass(frozen=True)
class RecoverySheet:
    """What stands on the sheet."""

    key: str
    village: str
    maker: str
    made_on: date
    watermark: str


def render_recovery_sheet(sheet: RecoverySheet) -> RenderedPdf:
    """One page; the groups are numbered, since a mistyped one is named by its number."""
    document = PdfDocument(title="恢复钥匙", created=sheet.made_on)
    page = document.new_page(A5)
    top = _TOP
    for block in _blocks(sheet):
        for piece in block.pieces(_WIDTH):
            piece.draw(page, _LEFT, top)
            top += piece.height
    mark_pages(document.pages, sheet.watermark)
    return document.render()


def _blocks(sheet: RecoverySheet) -> Sequence[Block]:
    groups = sheet.key.split("-")
    rows = [
        Row(
            tuple(
                cell
                for number in range(start, start + _ROW_GROUPS)
                for cell in (Cell(str(number + 1), label=True), Cell(groups[number]))
            ),
            least=30,
        )
        for start in range(0, len(groups), _ROW_GROUPS)
    ]
    columns = (Column("", 2), Column("", 9), Column("", 2), Column("", 9))
    signing = (Column("", 6), Column("", 11), Column("", 4), Column("", 9))
    lines = [("村里封存人", "日期"), ("乡镇保管人", "日期"), ("封口盖章", "编号")]
    return (
        Paragraph((Span("恢复钥匙", Face.TITLE),), _TITLE),
        Paragraph((Span(f"{sheet.village}　{chinese_date(sheet.made_on)}　{sheet.maker} 打印", Face.KAI),), _PLACE),
        Air(8),
        Table(columns, tuple(rows), _GROUP, headed=False),
        Air(10),
        *(Paragraph((Span(f"{number}. {rule}"),), _TEXT) for number, rule in enumerate(_RULES, start=1)),
        Air(10),
        Table(
            signing,
            tuple(
                Row((Cell(who, label=True), Cell(), Cell(when, label=True), Cell()), least=32) for who, when in lines
            ),
            _CELLS,
            headed=False,
        ),
        Air(6),
        Paragraph((Span("田埂　这张纸不要拍照，不要存进手机和电脑。", Face.KAI),), TextStyle(9, 13, grey=GREY)),
    )
