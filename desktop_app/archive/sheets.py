"""Turns the parts of an archive's section into blocks for paper."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from desktop_app.archive.print_model import (
    Content,
    Field,
    Form,
    Listing,
    Passage,
    Reasons,
    Signatures,
    Votes,
    VoucherSheet,
)
from desktop_app.pdf_kit.blocks import Air, Align, Block, Paragraph, TextStyle
from desktop_app.pdf_kit.faces import Face
from desktop_app.pdf_kit.tables import Cell, Column, Row, Table
from desktop_app.pdf_kit.textlines import Span
from village_core.domain.calendar import chinese_date
from village_core.domain.money import capital_yuan, format_yuan

TEXT = TextStyle(12, 19)
SMALL = TextStyle(10.5, 16)
TITLE = TextStyle(18, 30, align=Align.CENTRE, hang=False)
_ROW = 28.0
_SIGNING_ROW = 46.0
_LEAST_VOUCHER_ROWS = 5
_FORM = (Column("", 1.25), Column("", 2.75, Align.LEFT), Column("", 1.25), Column("", 2.75, Align.LEFT))


def content_blocks(content: Iterable[Content]) -> list[Block]:
    """The blocks of a section, parted by a little air."""
    blocks: list[Block] = []
    for part in content:
        made = _blocks(part)
        if blocks and made:
            blocks.append(Air(12))
        blocks += made
    return blocks


def heading(text: str) -> Paragraph:
    """A small heading that stays with what follows."""
    return Paragraph((Span(text, Face.HEADING, "标题"),), TEXT, keep_with_next=True)


@singledispatch
def _blocks(part: Content) -> list[Block]:
    raise TypeError(f"no sheet for a {type(part).__name__}")


@_blocks.register
def _(part: Form) -> list[Block]:
    return [form_table(part.fields)]


@_blocks.register
def _(part: Passage) -> list[Block]:
    text = Paragraph((Span(part.text or "（没有填写）", field=part.heading),), TextStyle(12, 20, indent=2))
    return [heading(part.heading), text]


@_blocks.register
def _(part: Listing) -> list[Block]:
    columns = tuple(Column(title, share, Align.LEFT) for title, share in zip(part.columns, part.shares, strict=True))
    rows = tuple(Row(tuple(Cell(text) for text in row)) for row in part.rows)
    return [heading(part.heading), Table(columns, rows, SMALL)]


@_blocks.register
def _(part: Votes) -> list[Block]:
    names = ("应到", "实到", "同意", "反对", "弃权", "回避")
    counts = (part.eligible, part.present, part.votes_for, part.votes_against, part.abstained, part.recused)
    columns = tuple(Column(name) for name in names)
    rows = (
        Row(tuple(Cell(f"{count}人" if place < 2 else f"{count}") for place, count in enumerate(counts)), least=_ROW),
        Row((Cell("表决规定", label=True), Cell(part.rule, span=5, align=Align.LEFT)), least=_ROW),
        Row((Cell("结果", label=True), Cell(part.verdict, span=5, align=Align.LEFT, face=Face.HEADING)), least=_ROW),
    )
    return [heading("到会和表决"), Table(columns, rows, TEXT)]


@_blocks.register
def _(part: Reasons) -> list[Block]:
    columns = (Column("条款", 2.2, Align.LEFT), Column("条文", 3.4, Align.LEFT), Column("写明的理由", 3.6, Align.LEFT))
    rows = tuple(Row((Cell(row.rule), Cell(row.clause), Cell(row.reason))) for row in part.rows)
    return [heading("按“一般”“原则上”的条款写明的理由"), Table(columns, rows, SMALL)]


@_blocks.register
def _(part: Signatures) -> list[Block]:
    """Two places to sign beside each other; a name that is known is printed small, the line is for the hand."""
    cells = [(Cell(who, label=True), Cell(name, face=Face.KAI)) for who, name in part.lines]
    rows = []
    for start in range(0, len(cells), 2):
        pair = cells[start : start + 2]
        if len(pair) == 1:
            rows.append(Row((pair[0][0], Cell(pair[0][1].text, span=3, face=Face.KAI)), least=_SIGNING_ROW))
        else:
            rows.append(Row((*pair[0], *pair[1]), least=_SIGNING_ROW))
    return [heading("签字"), Table(_FORM, tuple(rows), TEXT, headed=False)]


@_blocks.register
def _(part: VoucherSheet) -> list[Block]:
    """A 记账凭证: lines, total in capitals, and who did what."""
    head = (Column("", 5, Align.LEFT), Column("", 2.5), Column("", 2.5, Align.RIGHT))
    rows = [
        Row(
            (
                Cell(line.summary, align=Align.LEFT),
                Cell(line.account, align=Align.LEFT),
                Cell(line.sub_account, align=Align.LEFT),
                Cell(format_yuan(line.debit_fen) if line.debit_fen else ""),
                Cell(format_yuan(line.credit_fen) if line.credit_fen else ""),
                Cell("√", field="记账"),
            ),
            least=_ROW,
        )
        for line in part.lines
    ]
    rows += [Row(tuple(Cell() for _ in range(6)), least=_ROW)] * max(0, _LEAST_VOUCHER_ROWS - len(rows))
    debit = sum(line.debit_fen for line in part.lines)
    credit = sum(line.credit_fen for line in part.lines)
    total = Row(
        (
            Cell("合计（大写）", label=True),
            Cell(capital_yuan(debit), span=2, align=Align.LEFT),
            Cell(format_yuan(debit)),
            Cell(format_yuan(credit)),
            Cell(),
        ),
        least=_ROW,
    )
    columns = (
        Column("摘要", 2.8, Align.LEFT),
        Column("总账科目", 1.7, Align.LEFT),
        Column("明细科目", 2.0, Align.LEFT),
        Column("借方金额", 1.7, Align.RIGHT),
        Column("贷方金额", 1.7, Align.RIGHT),
        Column("记账", 0.8),
    )
    booked = part.reviewed_by or part.prepared_by
    signers = (("会计主管", ""), ("记账", booked), ("审核", part.reviewed_by), ("出纳", ""), ("制单", part.prepared_by))
    receipt = f"　银行回单：{part.bank_receipt}" if part.bank_receipt else ""
    return [
        Paragraph((Span("记 账 凭 证", Face.TITLE),), TITLE, keep_with_next=True),
        _plain_row((f"单位：{part.unit}", chinese_date(part.voucher_date), part.number_text), head),
        Table(columns, (*rows, total), SMALL),
        _plain_row((f"附单据 {part.paper_count} 张{receipt}",), (Column("", align=Align.LEFT),)),
        _plain_row(tuple(f"{who}：{name}" for who, name in signers), (Column("", align=Align.LEFT),) * len(signers)),
    ]


def _plain_row(texts: tuple[str, ...], columns: tuple[Column, ...]) -> Table:
    """Texts beside each other without lines, as above and below a voucher."""
    row = Row(tuple(Cell(text, field="凭证") for text in texts), keep=True)
    return Table(columns, (row,), SMALL, headed=False, ruled=False)


def form_table(fields: Iterable[Field]) -> Table:
    """Fields as a ruled form: two narrow ones a row, a wide one alone."""
    rows: list[Row] = []
    waiting: Field | None = None
    for field in fields:
        if field.wide or waiting is None:
            if waiting is not None:
                rows.append(_single(waiting))
            waiting = None if field.wide else field
            if field.wide:
                rows.append(_single(field))
            continue
        rows.append(Row((*_pair(waiting, 1), *_pair(field, 1)), least=_ROW))
        waiting = None
    if waiting is not None:
        rows.append(_single(waiting))
    return Table(_FORM, tuple(rows), TEXT, headed=False)


def _single(field: Field) -> Row:
    return Row(_pair(field, 3), least=_ROW)


def _pair(field: Field, span: int) -> tuple[Cell, Cell]:
    return Cell(field.label, label=True, field=field.label), Cell(
        field.value, span=span, align=Align.LEFT, field=field.label
    )
