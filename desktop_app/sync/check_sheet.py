"""核对单: one sheet of A4 that says what laptop and county had in common, with a code that the county can check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desktop_app.pdf_kit.blocks import MM, Air, Align, Block, Paragraph, TextStyle
from desktop_app.pdf_kit.document import PdfDocument, RenderedPdf
from desktop_app.pdf_kit.faces import Face
from desktop_app.pdf_kit.page import GREY
from desktop_app.pdf_kit.paper import Paper, safe_file_name
from desktop_app.pdf_kit.tables import Cell, Column, Row, Table
from desktop_app.pdf_kit.textlines import Span
from desktop_app.pdf_kit.watermark import mark_pages
from desktop_app.storage.files import write_whole
from desktop_app.storage.unit_of_work import Reader
from desktop_app.storage.watermark import Watermark
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state, words
from desktop_app.sync.outbox import count_waiting
from desktop_app.sync.receipts import KeptReceipt, last_equal_receipt
from village_core.domain.calendar import chinese_date
from village_core.domain.clock import CHINA
from village_core.domain.errors import RefusedError
from village_core.exchange.receipts import pack_receipt, shown_code

_LEFT, _WIDTH, _TOP = 25 * MM, 160 * MM, 22 * MM
_TITLE = TextStyle(22, 36, align=Align.CENTRE, hang=False)
_CODE = TextStyle(26, 38, align=Align.CENTRE, tracking=3)
_TEXT = TextStyle(14, 23)
_SMALL = TextStyle(11, 17, grey=GREY)
_FIGURES = (("户", "household"), ("人", "person"), ("凭证", "voucher"), ("救助案", "relief_case"))


@dataclass(frozen=True)
class CheckSheet:
    """What stands on the sheet. `since` counts the changes made here after the receipt and not yet sent."""

    kept: KeptReceipt
    village: str
    village_name: str
    role: str
    who: str
    since: int
    printed: datetime


def get_check_sheet(reader: Reader, *, who: str) -> CheckSheet:
    """The sheet for the newest receipt that showed equality; refuses when there is none."""
    connection = reader.session.connection()
    known = state.read_state(connection)
    if state.read_link(connection) is None:
        raise words.no_county()
    kept = last_equal_receipt(reader)
    if kept is None:
        raise RefusedError(
            "这台电脑还没有和县里核对一致过，开不出核对单。",
            safe=words.SAFE,
            next_step="请先点“现在同步”，看到“与县里核对一致”后再打。",
        )
    return CheckSheet(
        kept=kept,
        village=reader.village,
        village_name=known.get(state.COUNTY_VILLAGE, ""),
        role=known.get(state.DEVICE_ROLE, ""),
        who=who,
        since=count_waiting(connection, kept.receipt.acked_seq),
        printed=reader.clock.now().astimezone(CHINA),
    )


def render_check_sheet(sheet: CheckSheet) -> RenderedPdf:
    """One page."""
    kept, receipt = sheet.kept, sheet.kept.receipt
    document = PdfDocument(title="核对单", created=sheet.printed.date())
    page = document.new_page()
    top = _TOP
    for block in _blocks(sheet, kept, receipt.acked_seq):
        for piece in block.pieces(_WIDTH):
            piece.draw(page, _LEFT, top)
            top += piece.height
    mark = Watermark(sheet.who, sheet.printed, sheet.village_name)
    mark_pages(document.pages, mark.words)
    return document.render()


def prepare_check_sheet(workspace: Workspace) -> Callable[[], Paper]:
    """For the preview."""
    with workspace.reader() as reader:
        sheet = get_check_sheet(reader, who=workspace.actor.name)
    code = shown_code(sheet.kept.code)
    return lambda: Paper(
        kind="check_sheet",
        title="核对单",
        subject=f"核对码 {code}",
        file_name=safe_file_name(f"核对单_{code}.pdf"),
        rendered=render_check_sheet(sheet),
        on_record=False,
    )


def write_check_sheet(workspace: Workspace, path: Path, *, signed: Path | None = None) -> CheckSheet:
    """Put the sheet into a file, and the signed receipt itself into another one if wished."""
    with workspace.reader() as reader:
        sheet = get_check_sheet(reader, who=workspace.actor.name)
    write_whole(path, render_check_sheet(sheet).data)
    if signed is not None:
        write_whole(signed, pack_receipt(sheet.kept.signed))
    workspace.log_access("print", "核对单", f"存为文件 {path.name}，核对码 {shown_code(sheet.kept.code)}")
    return sheet


def _blocks(sheet: CheckSheet, kept: KeptReceipt, acked_seq: int) -> list[Block]:
    device = f"{kept.receipt.device} 号" + (f"（{sheet.role}）" if sheet.role else "")
    counts = kept.counts
    columns = (Column("", 3), Column("", 5), Column("", 3), Column("", 5))
    rows = [
        Row((_label("村"), _value(f"{sheet.village_name}　{sheet.village}".strip("　"), span=3)), least=32),
        _row(("电脑", device), ("经办人", sheet.who)),
        _row(("核对时间", _moment(kept.time)), ("打印时间", _moment(sheet.printed))),
        _row(*((word, f"{counts[name]:,}") for word, name in _FIGURES[:2])),
        _row(*((word, f"{counts[name]:,}") for word, name in _FIGURES[2:])),
        Row((_label("与县里"), _value(f"一致；这台电脑的改动到第 {acked_seq:,} 条，县里都已收到", span=3)), least=32),
        Row((_label("内容摘要"), _value(kept.receipt.root.hex(), span=3)), least=32),
    ]
    signing = tuple(
        Row((_label(who), Cell(), _label("日期"), Cell()), least=36) for who in ("经办人签字", "核对人签字")
    )
    return [
        Paragraph((Span("核对单", Face.TITLE),), _TITLE),
        Air(4),
        Paragraph((Span(f"核对码  {shown_code(kept.code)}", Face.HEADING),), _CODE),
        Air(8),
        Table(columns, tuple(rows), _TEXT, headed=False),
        Air(10),
        *(Paragraph((Span(text),), _TEXT) for text in _notes(sheet)),
        Air(12),
        Table(columns, signing, _TEXT, headed=False),
        Air(8),
        Paragraph((Span(_explanation(sheet), Face.KAI),), _SMALL),
    ]


def _notes(sheet: CheckSheet) -> list[str]:
    if not sheet.since:
        return ["核对以后，这台电脑上没有还没送到县里的改动。"]
    return [f"核对以后，这台电脑上又有 {sheet.since:,} 条改动还没送到县里，不在本单之内。"]


def _explanation(sheet: CheckSheet) -> str:
    code = shown_code(sheet.kept.code)
    return (
        "户、人、凭证、救助案是县里签名时的数（已注销、已合并的不算）。核对办法：在县服务器上输入 "
        f"tiangeng-county check-code {sheet.village} {code}，显示的村、电脑、时间和各数应与本单相同。"
    )


def _row(first: tuple[str, str], second: tuple[str, str]) -> Row:
    return Row((_label(first[0]), _value(first[1]), _label(second[0]), _value(second[1])), least=32)


def _label(text: str) -> Cell:
    return Cell(text, label=True)


def _value(text: str, *, span: int = 1) -> Cell:
    return Cell(text, span=span, align=Align.LEFT)


def _moment(moment: datetime) -> str:
    return f"{chinese_date(moment.date())} {moment:%H:%M}"
