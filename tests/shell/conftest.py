"""A window with small pages of its own, so that the frame is tried without any feature."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.shell.appearance import Appearance
from desktop_app.shell.context import PageContext
from desktop_app.shell.due import DueItem
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.page import Page
from desktop_app.shell.registry import Registry, Section
from desktop_app.shell.search import SearchHit
from desktop_app.shell.status import StatusItem
from desktop_app.storage.unit_of_work import Reader
from desktop_app.storage.workspace import Workspace
from desktop_app.widgets.buttons import button
from desktop_app.widgets.editor import TextEdit
from tests.windows import in_front

PEOPLE = ("李琼仙", "李正华", "普建国")


class NotePage(Page):
    """Counts how often it was loaded; `opened_with` are its arguments."""

    title = "记事"
    topics = frozenset({"households"})
    help_text = "这一页只用来试窗口。"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.loads = 0
        self.opened_with: dict[str, object] = {}
        self.saved = 0
        self.line = TextEdit(self)
        layout = QVBoxLayout(self)
        layout.addWidget(self.line)

    def open(self, **arguments: object) -> None:
        self.opened_with = arguments
        self.set_heading("记事", str(arguments.get("about", "")))
        super().open()

    def load(self) -> None:
        self.loads += 1

    def save_now(self) -> None:
        self.saved += 1

    def header_buttons(self) -> list[QWidget]:
        return [button("记一笔", self.save_now)]


class OtherPage(NotePage):
    """A second page."""

    title = "另一页"
    topics = frozenset()


def search_people(reader: Reader, text: str, limit: int) -> list[SearchHit]:
    del reader
    hits = [
        SearchHit(title=name, kind="人", page="notes", arguments={"about": name}) for name in PEOPLE if text in name
    ]
    return hits[:limit]


def list_status(reader: Reader) -> list[StatusItem]:
    del reader
    return [
        StatusItem("还有 12 条没送到县里", page="other", order=1),
        StatusItem("有 1 条要您拿主意", tone="soon", page="other", order=2),
        StatusItem("上次与县里核对一致：昨天 16:20", tone="good", right=True),
    ]


def list_due(reader: Reader) -> list[DueItem]:
    return [DueItem("公示期满", page="notes", action="记下取下", due=reader.today + timedelta(days=1))]


@pytest.fixture
def small_window(qtbot: QtBot, workspace: Workspace, appearance: Appearance) -> Iterator[MainWindow]:
    registry = Registry(
        sections=[Section("home", "首页", "home"), Section("notes", "记事", "papers")],
        search=[search_people],
        status=[list_status],
        village_name=lambda _: "太平村",
    )
    registry.add_page("home", OtherPage, section="home")
    registry.add_page("notes", NotePage, section="notes")
    registry.add_page("other", OtherPage)
    with in_front(MainWindow(workspace, registry=registry, appearance=appearance), qtbot) as made:
        yield made
