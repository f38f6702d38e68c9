"""The frame of the window: it opens on the start page, keys lead everywhere, Esc leads back."""

from __future__ import annotations

from desktop_app.shell.main_window import MainWindow


def test_the_window_opens_on_what_is_due_and_names_the_village(window: MainWindow) -> None:
    assert window.frame.title.text() == "今天，11月22日"
    assert window.header.village.text() == "· 太平村"
    assert window.header.person.text() == "李琼仙 · 报账员"
    assert window.windowTitle() == "太平村 · 田埂"
