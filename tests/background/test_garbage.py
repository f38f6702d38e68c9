"""Where garbage ends: Qt's objects must be taken apart in the window's thread."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop_app.background.garbage import collect_what_is_due
from desktop_app.background.tasks import Lane, TaskContext, TaskRunner


@pytest.fixture
def collecting() -> Iterator[None]:
    """The interpreter as it is outside of these tests: it collects whenever it likes."""
    was_on = gc.isenabled()
    gc.enable()
    yield
    if not was_on:
        gc.disable()


class Page(QObject):
    """A page that refers to itself, as pages with connected lambdas do."""

    def __init__(self, ended: list[threading.Thread]) -> None:
        super().__init__()
        self.myself = self
        weakref.finalize(self, lambda: ended.append(threading.current_thread()))


def much_work(context: TaskContext) -> None:
    del context
    for _ in range(60):
        kept = [[number] for number in range(2_000)]
        kept.append(kept)  # type: ignore[arg-type]


@pytest.mark.parametrize("lane", list(Lane))
def test_a_page_that_was_closed_never_ends_in_a_worker(collecting: None, qtbot: QtBot, lane: Lane) -> None:
    runner, owner = TaskRunner(), QObject()
    ended: list[threading.Thread] = []
    done: list[None] = []
    for _ in range(10):
        Page(ended)

    for _ in range(20):
        runner.run(much_work, owner=owner, lane=lane, on_done=done.append)
    qtbot.waitUntil(lambda: len(done) == 20, timeout=20_000)
    qtbot.waitUntil(lambda: len(ended) == 10, timeout=20_000)

    runner.shutdown()
    assert set(ended) == {threading.main_thread()}


def test_the_interpreter_collects_again_when_the_last_runner_is_gone(collecting: None, qtbot: QtBot) -> None:
    first, second = TaskRunner(), TaskRunner()
    assert not gc.isenabled()
    first.shutdown()
    first.shutdown()
    assert not gc.isenabled()
    second.shutdown()
    assert gc.isenabled()


def test_what_is_due_is_collected_and_what_is_not_is_left() -> None:
    was_on = gc.isenabled()
    gc.disable()
    try:
        gc.collect()
        collect_what_is_due()
        before = gc.get_count()[0]
        keep = [[] for _ in range(gc.get_threshold()[0] + 50)]  # type: ignore[var-annotated]
        assert gc.get_count()[0] > before
        collect_what_is_due()
        assert gc.get_count()[0] < len(keep)
    finally:
        if was_on:
            gc.enable()


@pytest.mark.parametrize("lane", list(Lane))
def test_what_a_task_refers_to_ends_in_the_windows_thread(qtbot: QtBot, lane: Lane) -> None:
    runner, owner = TaskRunner(), QObject()
    ended: list[threading.Thread] = []
    done: list[None] = []

    def start() -> None:
        page = QObject()
        weakref.finalize(page, lambda: ended.append(threading.current_thread()))
        runner.run(lambda _: page.objectName(), owner=owner, lane=lane, on_done=lambda _: done.append(None))

    for _ in range(300):
        start()
    qtbot.waitUntil(lambda: len(done) == 300, timeout=20_000)
    qtbot.waitUntil(lambda: len(ended) == 300, timeout=20_000)

    runner.shutdown()
    assert set(ended) == {threading.main_thread()}
