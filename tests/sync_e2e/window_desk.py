"""A laptop that is enrolled, and its window at rest, for tests that press what a clerk presses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.shell.appearance import Appearance
from desktop_app.window import build_window
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from tests.sync_e2e.test_sync_page import Desk


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker) -> Laptop:
    return make_laptop(small_county)


@pytest.fixture
def desk(qtbot: QtBot, laptop: Laptop, appearance: Appearance) -> Iterator[Desk]:
    window = build_window(laptop.workspace, appearance=appearance)
    window.resize(1366, 768)
    window.show()
    window.start()
    made = Desk(window, qtbot)
    made.settle()
    yield made
    window.close()
    window.deleteLater()
