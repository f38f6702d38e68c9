"""The cards of a household's page: facts, income, photos, history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.households.history import HistoryLine
from desktop_app.households.photos import PhotoRow
from desktop_app.households.queries import FullNumbers, HouseholdDetail
from desktop_app.storage.pictures import PICTURE_ENDINGS
from desktop_app.widgets.bars import BarRow, Bars
from desktop_app.widgets.card import Card, FactList
from desktop_app.widgets.file_drop import FileDrop
from desktop_app.widgets.flow_layout import FlowLayout
from desktop_app.widgets.labels import hint, paragraph, phrase
from desktop_app.widgets.look import px
from desktop_app.widgets.pictures import read_small
from village_core.domain.households.checks import per_capita_of
from village_core.domain.households.fields import HOUSEHOLD_FIELD
from village_core.domain.households.history import shown_value
from village_core.domain.masking import mask_text
from village_core.domain.money import format_yuan

_THUMB = QSize(132, 99)
_MOST_LINES = 12


class FactsCard(Card):
    """户情 as on the paper 户卡, in two columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("户情", parent=parent)
        self._left, self._right = FactList(name_width=84), FactList(name_width=84)
        columns = QHBoxLayout()
        columns.setSpacing(px(24))
        columns.addWidget(self._left, 1, Qt.AlignmentFlag.AlignTop)
        columns.addWidget(self._right, 1, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(columns)

    def show_household(self, detail: HouseholdDetail, full: FullNumbers | None) -> None:
        """Numbers are masked unless `full` holds them."""
        values = detail.values

        def fact(name: str, label: str = "") -> tuple[str, str]:
            field = HOUSEHOLD_FIELD[name]
            return label or field.label, shown_value(field, values.get(name)).strip("“”")

        risks = "、".join(str(values[f"risk_{n}"]) for n in range(1, 6) if values.get(f"risk_{n}"))
        self._left.set_facts(
            [
                fact("number"),
                fact("group_name", "组"),
                ("地址", "".join(str(values.get(name) or "") for name in ("county", "township", "village_name"))),
                ("电话", (full.phone if full else detail.masked_phone) or ""),
                fact("bank_name"),
                ("银行账号", (full.bank_account if full else detail.masked_account) or ""),
                fact("helper_name"),
            ]
        )
        watched = [
            fact("kind"),
            ("监测", _watch_words(detail)),
            ("风险", risks or ("没有" if values.get("kind") == "一般农户" else "")),
            ("低保、特困", _support_words(detail)),
            fact("unsafe_house"),
            fact("safe_water", "安全饮水"),
        ]
        if values.get("note"):
            watched.append(("备注", str(values["note"]) if full else mask_text(str(values["note"]))))
        watched += [(name, value if full else mask_text(value)) for name, value in detail.extras]
        self._right.set_facts(watched)


class IncomeCard(Card):
    """The year's income in bars, and what it makes a head."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("收入", parent=parent)
        self._sentence = paragraph("")
        self._bars = Bars()
        self._doubt = paragraph("", tone="soon")
        self.body.addWidget(self._sentence)
        self.body.addWidget(self._bars)
        self.body.addWidget(self._doubt)

    def show_household(self, detail: HouseholdDetail) -> None:
        """Bars for what is known; a doubt when the figures do not go together."""
        values = detail.values
        per_capita = values.get("per_capita_fen")
        names = (
            ("wage_fen", "工资", "accent"),
            ("business_fen", "生产经营", "accent"),
            ("property_fen", "财产", "accent"),
            ("transfer_fen", "转移", "accent_mid"),
            ("business_cost_fen", "经营支出", "quiet"),
        )
        rows = []
        for name, label, tone in names:
            amount = values.get(name)
            if isinstance(amount, int):
                rows.append(BarRow(label, amount, format_yuan(amount), tone))
        self._bars.set_rows(rows)
        self._bars.setVisible(bool(rows))
        if isinstance(per_capita, int):
            self._sentence.setText(f"人均纯收入 {format_yuan(per_capita)} 元")
        else:
            self._sentence.setText("收入还没有填。")
        size = values.get("declared_size")
        reckoned = per_capita_of(values, size if isinstance(size, int) and size else len(detail.members))
        differs = reckoned is not None and isinstance(per_capita, int) and abs(reckoned - per_capita) > 100
        self._doubt.setText(f"按各项收入算是 {format_yuan(reckoned or 0)} 元，请核对。" if differs else "")
        self._doubt.setVisible(differs)


class PhotosCard(Card):
    """Small pictures; a click shows one large. New ones are dropped or chosen."""

    def __init__(
        self,
        on_chosen: Callable[[list[Path]], None],
        on_opened: Callable[[PhotoRow], None],
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("照片", parent=parent)
        self._on_opened = on_opened
        box = QWidget(self)
        self._flow = FlowLayout(box, gap=px(8))
        self._box = box
        self.drop = FileDrop(
            "把房屋、户口簿的照片拖到这里", endings=PICTURE_ENDINGS, kind="照片", several=True, button_text="选照片"
        )
        self.drop.chosen.connect(on_chosen)
        self.body.addWidget(box)
        self.body.addWidget(self.drop)

    def show_photos(self, photos: list[tuple[PhotoRow, QImage]]) -> None:
        """A null image means that the content is not on this laptop."""
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for photo, image in photos:
            thumb = _Thumb(photo, image, self._on_opened, self._box)
            self._flow.addWidget(thumb)
            thumb.show()
        self._box.setVisible(bool(photos))
        self._box.updateGeometry()


class HistoryCard(Card):
    """What happened to the household, newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("经过", parent=parent)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(px(8))
        self._more = hint("", self)
        self.body.addLayout(self._lines)
        self.body.addWidget(self._more)

    def show_mark(self, words: str) -> None:
        """How far the newest change has come on its way to the county; nothing when that is not known."""
        self.set_title("经过", side=f"最近的改动：{words}" if words else "")

    def show_lines(self, lines: list[HistoryLine]) -> None:
        """At most a dozen; the rest are counted."""
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for line in lines[:_MOST_LINES]:
            self._lines.addWidget(self._line(line))
        hidden = len(lines) - _MOST_LINES
        self._more.setText(f"更早还有 {hidden} 条。" if hidden > 0 else "")
        self._more.setVisible(hidden > 0)

    def _line(self, line: HistoryLine) -> QWidget:
        box = QWidget(self)
        layout = QHBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        when = phrase(f"{line.at.year}年{line.at.month}月{line.at.day}日 {line.at:%H:%M}", box, tone="second")
        when.setMinimumWidth(px(150))
        reason = f"（{line.reason}）" if line.reason else ""
        layout.addWidget(when, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(paragraph(f"{line.who}：{line.sentence}{reason}", box), 1)
        return box


class _Thumb(QLabel):
    """One small picture with its name below when the pointer rests on it."""

    def __init__(self, photo: PhotoRow, image: QImage, on_opened: Callable[[PhotoRow], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._photo = photo
        self._on_opened = on_opened
        size = QSize(px(_THUMB.width()), px(_THUMB.height()))
        self.setFixedSize(size)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setObjectName("thumb")
        self.setToolTip(photo.title)
        self.setAccessibleName(f"照片 {photo.title}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if image.isNull():
            self.setText("不在这台电脑上\n或有损坏")
        else:
            keep = Qt.AspectRatioMode.KeepAspectRatio
            self.setPixmap(QPixmap.fromImage(image.scaled(size, keep, Qt.TransformationMode.SmoothTransformation)))

    def mousePressEvent(self, event: object) -> None:
        del event
        self._on_opened(self._photo)

    def keyPressEvent(self, event: object) -> None:
        key = event.key() if hasattr(event, "key") else None
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._on_opened(self._photo)


def read_thumbnail(content: bytes) -> QImage:
    """A small upright picture of a photo; made outside the main thread."""
    return read_small(content, QSize(480, 360))


def _watch_words(detail: HouseholdDetail) -> str:
    values = detail.values
    kind = values.get("monitor_kind")
    since = shown_value(HOUSEHOLD_FIELD["identified_on"], values.get("identified_on"))
    cleared = values.get("risk_cleared")
    parts = [str(kind) if kind else "", f"{since}识别" if since else ""]
    parts.append({True: "风险已消除", False: "风险没有消除"}.get(bool(cleared), "") if cleared is not None else "")
    return "，".join(part for part in parts if part) or ("不在监测" if values.get("kind") else "")


def _support_words(detail: HouseholdDetail) -> str:
    values = detail.values
    if values.get("subsistence_allowance") is None and values.get("extreme_hardship_support") is None:
        return ""
    has = [
        word
        for name, word in (("subsistence_allowance", "享受低保"), ("extreme_hardship_support", "特困供养"))
        if values.get(name)
    ]
    return "、".join(has) or "都没有"
