"""The task runner with its real threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from desktop_app.background.tasks import Lane, TaskContext, TaskRunner


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.shutdown()


@pytest.fixture
def owner(qtbot: QtBot) -> QObject:
    return QObject()


def test_answers_arrive_on_the_main_thread(runner: TaskRunner, owner: QObject, qtbot: QtBot) -> None:
    seen: list[tuple[int, bool, bool]] = []
    main = QThread.currentThread()

    runner.run(
        lambda _: threading.current_thread() is threading.main_thread(),
        owner=owner,
        on_done=lambda ran_on_main: seen.append((1, ran_on_main, QThread.currentThread() is main)),
    )

    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(1, False, True)]


def test_the_db_lane_runs_one_after_the_other(runner: TaskRunner, owner: QObject, qtbot: QtBot) -> None:
    order: list[int] = []
    for number in range(20):
        runner.run(lambda _, number=number: order.append(number), owner=owner)  # type: ignore[misc]

    qtbot.waitUntil(lambda: not runner.busy)
    assert order == list(range(20))


def test_the_io_lane_runs_side_by_side(runner: TaskRunner, owner: QObject, qtbot: QtBot) -> None:
    both = threading.Barrier(2)
    done: list[int] = []
    for _number in range(2):
        runner.run(lambda _: both.wait(timeout=5), owner=owner, lane=Lane.IO, on_done=lambda _: done.append(1))

    qtbot.waitUntil(lambda: len(done) == 2)


def test_an_error_goes_to_on_error_or_to_the_window(runner: TaskRunner, owner: QObject, qtbot: QtBot) -> None:
    def fail(_: TaskContext) -> None:
        raise OSError("disk")

    taken: list[Exception] = []
    runner.run(fail, owner=owner, on_error=taken.append)
    with qtbot.waitSignal(runner.failed) as unhandled:
        runner.run(fail, owner=owner)

    assert [type(error) for error in taken] == [OSError]
    assert isinstance(unhandled.args[0], OSError)


def test_callbacks_are_dropped_when_the_owner_is_gone(runner: TaskRunner, qtbot: QtBot) -> None:
    owner, gate, seen = QObject(), threading.Event(), list[object]()
    runner.run(lambda _: gate.wait(5), owner=owner, on_done=seen.append)
    delete(owner)
    gate.set()

    qtbot.waitUntil(lambda: not runner.busy)
    assert seen == []


def test_a_cancelled_task_stops_between_batches(runner: TaskRunner, owner: QObject, qtbot: QtBot) -> None:
    started, go_on = threading.Event(), threading.Event()
    batches: list[int] = []
    ends: list[str] = []

    def work(context: TaskContext) -> None:
        for number in range(100):
            context.raise_if_cancelled()
            batches.append(number)
            started.set()
            go_on.wait(5)

    handle = runner.run(
        work,
        owner=owner,
        on_done=lambda _: ends.append("done"),
        on_cancelled=lambda: ends.append("cancelled"),
    )
    started.wait(5)
    handle.cancel()
    go_on.set()

    qtbot.waitUntil(lambda: bool(ends))
    assert (batches, ends) == ([0], ["cancelled"])


def test_a_deed_that_was_done_is_told_though_cancel_came_too_late(
    runner: TaskRunner, owner: QObject, qtbot: QtBot
) -> None:
    started, gate = threading.Event(), threading.Event()

    def write(_: TaskContext) -> str:
        started.set()
        gate.wait(5)
        return "written"

    told: list[str] = []
    handle = runner.run(write, owner=owner, on_done=told.append)
    started.wait(5)
    handle.cancel()
    gate.set()

    qtbot.waitUntil(lambda: not runner.busy)
    assert told == ["written"]


def test_a_dropped_task_never_calls_back(runner: TaskRunner, owner: QObject, qtbot: QtBot) -> None:
    seen: list[int] = []
    runner.run(lambda _: 1, owner=owner, on_done=seen.append).drop()

    qtbot.waitUntil(lambda: not runner.busy)
    assert seen == []


def test_progress_arrives_and_ends_with_the_last_step(runner: TaskRunner, owner: QObject, qtbot: QtBot) -> None:
    steps: list[tuple[int, int]] = []

    def work(context: TaskContext) -> None:
        for number in range(1, 1001):
            context.progress(number, 1000)

    runner.run(work, owner=owner, on_progress=lambda done, total: steps.append((done, total)))

    qtbot.waitUntil(lambda: not runner.busy)
    assert steps[-1] == (1000, 1000)
    assert steps == sorted(steps)


def test_nothing_starts_after_shutdown(runner: TaskRunner, owner: QObject) -> None:
    runner.shutdown()
    seen: list[int] = []

    handle = runner.run(lambda _: seen.append(1), owner=owner)

    assert handle.finished
    assert seen == []


def test_closing_carries_out_what_must_be_kept_and_nothing_else(runner: TaskRunner, owner: QObject) -> None:
    gate, done = threading.Event(), list[str]()
    runner.run(lambda _: gate.wait(5), owner=owner)
    runner.run(lambda _: done.append("page"), owner=owner)
    runner.run(lambda _: done.append("draft"), owner=owner, keep=True)
    threading.Timer(0.05, gate.set).start()
    runner.shutdown()
    assert done == ["draft"]
