"""Editors for the fields of households and persons."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter

from desktop_app.households.vocabulary import load_code_lists
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.form import FormSheet


def yes_no() -> ChoiceEdit:
    """是, 否 or nothing said."""
    return ChoiceEdit([(True, "是"), (False, "否")], empty="没填")


def code_choice(name: str, *, empty: str = "没填") -> ChoiceEdit:
    """The words of a code list, e.g. `person.health`; words of an old sheet are added when they are shown."""
    return ChoiceEdit([(word, word) for word in load_code_lists()[name].values], empty=empty)


def suggest(editor: TextEdit, words: Iterable[str]) -> None:
    """Offer words while one types; any other may be typed."""
    completer = QCompleter(sorted(set(words)), editor)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    editor.line.setCompleter(completer)


def keep_words(sheet: FormSheet, values: dict[str, object]) -> None:
    """A list must be able to show what an import brought, also when it is not in our lists."""
    for name, value in values.items():
        field = sheet.fields.get(name)
        if field is None or not isinstance(field.editor, ChoiceEdit) or not isinstance(value, str):
            continue
        field.editor.set_value(value)
        if field.editor.value() != value:
            known = [
                (words, words)
                for words in (field.editor.combo.itemText(row) for row in range(1, field.editor.combo.count()))
            ]
            field.editor.set_choices([*known, (value, value)])
