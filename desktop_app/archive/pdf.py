"""Draws an archive: cover, contents with page numbers and links, each item with its scans, files, closing note.

The pages are laid out twice: the first time tells on which page each item begins, the second time prints it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from desktop_app.archive.print_model import ArchiveFile, Field, ListedFile, Section
from desktop_app.archive.sheets import SMALL, TEXT, TITLE, content_blocks, form_table, heading
from desktop_app.pdf_kit.blocks import EM_ASCENT, MM, Air, Align, Anchor, Block, NewPage, Paragraph, PictureBlock
from desktop_app.pdf_kit.blocks import TextStyle as Style
from desktop_app.pdf_kit.document import PdfDocument, RenderedPdf
from desktop_app.pdf_kit.faces import Face, glyphs_of
from desktop_app.pdf_kit.flow import RECORD_FRAME, Flow
from desktop_app.pdf_kit.page import GREY, LINE_GREY, Page
from desktop_app.pdf_kit.pictures import Picture
from desktop_app.pdf_kit.scans import read_picture
from desktop_app.pdf_kit.tables import Cell, Column, Row, Table
from desktop_app.pdf_kit.textlines import Span, text_width
from desktop_app.pdf_kit.watermark import mark_pages
from village_core.domain.calendar import chinese_date

_COVER_TITLE = Style(30, 46, align=Align.CENTRE, hang=False)
_COVER_LINE = Style(16, 28, align=Align.CENTRE, hang=False)
_HASH = Style(8, 12)
_FOOT = 9.0
_CONTENTS, _FILES, _CLOSING = "contents", "files", "closing"


def render_archive(file: ArchiveFile, *, watermark: str) -> RenderedPdf:
    """The archive as PDF/A-2b. The same archive gives the same bytes.

    Raises:
        RefusedError: a scan is no picture, or a character is in no font.
    """
    pictures = {
        scan.sha256: read_picture(scan.data, name=scan.caption)
        for part in file.sections
        for scan in part.scans
        if scan.data
    }
    _, anchors, total = _lay_out(file, pictures, anchors={}, total=0)
    document, _, _ = _lay_out(file, pictures, anchors=anchors, total=total)
    mark_pages(document.pages, watermark)
    return document.render()


Anchors = Mapping[str, int]


def _lay_out(
    file: ArchiveFile, pictures: Mapping[str, Picture], *, anchors: Anchors, total: int
) -> tuple[PdfDocument, Anchors, int]:
    document = PdfDocument(title=f"{file.cover.title} {file.cover.subject}", created=file.dated)
    flow = Flow(document, RECORD_FRAME)
    flow.add(_cover(file, total))
    flow.add([NewPage(), Anchor(_CONTENTS), *_contents(file, anchors)])
    for number, section in enumerate(file.sections, start=1):
        flow.add([NewPage(), Anchor(f"s{number}"), *_section(section, number, pictures)])
    flow.add([NewPage(), Anchor(_FILES), *_files(file.files)])
    flow.add([NewPage(), Anchor(_CLOSING), *_closing(file, total)])
    flow.furnish(partial(_furniture, file))
    _add_marks(document, file)
    return document, flow.anchors, len(document.pages)


def _furniture(file: ArchiveFile, page: Page, at: int, total: int) -> None:
    """A frame around the cover; below the other pages whose file it is, and page n of m."""
    frame = RECORD_FRAME
    if at == 1:
        for inset, line in ((0.0, 1.2), (3.0, 0.4)):
            left, top = frame.left - 16 + inset, frame.top - 16 + inset
            wide, high = frame.width + 32 - 2 * inset, frame.height + 32 - 2 * inset
            page.box(left, top, width=wide, height=high, line=line)
        return
    base = frame.bottom + 6 * MM + EM_ASCENT * _FOOT
    edge = frame.bottom + 4 * MM
    page.line((frame.left, edge), (frame.left + frame.width, edge), width=0.4, grey=LINE_GREY)
    page.text(frame.left, base, glyphs_of(file.footer, Face.TABLE, field="页脚"), size=_FOOT, grey=GREY)
    number = glyphs_of(f"第 {at} 页　共 {total} 页", Face.TABLE, field="页码")
    x = frame.left + frame.width - text_width(number, _FOOT)
    page.text(x, base, number, size=_FOOT, grey=GREY)


def _cover(file: ArchiveFile, total: int) -> list[Block]:
    scans = sum(len(section.scans) for section in file.sections)
    counts = Field("本卷", f"{len(file.sections)} 件，{total} 页，其中照片和扫描件 {scans} 张", wide=True)
    return [
        # Nothing falls away at the top of the first page but air: an empty line holds the room open.
        Paragraph((Span(" "),), Style(12, 110, align=Align.LEFT)),
        Paragraph((Span(file.cover.title, Face.TITLE, "卷名"),), _COVER_TITLE),
        Paragraph((Span("一 户 一 档", Face.KAI),), _COVER_LINE),
        Air(60),
        Paragraph((Span(file.cover.subject, Face.HEADING, "户主姓名"),), replace(_COVER_LINE, size=20, pitch=40)),
        Air(60),
        form_table((*file.cover.fields, counts)),
        Air(70),
        Paragraph((Span(file.cover.unit, field="立档单位"),), _COVER_LINE),
        Paragraph((Span(chinese_date(file.dated)),), _COVER_LINE),
    ]


def _contents(file: ArchiveFile, anchors: Anchors) -> list[Block]:
    columns = (
        Column("序号", 0.9),
        Column("材料名称", 5.2, Align.LEFT),
        Column("日期", 2.7),
        Column("页号", 1.0),
        Column("备注", 2.3, Align.LEFT),
    )
    rows = [
        _entry(number, section.title, anchors, key=f"s{number}", dated=_day(section), remark=_remark(section))
        for number, section in enumerate(file.sections, start=1)
    ]
    count = len(rows)
    rows.append(_entry(count + 1, "文件清单和校验码", anchors, key=_FILES))
    rows.append(_entry(count + 2, "卷内备考表", anchors, key=_CLOSING))
    return [Paragraph((Span("卷 内 目 录", Face.TITLE),), TITLE), Air(8), Table(columns, tuple(rows), TEXT)]


def _entry(number: int, title: str, anchors: Anchors, *, key: str, dated: str = "", remark: str = "") -> Row:
    page = str(anchors.get(key, ""))
    cells = (Cell(str(number)), Cell(title), Cell(dated), Cell(page), Cell(remark))
    return Row(cells, least=28, goal=key)


def _day(section: Section) -> str:
    return chinese_date(section.dated) if section.dated else ""


def _remark(section: Section) -> str:
    scans = f"附件 {len(section.scans)} 张" if section.scans else ""
    return "；".join(part for part in (section.remark, scans) if part)


def _section(section: Section, number: int, pictures: Mapping[str, Picture]) -> list[Block]:
    dated = f"　{chinese_date(section.dated)}" if section.dated else ""
    blocks: list[Block] = [
        Paragraph((Span(section.title, Face.TITLE, "材料名称"),), TITLE, keep_with_next=True),
        Paragraph((Span(f"第 {number} 件{dated}", Face.KAI),), replace(TEXT, align=Align.CENTRE), keep_with_next=True),
        Air(6),
        *content_blocks(section.content),
    ]
    # Two photos taken across share a page; a scanned sheet has one to itself.
    for place, scan in enumerate(section.scans, start=1):
        caption = f"{number}-{place}　{scan.caption}　校验码 {scan.sha256[:16]}…"
        if not scan.data:
            blocks += [Air(12), Paragraph((Span(f"{caption}\n（这张照片上有号码，没有显示）"),), SMALL)]
            continue
        picture = pictures[scan.sha256]
        wide = picture.shown_size[0] >= picture.shown_size[1]
        highest = (RECORD_FRAME.height - 12) / 2 if wide else RECORD_FRAME.height
        blocks += [Air(12), PictureBlock(picture, caption, SMALL, highest=highest)]
    return blocks


def _files(files: Sequence[ListedFile]) -> list[Block]:
    note = "下列文件与本卷一起保存。校验码是文件内容的 SHA-256：内容改动一个字，校验码就不同。"
    columns = (
        Column("序号", 0.7),
        Column("文件", 2.8, Align.LEFT),
        Column("属于", 2.4, Align.LEFT),
        Column("大小", 1.2, Align.RIGHT),
        Column("校验码（SHA-256）", 4.2, Align.LEFT),
    )
    rows = tuple(
        Row(
            (
                Cell(str(number)),
                Cell(listed.name),
                Cell(listed.belongs_to),
                Cell(_size(listed.size)),
                Cell(f"{listed.sha256[:32]}\n{listed.sha256[32:]}", face=Face.TABLE),
            )
        )
        for number, listed in enumerate(files, start=1)
    )
    blocks: list[Block] = [Paragraph((Span("文件清单和校验码", Face.TITLE),), TITLE), Air(6)]
    if not rows:
        return [*blocks, Paragraph((Span("这一卷没有照片和扫描件。"),), TEXT)]
    return [*blocks, Paragraph((Span(note),), replace(SMALL, indent=2)), Air(6), Table(columns, rows, _HASH)]


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, size // 1000)} KB"


def _closing(file: ArchiveFile, total: int) -> list[Block]:
    scans = sum(len(section.scans) for section in file.sections)
    fields = (
        Field("件数", f"{len(file.sections)} 件"),
        Field("页数", f"{total} 页"),
        Field("附件", f"照片、扫描件 {scans} 张"),
        Field("立卷时间", chinese_date(file.closing.made_on)),
        Field("立卷人", file.closing.made_by),
        Field("检查人", ""),
    )
    remarks = file.closing.remarks or ("本卷材料齐全。",)
    style = Style(12, 22, indent=2)
    return [
        Paragraph((Span("卷 内 备 考 表", Face.TITLE),), TITLE),
        Air(8),
        form_table(fields),
        Air(10),
        heading("本卷情况说明"),
        *(Paragraph((Span(remark, field="情况说明"),), style) for remark in remarks),
        Air(10),
        heading("以后的缺损、修改、补充和移出"),
        Table(
            (Column("日期", 2), Column("情况", 6), Column("经手人", 2)),
            (Row((Cell(), Cell(), Cell()), least=30),) * 6,
            TEXT,
        ),
    ]


def _add_marks(document: PdfDocument, file: ArchiveFile) -> None:
    """Bookmarks at the reader's side."""
    marks = [(f"s{n}", f"{n} {section.title}") for n, section in enumerate(file.sections, start=1)]
    for key, title in ((_CONTENTS, "卷内目录"), *marks, (_FILES, "文件清单和校验码"), (_CLOSING, "卷内备考表")):
        document.add_bookmark(title, key)
