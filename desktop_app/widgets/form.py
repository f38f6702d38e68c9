"""A form like the paper: groups with headings, label above the field, unit behind it, hint or mistake under it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop_app.widgets.editor import Editor
from desktop_app.widgets.labels import heading, hint, phrase
from desktop_app.widgets.look import px

_COLUMNS = 2


class Field(QWidget):
    """One editor with its label, unit, hint and mistake."""

    def __init__(
        self, label: str, editor: Editor, *, hint_text: str = "", unit: str = "", required: bool = False
    ) -> None:
        super().__init__()
        self.editor = editor
        self.label_text = label
        self.required = required
        self._hint_text = hint_text
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(4))
        top = QHBoxLayout()
        self.label = QLabel(label, self)
        self.label.setBuddy(editor.input_widget())
        top.addWidget(self.label)
        if required:
            top.addWidget(phrase("必填", self, tone="second"))
        top.addStretch(1)
        self._top = QWidget(self)
        self._top.setLayout(top)
        top.setContentsMargins(0, 0, 0, 0)
        self._top.setVisible(bool(label))
        layout.addWidget(self._top)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(px(8))
        line.addWidget(editor, 1)
        if unit:
            behind = phrase(unit, self)
            behind.setFixedHeight(px(36))
            line.addWidget(behind, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(line)
        self.note = hint(hint_text, self)
        layout.addWidget(self.note)
        layout.addStretch(1)
        self.set_mistake("")

    def set_mistake(self, message: str) -> None:
        """Show what is wrong in place of the hint; an empty text brings the hint back."""
        self.editor.set_mistake(bool(message))
        self.note.setProperty("role", "mistake" if message else "hint")
        self.note.setText(f"✕ {message}" if message else self._hint_text)
        self.note.setVisible(bool(message or self._hint_text))
        self.note.style().unpolish(self.note)
        self.note.style().polish(self.note)

    @property
    def mistake(self) -> str:
        """The mistake now shown."""
        return self.note.text().removeprefix("✕ ") if self.note.property("role") == "mistake" else ""

    def set_hint(self, text: str) -> None:
        """Change the hint under the field."""
        self._hint_text = text
        if not self.mistake:
            self.set_mistake("")

    def problem(self) -> str:
        """What is wrong with the field as typed, by itself."""
        if self.editor.is_empty():
            verb = "请" if self.label_text.startswith("再填") else "请填"
            return f"{verb}{self.label_text}。" if self.required else ""
        return self.editor.problem()


class FormSheet(QWidget):
    """The fields of a form by name, in two columns. Enter goes to the next field."""

    changed = Signal()
    """The person typed or chose something."""
    finished = Signal()
    """Enter in the last field."""

    def __init__(self, parent: QWidget | None = None, *, columns: int = _COLUMNS) -> None:
        super().__init__(parent)
        self._columns = columns
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(px(24))
        self._grid.setVerticalSpacing(px(14))
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
        self._row = 0
        self._column = 0
        self.fields: dict[str, Field] = {}

    def add_heading(self, text: str) -> QLabel:
        """Begin a group."""
        label = heading(text, self)
        self.add_widget(label)
        return label

    def add_widget(self, widget: QWidget) -> None:
        """Put any widget over the full width."""
        self._new_row()
        self._grid.addWidget(widget, self._row, 0, 1, self._columns)
        self._row += 1

    def add(
        self,
        name: str,
        editor: Editor,
        *,
        label: str,
        hint: str = "",
        unit: str = "",
        required: bool = False,
        wide: bool = False,
    ) -> Field:
        """Add a field; `wide` takes the whole width."""
        field = Field(label, editor, hint_text=hint, unit=unit, required=required)
        if wide:
            self.add_widget(field)
        else:
            self._grid.addWidget(field, self._row, self._column)
            self._column += 1
            if self._column == self._columns:
                self._new_row()
        self.fields[name] = field
        editor.changed.connect(lambda: self._on_changed(field))
        editor.entered.connect(lambda: self._on_entered(field))
        return field

    def editor(self, name: str) -> Editor:
        """The editor of a field."""
        return self.fields[name].editor

    def values(self) -> dict[str, Any]:
        """Each field's value."""
        return {name: field.editor.value() for name, field in self.fields.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show values of some fields."""
        for name, value in values.items():
            if name in self.fields:
                self.fields[name].editor.set_value(value)

    def typed(self) -> dict[str, str]:
        """Each field's text as typed, for a draft."""
        return {name: field.editor.typed() for name, field in self.fields.items()}

    def set_typed(self, texts: Mapping[str, str]) -> None:
        """Put a draft back."""
        for name, text in texts.items():
            if name in self.fields:
                self.fields[name].editor.set_typed(text)

    def problems(self) -> dict[str, str]:
        """What is wrong with each shown field by itself: empty though required, or not to be read."""
        found = {name: field.problem() for name, field in self.fields.items() if not field.isHidden()}
        return {name: problem for name, problem in found.items() if problem}

    def mark(self, mistakes: Mapping[str, str]) -> None:
        """Show these mistakes and no others; the first wrong field gets the cursor."""
        first: Field | None = None
        for name, field in self.fields.items():
            message = mistakes.get(name, "")
            field.set_mistake(message)
            if message and first is None:
                first = field
        if first is not None:
            _put_cursor(first)

    def focus_first(self) -> None:
        """Put the cursor into the first field that can be typed in."""
        for name, field in self.fields.items():
            if _can_take_cursor(field):
                self.focus(name)
                return

    def focus(self, name: str, *, show: str = "") -> None:
        """Put the cursor into this field; in sight, once the form has its place, is that one or another (`show`)."""
        self.fields[name].editor.setFocus(Qt.FocusReason.TabFocusReason)
        seen = self.fields[show or name]
        QTimer.singleShot(0, seen, partial(_show_from_top, seen))

    def bring_into_sight(self, name: str) -> None:
        """Scroll to a field once what just appeared, itself or a box below, has its room."""
        field = self.fields[name]
        QTimer.singleShot(0, field, partial(_scroll_to, field))

    def _new_row(self) -> None:
        if self._column:
            self._row += 1
            self._column = 0

    def _on_changed(self, field: Field) -> None:
        if field.mistake:
            field.set_mistake("")
        self.changed.emit()

    def _on_entered(self, field: Field) -> None:
        fields = list(self.fields.values())
        problem = field.editor.problem()
        if problem:
            field.set_mistake(problem)
        for following in fields[fields.index(field) + 1 :]:
            if _can_take_cursor(following):
                _put_cursor(following)
                return
        self.finished.emit()


def _put_cursor(field: Field) -> None:
    """Set the cursor into a field and bring the field with its hint into sight."""
    field.editor.setFocus(Qt.FocusReason.TabFocusReason)
    _scroll_to(field)


def _scroll_to(field: Field) -> None:
    around = _scroll_area(field)
    if around is not None:
        around.ensureWidgetVisible(field, 0, px(24))


def _show_from_top(field: Field) -> None:
    """A form is read from its top; only a first field far below moves it."""
    around = _scroll_area(field)
    if around is not None:
        around.verticalScrollBar().setValue(0)
        around.ensureWidgetVisible(field.editor, 0, 0)


def _scroll_area(field: Field) -> QScrollArea | None:
    around = field.parentWidget()
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    return around


def _can_take_cursor(field: Field) -> bool:
    return not field.isHidden() and field.editor.isEnabled() and field.editor.input_widget().isEnabled()
