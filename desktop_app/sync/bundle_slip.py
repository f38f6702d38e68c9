"""The slip that goes with a stick: two halves of one sheet, one stays in the village, one goes with the stick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from desktop_app.pdf_kit.blocks import MM, Air, Align, Block, Paragraph, TextStyle
from desktop_app.pdf_kit.document import A4, PdfDocument, RenderedPdf
from desktop_app.pdf_kit.faces import Face
from desktop_app.pdf_kit.page import GREY, Page
from desktop_app.pdf_kit.paper import Paper, safe_file_name
from desktop_app.pdf_kit.tables import Cell, Column, Row, Table
from desktop_app.pdf_kit.textlines import Span
from desktop_app.pdf_kit.watermark import mark_pages
from desktop_app.storage.files import write_whole
from desktop_app.storage.watermark import watermark_of
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state
from desktop_app.sync.bundle import WrittenBundle
from village_core.domain.calendar import chinese_date
from village_core.domain.clock import CHINA

TITLE = "U 盘交接单"
_LEFT, _WIDTH, _TOP = 22 * MM, 166 * MM, 9 * MM
_HALF = A4[1] / 2
_TITLE = TextStyle(18, 28, align=Align.CENTRE, hang=False)
_TEXT = TextStyle(12, 18)
_SMALL = TextStyle(10.5, 15, grey=GREY)
_CODE = TextStyle(16, 22, align=Align.CENTRE, tracking=2)
_NAMED_FILES = 3

_STEPS = (
    "1. 把 U 盘送到乡镇或县里，请对方读入上面的文件，核对屏幕上的 U 盘码与本单相同。",
    "2. 请对方把回执（R 开头的文件）写回这个 U 盘。",
    "3. 带回村里，在“同步 → 用 U 盘带 → 从 U 盘读回”里读一次，才算办完。",
)
_ASSURANCE = "文件加了锁，只有县里打得开。U 盘丢了，村里的资料一条也不少，再写一次送去就行。"


def render_slip(workspace: Workspace, written: WrittenBundle) -> RenderedPdf:
    """One sheet of A4, cut in the middle."""
    made = written.made.astimezone(CHINA)
    document = PdfDocument(title=TITLE, created=made.date())
    page = document.new_page()
    place = workspace.state(state.COUNTY_VILLAGE) or ""
    role = workspace.state(state.DEVICE_ROLE) or ""
    device = f"{written.device} 号（{role}）" if role else f"{written.device} 号"
    rows = [
        ("村", f"{place} {written.village}".strip(), "电脑", device),
        ("经办人", workspace.actor.name, "写好时间", f"{chinese_date(made.date())} {made:%H:%M}"),
        ("改动", range_words(written), "照片", f"{written.contents} 个" if written.contents else "没有"),
    ]
    for top, keeper in ((0.0, "村里留存"), (_HALF, "随 U 盘交县里")):
        _draw(page, _half(rows, written, keeper), top + _TOP)
    page.line((10 * MM, _HALF), (A4[0] - 10 * MM, _HALF), grey=GREY)
    with workspace.reader() as reader:
        mark_pages(document.pages, watermark_of(workspace, reader).words, cut=(_HALF,))
    return document.render()


def prepare_slip(workspace: Workspace, written: WrittenBundle) -> Callable[[], Paper]:
    """For the preview."""
    return lambda: Paper(
        kind="stick_slip",
        title=TITLE,
        subject=f"U 盘码 {written.code}",
        file_name=safe_file_name(f"U盘交接单_{written.code}.pdf"),
        rendered=render_slip(workspace, written),
        on_record=False,
    )


def write_slip(workspace: Workspace, written: WrittenBundle, path: Path) -> RenderedPdf:
    """Put the slip into a file; noted in the access log like every print."""
    rendered = render_slip(workspace, written)
    write_whole(path, rendered.data)
    workspace.log_access("print", TITLE, f"存为文件 {path.name}，U 盘码 {written.code}")
    return rendered


def range_words(written: WrittenBundle) -> str:
    """Which changes go with the stick."""
    if not written.operations:
        return "没有新的，只取别人的"
    if written.operations == 1:
        return f"第 {written.first_seq:,} 条，共 1 条"
    return f"第 {written.first_seq:,} 至 {written.last_seq:,} 条，共 {written.operations:,} 条"


def size_words(count: int) -> str:
    """Bytes as a person reads them."""
    if count < 1 << 20:
        return f"{count / 1024:.1f} KB"
    return f"{count / (1 << 20):.1f} MB" if count < 1 << 30 else f"{count / (1 << 30):.1f} GB"


def _half(rows: Sequence[tuple[str, str, str, str]], written: WrittenBundle, keeper: str) -> list[Block]:
    columns = (Column("", 5), Column("", 12), Column("", 4), Column("", 10))
    cells = [Row((_label(one), _value(two), _label(three), _value(four)), least=26) for one, two, three, four in rows]
    cells.append(Row((_label("文件"), _value(_files(written), span=3)), least=26))
    signing = tuple(
        Row((_label(who), Cell(), _label("日期"), Cell()), least=30) for who in ("交付人签字", "接收人签字")
    )
    return [
        Paragraph((Span(TITLE, Face.TITLE), Span(f"（{keeper}）", Face.KAI)), _TITLE),
        Paragraph((Span(f"U 盘码  {written.code}", Face.HEADING),), _CODE),
        Air(6),
        Table(columns, tuple(cells), _TEXT, headed=False),
        Air(8),
        *(Paragraph((Span(step),), _TEXT) for step in _STEPS),
        Air(3),
        Paragraph((Span(_ASSURANCE, Face.KAI),), _SMALL),
        Air(8),
        Table(columns, signing, _TEXT, headed=False),
    ]


def _files(written: WrittenBundle) -> str:
    names = [path.name for path in written.paths[:_NAMED_FILES]]
    more = f"…… 共 {len(written.paths)} 个文件，要一起交" if len(written.paths) > _NAMED_FILES else ""
    return "\n".join([*names, more] if more else names) + f"（{size_words(written.bytes)}）"


def _label(text: str) -> Cell:
    return Cell(text, label=True)


def _value(text: str, *, span: int = 1) -> Cell:
    return Cell(text, span=span, align=Align.LEFT)


def _draw(page: Page, blocks: Sequence[Block], top: float) -> None:
    for block in blocks:
        for piece in block.pieces(_WIDTH):
            piece.draw(page, _LEFT, top)
            top += piece.height
