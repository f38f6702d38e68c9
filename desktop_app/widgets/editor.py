"""What every editor of a form can do, whatever it edits."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.widgets.look import px


class Editor(QWidget):
    """An input with a value. What was typed is kept as it is, right or wrong, until the value is asked for."""

    changed = Signal()
    """Typed or chosen by the person; never sent by `set_value`."""
    entered = Signal()
    """Enter was pressed: the form goes to the next field."""

    def value(self) -> Any:
        """The value, None when empty or wrong."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value."""
        raise NotImplementedError

    def problem(self) -> str:
        """What is wrong with the typed text and how to mend it; empty when it can be read."""
        return ""

    def typed(self) -> str:
        """The text as typed, for a draft."""
        raise NotImplementedError

    def set_typed(self, text: str) -> None:
        """Put a draft's text back."""
        raise NotImplementedError

    def is_empty(self) -> bool:
        """Whether nothing was typed or chosen."""
        return not self.typed().strip()

    def input_widget(self) -> QWidget:
        """The widget that takes the keyboard."""
        raise NotImplementedError

    def set_mistake(self, wrong: bool) -> None:
        """Red frame around the input."""
        widget = self.input_widget()
        if bool(widget.property("mistake")) == wrong:
            return
        widget.setProperty("mistake", wrong)
        widget.style().unpolish(widget)
        widget.style().polish(widget)

    def set_read_only(self, read_only: bool) -> None:
        """Show without letting it be changed."""
        self.input_widget().setEnabled(not read_only)

    def _fill(self, widget: QWidget) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(2))
        layout.addWidget(widget)
        self.setFocusProxy(widget)


class LineEditor(Editor):
    """An editor around one line of text."""

    def __init__(self, parent: QWidget | None = None, *, placeholder: str = "") -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(placeholder)
        self._fill(self.line)
        self.line.textEdited.connect(lambda _: self.changed.emit())
        self.line.returnPressed.connect(self.entered)

    def typed(self) -> str:
        return self.line.text()

    def set_typed(self, text: str) -> None:
        self.line.setText(text)

    def input_widget(self) -> QWidget:
        return self.line

    def set_read_only(self, read_only: bool) -> None:
        self.line.setReadOnly(read_only)


class TextEdit(LineEditor):
    """One line of text; the value has no blanks around it. `most` is the number of characters it takes."""

    def __init__(
        self, parent: QWidget | None = None, *, placeholder: str = "", most: int = 200, secret: bool = False
    ) -> None:
        super().__init__(parent, placeholder=placeholder)
        self.line.setMaxLength(most)
        self._secret = secret
        if secret:
            self.line.setEchoMode(QLineEdit.EchoMode.Password)

    def value(self) -> str:
        text = self.line.text()
        return text if self._secret else text.strip()

    def set_value(self, value: str | None) -> None:
        self.line.setText(value or "")

    def show_secret(self, shown: bool) -> None:
        """Let a passphrase be read, or hide it again."""
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)


class NumberEdit(LineEditor):
    """A whole number between `least` and `most`; the value is int or None."""

    def __init__(self, parent: QWidget | None = None, *, least: int = 0, most: int = 999_999_999) -> None:
        super().__init__(parent)
        self._least = least
        self._most = most

    def value(self) -> int | None:
        return None if self.problem() or self.is_empty() else int(self._plain())

    def set_value(self, value: int | None) -> None:
        self.line.setText("" if value is None else str(value))

    def problem(self) -> str:
        if self.is_empty():
            return ""
        text = self._plain()
        if not (text.isascii() and text.lstrip("-").isdigit()):
            return "这里要填整数，例如 31。"
        if not self._least <= int(text) <= self._most:
            return f"这里要填 {self._least} 到 {self._most} 之间的数。"
        return ""

    def _plain(self) -> str:
        digits = str.maketrans("０１２３４５６７８９－", "0123456789-")
        return self.line.text().translate(digits).replace(",", "").replace("，", "").strip()


class LongTextEdit(Editor):
    """Several lines. Ctrl+Enter or Tab leaves it; Enter makes a new line. More characters than `most` are told."""

    def __init__(
        self, parent: QWidget | None = None, *, lines: int = 3, placeholder: str = "", most: int | None = None
    ) -> None:
        super().__init__(parent)
        self._most = most
        self.area = QPlainTextEdit(self)
        self.area.setTabChangesFocus(True)
        self.area.setPlaceholderText(placeholder)
        self.area.setFixedHeight(px(24) * lines + px(18))
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._fill(self.area)
        self._showing = False
        self.area.textChanged.connect(self._on_text_changed)

    def value(self) -> str:
        return self.area.toPlainText().strip()

    def set_value(self, value: str | None) -> None:
        self.set_typed(value or "")

    def problem(self) -> str:
        count = len(self.value())
        too_long = self._most is not None and count > self._most
        return f"最多写 {self._most} 个字，现在有 {count} 个。" if too_long else ""

    def typed(self) -> str:
        return self.area.toPlainText()

    def set_typed(self, text: str) -> None:
        self._showing = True
        self.area.setPlainText(text)
        self._showing = False

    def input_widget(self) -> QWidget:
        return self.area

    def set_read_only(self, read_only: bool) -> None:
        self.area.setReadOnly(read_only)

    def _on_text_changed(self) -> None:
        if not self._showing:
            self.changed.emit()


class CheckEdit(Editor):
    """Yes or no, with its own words beside the box."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(words, self)
        self._fill(self.box)
        self.box.clicked.connect(lambda _: self.changed.emit())

    def value(self) -> bool:
        return self.box.isChecked()

    def set_value(self, value: bool | None) -> None:
        self.box.setChecked(bool(value))

    def typed(self) -> str:
        return "1" if self.box.isChecked() else ""

    def set_typed(self, text: str) -> None:
        self.box.setChecked(text == "1")

    def is_empty(self) -> bool:
        return False

    def input_widget(self) -> QWidget:
        return self.box
