"""The start page in the real window: what is due, one click away; kind words when nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.home.screens.home_page import HomePage
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.due import DueItem, DueProvider
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.overview import Bar, Chart, Figure, Overview
from desktop_app.shell.page import Page
from desktop_app.shell.registry import Registry, Section
from desktop_app.storage.unit_of_work import Reader
from desktop_app.storage.workspace import Workspace
from tests.windows import in_front


class CasePage(Page):
    """Remembers what it was opened with."""

    title = "救助"
    opened_with: dict[str, object]

    def open(self, **arguments: object) -> None:
        self.opened_with = arguments


def list_due(reader: Reader) -> list[DueItem]:
    today = reader.today
    return [
        DueItem("大平地鱼塘承包合同快到期", page="case", action="看合同", due=today + timedelta(days=6)),
        DueItem(
            "普建国家 就医困难 还没有受理",
            page="case",
            action="受理",
            due=today - timedelta(days=1),
            detail="11月19日本人填报，2 天内应受理",
            arguments={"number": 17},
        ),
    ]


def overview(reader: Reader) -> Overview:
    del reader
    return Overview(
        figures=(Figure("212", "户", page="case"), Figure("804", "人")),
        charts=(Chart("监测户 16 户", (Bar("脱贫不稳定", 6, "6 户"), Bar("边缘易致贫", 7, "7 户"))),),
    )


@pytest.fixture
def due() -> list[DueProvider]:
    return [list_due]


@pytest.fixture
def home_window(
    qtbot: QtBot, workspace: Workspace, appearance: Appearance, due: list[DueProvider]
) -> Iterator[MainWindow]:
    registry = Registry(sections=[Section("home", "首页", "home")])
    registry.add_page(
        "home", lambda context: HomePage(context, due=due, overviews=[overview] if due else []), section="home"
    )
    registry.add_page("case", CasePage)
    with in_front(MainWindow(workspace, registry=registry, appearance=appearance), qtbot) as made:
        yield made


def home(window: MainWindow) -> HomePage:
    page = window.navigator.page
    assert isinstance(page, HomePage)
    return page


def test_the_most_urgent_thing_is_first_and_enter_goes_there(home_window: MainWindow, qtbot: QtBot) -> None:
    rows = home(home_window).due_list.rows
    assert [row.item.action for row in rows] == ["受理", "看合同"]
    assert "已超 1 天" in [label.text() for label in rows[0].findChildren(QLabel)]
    assert home(home_window).due_list.side.text() == "2 件"
    qtbot.waitUntil(rows[0].button.hasFocus)
    qtbot.keyClick(rows[0].button, Qt.Key.Key_Return)
    page = home_window.navigator.page
    assert isinstance(page, CasePage)
    assert page.opened_with == {"number": 17}


def test_numbers_and_charts_are_shown_and_lead_to_their_pages(home_window: MainWindow, qtbot: QtBot) -> None:
    page = home(home_window)
    assert [view.figure.value for view in page.figures.views] == ["212", "804"]
    assert page.charts[0].title.text() == "监测户 16 户"
    assert page.charts[0].bars.accessibleName() == "脱贫不稳定 6 户；边缘易致贫 7 户"
    qtbot.mouseClick(page.figures.views[1], Qt.MouseButton.LeftButton)
    assert home_window.navigator.page is page
    qtbot.mouseClick(page.figures.views[0], Qt.MouseButton.LeftButton)
    assert isinstance(home_window.navigator.page, CasePage)


@pytest.mark.parametrize("due", [[]])
def test_nothing_due_is_said_kindly(home_window: MainWindow) -> None:
    page = home(home_window)
    assert page.due_list.rows == []
    assert page.due_list.empty.isVisible()
    assert page.due_list.empty.text().startswith("今天没有到期的事。")
    assert page.title == "今天，11月22日"
    assert page.subtitle == "星期日"
