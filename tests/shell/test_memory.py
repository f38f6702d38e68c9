"""What the window remembers: its place on the screen, the type size, the page she left."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.shell.appearance import Appearance
from desktop_app.shell.due import DueItem, sort_due, urgency
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.window_state import WindowState, read_window_state, write_window_state
from desktop_app.storage.workspace import Workspace
from desktop_app.widgets.look import COLOURS, scaled_style_sheet
from village_core.resources import resource_path


def test_the_window_opens_where_she_left_it(
    qtbot: QtBot, small_window: MainWindow, workspace: Workspace, appearance: Appearance
) -> None:
    small_window.navigator.open("notes", about="罗铉家")
    small_window.resize(790, 690)
    small_window.close()
    again = MainWindow(workspace, registry=small_window.registry, appearance=appearance)
    qtbot.addWidget(again)
    again.start()
    qtbot.waitUntil(lambda: not again.tasks.busy)
    assert again.navigator.place is not None
    assert again.navigator.place.key == "notes"
    assert (again.width(), again.height()) == (790, 690)
    again.close()


def test_type_size_and_geometry_are_kept_and_nothing_else(tmp_path: Path) -> None:
    write_window_state(tmp_path, WindowState(percent=150, geometry="AAAA"))
    assert read_window_state(tmp_path) == WindowState(percent=150, geometry="AAAA")
    assert [path.name for path in tmp_path.iterdir()] == ["window.json"]


@pytest.mark.parametrize("text", ["", "{", '{"percent": 999, "geometry": 5}'])
def test_a_damaged_window_file_is_no_trouble(tmp_path: Path, text: str) -> None:
    (tmp_path / "window.json").write_text(text, encoding="utf-8")
    assert read_window_state(tmp_path) == WindowState()


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    assert write_window_state(tmp_path / "gone", WindowState()) is False


def test_the_style_sheet_scales_lengths_and_knows_all_its_colours(qtbot: QtBot, appearance: Appearance) -> None:
    del qtbot
    text = resource_path("qss", "tiangeng.qss").read_text(encoding="utf-8")
    appearance.set_percent(150)
    scaled = scaled_style_sheet("a { font-size: 15px; border: 1px solid @accent; }", resource_path())
    assert scaled == f"a {{ font-size: 23px; border: 1px solid {COLOURS['accent']}; }}"
    assert "@" not in scaled_style_sheet(text, resource_path())


@pytest.mark.parametrize("ground", ["paper", "ground", "shade"])
@pytest.mark.parametrize("text", ["text", "text_second", "accent", "soon", "bad"])
def test_every_text_colour_has_enough_contrast(text: str, ground: str) -> None:
    bright, dark = sorted((luminance(COLOURS[text]), luminance(COLOURS[ground])), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 4.5


def test_every_icon_of_the_sections_is_there_and_drawn_in_our_colour() -> None:
    for path in resource_path("icons").glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert "http://www.w3.org/2000/svg" in text
        assert path.stem.startswith("mark_") or "currentColor" in text


def test_due_items_are_sorted_by_day_and_called_by_their_urgency() -> None:
    from datetime import date

    today = date(2026, 11, 22)
    items = [
        DueItem("随时的事", page="a", action="办"),
        DueItem("后天的事", page="a", action="办", due=date(2026, 11, 24)),
        DueItem("昨天的事", page="a", action="办", due=date(2026, 11, 21)),
        DueItem("今天的事", page="a", action="办", due=today),
        DueItem("下周的事", page="a", action="办", due=date(2026, 11, 29)),
        DueItem("明年的事", page="a", action="办", due=date(2027, 1, 1)),
    ]
    told = [(item.title, urgency(item, today)) for item in sort_due(items)]
    assert told == [
        ("昨天的事", "超期"),
        ("今天的事", "今天"),
        ("后天的事", "三天内"),
        ("下周的事", "本周"),
        ("明年的事", "以后"),
        ("随时的事", "随时"),
    ]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
