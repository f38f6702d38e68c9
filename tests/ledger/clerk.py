"""The window of the books, and what a clerk does in it; `accounts` opens the sub-accounts that each test needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.ledger import queries
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.page import Page
from desktop_app.widgets.question import Question
from tests.keyboard import type_words
from tests.ledger.books import open_accounts

Settle = Callable[[], None]
P = TypeVar("P", bound=Page)

GOOD = (("10201", 500_00), ("50103", -500_00))


def press(widget: QWidget | None, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    assert widget is not None
    QTest.keyClick(widget, key, modifier)


def type_text(widget: QWidget | None, text: str) -> None:
    assert widget is not None
    widget.setFocus()
    type_words(widget, text)


@pytest.fixture(autouse=True)
def accounts(window: MainWindow) -> None:
    open_accounts(window.workspace)


@pytest.fixture
def go(window: MainWindow, settle: Settle) -> Callable[..., Page]:
    """Open a page and wait until it shows what it has to show."""

    def open_page(key: str, **arguments: object) -> Page:
        window.navigator.open(key, **arguments)
        settle()
        page = window.navigator.page
        assert page is not None
        return page

    return open_page


def shown(window: MainWindow, kind: type[P]) -> P:
    page = window.navigator.page
    assert isinstance(page, kind)
    return page


def answer(window: MainWindow, settle: Settle) -> None:
    """Press the button of the open question that does the deed."""
    question = next(child for child in window.findChildren(Question) if child.isVisible())
    question.act_button.click()
    settle()


def open_dialog(window: MainWindow, kind: type[QDialog]) -> QDialog:
    return next(child for child in window.findChildren(kind) if child.isVisible())


def count_vouchers(window: MainWindow) -> int:
    with window.workspace.reader() as reader:
        return len(queries.list_vouchers(reader))
