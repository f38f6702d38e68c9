"""Photos on the page 同步: counted apart, and when originals go is the clerk's to say."""

from __future__ import annotations

import os

from desktop_app.sync import state
from desktop_app.sync.screens.sync_page import SyncPage
from tests.counties import County
from tests.laptops import Laptop
from tests.photos import RoughLine, attach, noise
from tests.sync_e2e.test_sync_page import Desk


def test_copies_and_originals_are_counted_apart_and_originals_can_be_let_go(
    desk: Desk, laptop: Laptop, small_county: County
) -> None:
    for seed in range(2):
        attach(laptop, noise(500_000, seed), medium=noise(50_000, 10 + seed), small=noise(9_000, 20 + seed))
    page = desk.open("sync")
    assert isinstance(page, SyncPage)
    assert "小图 2 张、原图 2 张" in desk.words()
    _shoot(desk, "waiting")

    laptop.line = RoughLine(small_county, speed=4_000)
    laptop.sync()
    page.load()
    desk.settle()
    assert "小图已送到；原图等U盘或办公室网络" in desk.words()
    laptop.workspace.set_state(state.CONTENT_PROBLEM, "县里给这个村放照片的地方满了，新照片暂时送不上去。")
    page.load()
    desk.settle()
    assert "满了" in desk.words()
    _shoot(desk, "full")

    page.waiting_card.any_line.click()
    desk.settle()
    assert laptop.workspace.state(state.ORIGINALS) == state.ORIGINALS_ANY_LINE
    laptop.sync()
    page.load()
    desk.settle()
    assert "照片都送到县里了，县里签收过" in desk.words()
    assert "满了" not in desk.words()


def _shoot(desk: Desk, name: str) -> None:
    if folder := os.environ.get("TIANGENG_SHOTS"):
        desk.window.grab().save(f"{folder}/photos-{name}.png")
