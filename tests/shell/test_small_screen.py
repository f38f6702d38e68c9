"""A window of 1024×600: the bottom line gives way, and comes back where there is room."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop_app.shell.appearance import Appearance
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.status import StatusItem
from desktop_app.shell.status_phrases import StatusLink, StatusPhrase

LONG = [
    StatusItem("还有 1,250 条没送到县里，U盘上写了 3 份还没有回执", page="settings", order=1),
    StatusItem("有 12 条要您拿主意，最早的是 11 月 3 日的", tone="soon", page="settings", order=2),
    StatusItem("第二份备份 9 天没做了，请插上U盘", tone="bad", page="settings", order=3),
    StatusItem("上次与县里核对一致：2026 年 11 月 20 日 16:20", tone="good", right=True),
]


@pytest.mark.parametrize("percent", [100, 125])
def test_every_section_fits_on_1024_by_600(
    window: MainWindow, settle: Callable[[], None], appearance: Appearance, percent: int
) -> None:
    appearance.set_percent(percent)
    settle()
    window.resize(1024, 600)
    for section in window.registry.sections:
        window.navigator.open(section.key)
        settle()
        window.status.show_items(LONG)
        settle()
        assert (window.width(), window.height()) == (1024, 600), section.key


def test_a_phrase_without_room_is_cut_and_its_tooltip_has_the_whole(
    window: MainWindow, settle: Callable[[], None]
) -> None:
    window.status.show_items(LONG)
    window.resize(1024, 600)
    settle()
    made: list[StatusLink | StatusPhrase] = [*window.status.findChildren(StatusLink)]
    made += window.status.findChildren(StatusPhrase)
    shown = [one for one in made if not one.isHidden()]
    assert len(shown) == len(LONG)
    cut = [one for one in shown if one.text().endswith("…")]
    assert cut
    assert {one.toolTip().lstrip("●✕✓ ") for one in cut} <= {item.text for item in LONG}
    window.resize(1900, 600)
    settle()
    assert not [one for one in shown if one.text().endswith("…") or one.toolTip()]
