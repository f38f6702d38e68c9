"""A voucher as it looks on paper: 摘要, 总账科目, 明细科目, digits in their columns, 合计 in capitals, signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.ledger.rows import PostingLine
from desktop_app.widgets.look import colour, px, text_font
from village_core.domain.ledger.voucher import spoken_number, with_printed_number
from village_core.domain.money import capital_yuan, format_yuan

_PLACES = "亿千百十万千百十元角分"
_LEAST_LINES = 5
_SHARES = (30, 15, 17)
_MONEY_SHARE = 19
_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class PaperVoucher:
    """What stands on the paper. `number_text` may be empty (not posted yet); `mark` is stamped across it."""

    organisation: str
    voucher_date: date | None
    number_text: str
    lines: tuple[PostingLine, ...]
    paper_count: int = 0
    prepared_by: str = ""
    reviewed_by: str = ""
    mark: str = ""
    printed_number: str = ""

    @property
    def debit_fen(self) -> int:
        return sum(line.debit_fen for line in self.lines)

    @property
    def credit_fen(self) -> int:
        return sum(line.credit_fen for line in self.lines)

    def words(self) -> str:
        """All of it in one sentence, for the screen reader."""
        lines = "；".join(
            f"{line.summary} {line.root_name} {line.detail_name} "
            + (f"借 {format_yuan(line.debit_fen)}" if line.debit_fen else f"贷 {format_yuan(line.credit_fen)}")
            for line in self.lines
        )
        return f"记账凭证 {self.number_text} {self.voucher_date or ''}：{lines}。合计 {format_yuan(self.debit_fen)} 元"


class VoucherPaper(QWidget):
    """Paints one voucher as wide as the page; its height follows its lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._voucher = PaperVoucher("", None, "", ())
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_voucher(self, voucher: PaperVoucher) -> None:
        """Show another voucher."""
        self._voucher = voucher
        self.setAccessibleName(voucher.words())
        self.updateGeometry()
        self._fit()
        self.update()

    @property
    def voucher(self) -> PaperVoucher:
        """What is shown."""
        return self._voucher

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return int(_Sheet(self._voucher, width).height) + 1

    def sizeHint(self) -> QSize:
        return QSize(px(900), self.heightForWidth(max(self.width(), px(700))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _Sheet(self._voucher, self.width()).paint(painter)
        painter.end()

    def _fit(self) -> None:
        height = self.heightForWidth(self.width())
        if self.minimumHeight() != height:
            self.setMinimumHeight(height)


class _Sheet:
    """The measures of one voucher at one width."""

    def __init__(self, voucher: PaperVoucher, width: int) -> None:
        self.voucher = voucher
        self.font = text_font(15)
        self.margin = px(26)
        self.left = float(self.margin)
        self.width = float(max(width - 2 * self.margin - px(30), 1))
        self.top = float(px(92))
        self.row = float(px(38))
        money = max(self.width * _MONEY_SHARE / 100, float(px(13) * len(_PLACES)))
        words = self.width - 2 * money
        edges = [self.left]
        for share in _SHARES:
            edges.append(edges[-1] + words * share / sum(_SHARES))
        self.edges = [*edges, edges[-1] + money, edges[-1] + 2 * money]
        self.head_height = float(px(50))
        self.rows = [self._row_height(line) for line in voucher.lines]
        self.rows += [self.row] * max(_LEAST_LINES - len(self.rows), 0)
        self.total_row = self._text_height(self._total_words(), text_font(15, bold=True), self.edges[3] - self.left)
        self.bottom = self.top + self.head_height + sum(self.rows) + self.total_row
        self.height = self.bottom + px(62)

    def paint(self, painter: QPainter) -> None:
        paper = QRectF(1, 1, self.left * 2 + self.width + px(30) - 2, self.height - 2)
        painter.setPen(QPen(colour("line"), 1))
        painter.setBrush(colour("paper"))
        painter.drawRoundedRect(paper, px(6), px(6))
        self._paint_top(painter, paper)
        self._paint_head(painter)
        top = self.top + self.head_height
        for number, height in enumerate(self.rows):
            line = self.voucher.lines[number] if number < len(self.voucher.lines) else None
            self._paint_line(painter, line, top, height)
            top += height
        self._paint_total(painter, top)
        self._paint_frame(painter)
        self._paint_foot(painter)
        if self.voucher.mark:
            self._paint_mark(painter)

    def _paint_top(self, painter: QPainter, paper: QRectF) -> None:
        title = text_font(25, bold=True)
        title.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, px(10))
        metrics = QFontMetricsF(title)
        painter.setPen(colour("accent_hover"))
        painter.setFont(title)
        box = QRectF(paper.left(), px(14), paper.width(), metrics.height())
        painter.drawText(box, _CENTRE, "记账凭证")
        half = metrics.horizontalAdvance("记账凭证") / 2 + px(10)
        for below in (3, 7):
            y = box.bottom() + px(below)
            _line(painter, paper.center().x() - half, y, paper.center().x() + half, y)
        painter.setFont(self.font)
        painter.setPen(colour("text"))
        line = QRectF(self.left, self.top - px(32), self.width, px(28))
        day = self.voucher.voucher_date
        painter.drawText(line, _CENTRE, f"{day.year} 年 {day.month} 月 {day.day} 日" if day else "日期还没有填")
        number = with_printed_number(spoken_number(self.voucher.number_text), self.voucher.printed_number)
        painter.drawText(line, _RIGHT, number or "（记账时编号）")
        room = QRectF(self.left, line.top(), self.width * 0.38, line.height())
        name = QFontMetricsF(self.font).elidedText(self.voucher.organisation, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_head(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("accent_tint"))
        painter.drawRect(QRectF(self.left, self.top, self.width, self.head_height))
        painter.setPen(colour("text"))
        painter.setFont(text_font(15, bold=True))
        for number, title in enumerate(("摘要", "总账科目", "明细科目")):
            painter.drawText(self._cell(number, self.top, self.head_height), _CENTRE, title)
        for number, title in ((3, "借方金额"), (4, "贷方金额")):
            cell = self._cell(number, self.top, self.head_height)
            painter.setFont(text_font(14, bold=True))
            painter.drawText(QRectF(cell.left(), cell.top(), cell.width(), cell.height() / 2), _CENTRE, title)
            painter.setFont(text_font(11))
            for place, digit in zip(
                self._places(number, self.top + self.head_height / 2, self.head_height / 2), _PLACES, strict=True
            ):
                painter.drawText(place, _CENTRE, digit)

    def _paint_line(self, painter: QPainter, line: PostingLine | None, top: float, height: float) -> None:
        if line is None:
            return
        painter.setFont(self.font)
        painter.setPen(colour("text"))
        for number, text in enumerate((line.summary, line.root_name, line.detail_name)):
            painter.drawText(self._cell(number, top, height).adjusted(px(8), 0, -px(6), 0), int(_LEFT), text)
        self._paint_amount(painter, 3, line.debit_fen, top=top, height=height)
        self._paint_amount(painter, 4, line.credit_fen, top=top, height=height)

    def _paint_amount(
        self, painter: QPainter, column: int, fen: int, *, top: float, height: float, sign: str = ""
    ) -> None:
        if not fen:
            return
        painter.setPen(colour("bad" if fen < 0 else "text"))
        digits = f"{sign}{abs(fen):03d}"
        if len(digits) > len(_PLACES):
            painter.setFont(text_font(13))
            painter.drawText(self._cell(column, top, height).adjusted(0, 0, -px(4), 0), _RIGHT, format_yuan(fen))
            return
        painter.setFont(text_font(15))
        for place, digit in zip(self._places(column, top, height)[-len(digits) :], digits, strict=True):
            painter.drawText(place, _CENTRE, digit)

    def _paint_total(self, painter: QPainter, top: float) -> None:
        painter.setFont(text_font(15, bold=True))
        painter.setPen(colour("text"))
        room = QRectF(self.left, top, self.edges[3] - self.left, self.total_row).adjusted(px(8), 0, -px(6), 0)
        painter.drawText(room, int(_LEFT), self._total_words())
        self._paint_amount(painter, 3, self.voucher.debit_fen, top=top, height=self.total_row, sign="¥")
        self._paint_amount(painter, 4, self.voucher.credit_fen, top=top, height=self.total_row, sign="¥")

    def _total_words(self) -> str:
        debit, credit = self.voucher.debit_fen, self.voucher.credit_fen
        if debit != credit:
            return "合计（大写）　借贷还不平"
        return f"合计（大写）　{capital_yuan(debit)}" if debit else "合计（大写）"

    def _paint_frame(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        thin, thick = QPen(colour("border"), 1), QPen(colour("text_second"), 1.4)
        painter.setPen(thin)
        body = self.top + self.head_height
        for column in (3, 4):
            for place in self._places(column, body, 1)[1:]:
                strong = _PLACES[round((place.left() - self.edges[column]) / place.width())] in "元百千"
                painter.setPen(QPen(colour("line" if not strong else "border"), 1))
                _line(painter, place.left(), self.top + self.head_height / 2, place.left(), self.bottom)
            painter.setPen(thin)
            _line(
                painter,
                self.edges[column],
                self.top + self.head_height / 2,
                self.edges[column + 1],
                self.top + self.head_height / 2,
            )
        painter.setPen(thick)
        y = body
        for height in (*self.rows, self.total_row):
            _line(painter, self.left, y, self.left + self.width, y)
            y += height
        for number in range(1, 5):
            end = self.bottom if number >= 3 else self.bottom - self.total_row
            _line(painter, self.edges[number], self.top, self.edges[number], end)
        painter.setPen(QPen(colour("text_second"), 2))
        painter.drawRect(QRectF(self.left, self.top, self.width, self.bottom - self.top))

    def _paint_foot(self, painter: QPainter) -> None:
        painter.setFont(self.font)
        painter.setPen(colour("text"))
        aside = QRectF(self.left + self.width + px(6), self.top, px(30), self.bottom - self.top)
        words = "\n".join(("附", "单", "据", str(self.voucher.paper_count), "张"))
        painter.drawText(aside, int(_CENTRE), words)
        line = QRectF(self.left, self.bottom + px(14), self.width, px(28))
        names = (
            ("会计主管", ""),
            ("记账", self.voucher.reviewed_by or (self.voucher.prepared_by if self.voucher.number_text else "")),
            ("审核", self.voucher.reviewed_by),
            ("出纳", ""),
            ("制单", self.voucher.prepared_by),
        )
        for number, (title, name) in enumerate(names):
            box = QRectF(line.left() + line.width() * number / 5, line.top(), line.width() / 5, line.height())
            painter.drawText(box, int(_LEFT), f"{title}：{name}")

    def _paint_mark(self, painter: QPainter) -> None:
        painter.save()
        painter.translate((self.edges[0] + self.edges[3]) / 2, self.bottom - self.total_row - self.row)
        painter.rotate(-14)
        painter.setOpacity(0.5)
        font = text_font(34, bold=True)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        width, height = metrics.horizontalAdvance(self.voucher.mark) + px(40), metrics.height() + px(10)
        box = QRectF(-width / 2, -height / 2, width, height)
        painter.setPen(QPen(colour("bad"), px(4)))
        painter.drawRoundedRect(box, px(8), px(8))
        painter.drawText(box, _CENTRE, self.voucher.mark)
        painter.restore()

    def _cell(self, column: int, top: float, height: float) -> QRectF:
        return QRectF(self.edges[column], top, self.edges[column + 1] - self.edges[column], height)

    def _places(self, column: int, top: float, height: float) -> list[QRectF]:
        step = (self.edges[column + 1] - self.edges[column]) / len(_PLACES)
        return [QRectF(self.edges[column] + step * place, top, step, height) for place in range(len(_PLACES))]

    def _row_height(self, line: PostingLine) -> float:
        texts = (line.summary, line.root_name, line.detail_name)
        return max(
            self._text_height(text, self.font, self.edges[number + 1] - self.edges[number])
            for number, text in enumerate(texts)
        )

    def _text_height(self, text: str, font: QFont, width: float) -> float:
        room = QRectF(0, 0, width - px(14), 10_000)
        return max(self.row, QFontMetricsF(font).boundingRect(room, int(_LEFT), text).height() + px(12))


def _line(painter: QPainter, x1: float, y1: float, x2: float, y2: float) -> None:
    painter.drawLine(QLineF(x1, y1, x2, y2))
