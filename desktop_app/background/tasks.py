"""The task runner: a DB lane with one thread, so that writes queue up, and an IO lane with a few.

Callbacks arrive on the main thread; they are dropped when their owner is gone. A deed that was done is always
told to its owner, also when somebody pressed 停止 a moment too late: only `drop` forgets a task.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from queue import SimpleQueue
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from desktop_app.background.garbage import WindowThreadCollector

T = TypeVar("T")

_IO_THREADS = 3


class Lane(Enum):
    """Where a task runs: everything that touches the database in DB, network and files in IO."""

    DB = "db"
    IO = "io"


class TaskCancelledError(Exception):
    """Raised inside a task by `raise_if_cancelled`; ends it without any message."""


class TaskContext:
    """What a running task sees of its caller."""

    def __init__(self, cancelled: threading.Event, report: Callable[[int, int], None]) -> None:
        self._cancelled = cancelled
        self._report = report

    def progress(self, done: int, total: int) -> None:
        """Tell how far the work is; cheap enough to be called for each row."""
        self._report(done, total)

    def raise_if_cancelled(self) -> None:
        """End here when 停止 was pressed. Call it between whole batches only."""
        if self._cancelled.is_set():
            raise TaskCancelledError

    def rest(self, seconds: float) -> None:
        """Wait in the task's own thread, no longer than until 停止 is pressed."""
        self._cancelled.wait(seconds)


class TaskHandle:
    """A started task, for the one who started it."""

    def __init__(self, cancelled: threading.Event, *, keep: bool = False) -> None:
        self._cancelled = cancelled
        self.keep = keep
        self.dropped = False
        self.finished = False

    def cancel(self) -> None:
        """Ask the work to stop at its next `raise_if_cancelled`."""
        self._cancelled.set()

    def drop(self) -> None:
        """Cancel and never call back: its answer is no longer wanted."""
        self._cancelled.set()
        self.dropped = True


@dataclass
class _Task:
    """One piece of work on its way through a lane."""

    fn: Callable[[TaskContext], Any]
    owner: QObject
    handle: TaskHandle
    cancelled: threading.Event
    on_done: Callable[[Any], None] | None
    on_error: Callable[[Exception], None] | None
    on_cancelled: Callable[[], None] | None
    on_progress: Callable[[int, int], None] | None
    latest: tuple[int, int] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class TaskRunner(QObject):
    """Runs functions in the two lanes. One for the whole program; `shutdown` before the program ends."""

    failed = Signal(object)
    """An exception that no `on_error` took: the shell shows it."""
    busy_changed = Signal(bool)
    """True when the first task starts waiting, False when nothing is left."""
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queues: dict[Lane, SimpleQueue[_Task | None]] = {lane: SimpleQueue() for lane in Lane}
        self._threads: dict[Lane, list[threading.Thread]] = {lane: [] for lane in Lane}
        self._open_tasks: set[int] = set()
        self._handles: dict[int, TaskHandle] = {}
        self._closed = False
        self._deliveries: deque[Callable[[], None]] = deque()
        self._garbage = WindowThreadCollector(self)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether any task is waiting, running or about to call back."""
        return bool(self._open_tasks)

    @property
    def saving(self) -> bool:
        """Whether something that must be kept is on its way to the disk."""
        return any(handle.keep for handle in self._handles.values())

    def run(
        self,
        fn: Callable[[TaskContext], T],
        *,
        owner: QObject,
        lane: Lane = Lane.DB,
        on_done: Callable[[T], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
        on_cancelled: Callable[[], None] | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        keep: bool = False,
    ) -> TaskHandle:
        """Run `fn(ctx)` in the lane. Without `on_error` a failure goes to the error dialog.

        `keep`: carried out also when the program is closing (what was typed or saved); else it is cancelled then.
        """
        cancelled = threading.Event()
        handle = TaskHandle(cancelled, keep=keep)
        if self._closed:
            handle.drop()
            handle.finished = True
            return handle
        task = _Task(
            fn=fn,
            owner=owner,
            handle=handle,
            cancelled=cancelled,
            on_done=on_done,
            on_error=on_error,
            on_cancelled=on_cancelled,
            on_progress=on_progress,
        )
        self._open_tasks.add(id(task))
        self._handles[id(task)] = handle
        if len(self._open_tasks) == 1:
            self.busy_changed.emit(True)
        self._start_thread(lane)
        self._queues[lane].put(task)
        return handle

    def shutdown(self, seconds: float = 30.0) -> None:
        """Cancel what can be cancelled and wait for what must be written; nothing calls back afterwards."""
        self._closed = True
        for handle in self._handles.values():
            handle.dropped = True
            if not handle.keep:
                handle.cancel()
        for lane, threads in self._threads.items():
            for _ in threads:
                self._queues[lane].put(None)
        for threads in self._threads.values():
            for thread in threads:
                thread.join(seconds)
        self._threads = {lane: [] for lane in Lane}
        self._deliveries.clear()
        self._open_tasks.clear()
        self._handles.clear()
        self._garbage.end()

    def _start_thread(self, lane: Lane) -> None:
        threads = self._threads[lane]
        if len(threads) >= (1 if lane is Lane.DB else _IO_THREADS):
            return
        thread = threading.Thread(
            target=self._work, args=(self._queues[lane],), name=f"{lane.value}-{len(threads)}", daemon=True
        )
        threads.append(thread)
        thread.start()

    def _work(self, queue: SimpleQueue[_Task | None]) -> None:
        while (task := queue.get()) is not None:
            outcome = [self._run_one(task)]
            del task
            # The last that this thread knew of the work: what it refers to, e.g. a closed page, ends in the window's.
            self._deliver(outcome)

    def _deliver(self, delivery: list[Callable[[], None]]) -> None:
        self._deliveries.append(delivery.pop())
        self._arrived.emit()

    def _run_one(self, task: _Task) -> Callable[[], None]:
        """Carry it out; the answer is what is left to do in the window's thread."""

        def report(done: int, total: int) -> None:
            with task.lock:
                waiting = task.latest is not None
                task.latest = (done, total)
            if not waiting and task.on_progress is not None:
                self._deliver([lambda: self._deliver_progress(task)])

        context = TaskContext(task.cancelled, report)
        try:
            context.raise_if_cancelled()
            answer = task.fn(context)
        except TaskCancelledError:
            return lambda: self._finish(task, task.on_cancelled)
        except Exception as error:  # noqa: BLE001  each kind of failure is brought to the main thread and shown there
            failure = error
            return lambda: self._fail(task, failure)
        return lambda: self._succeed(task, answer)

    def _on_arrived(self) -> None:
        if self._deliveries:
            self._deliveries.popleft()()

    def _deliver_progress(self, task: _Task) -> None:
        with task.lock:
            latest, task.latest = task.latest, None
        if latest is not None and task.on_progress is not None and self._is_wanted(task):
            task.on_progress(*latest)

    def _succeed(self, task: _Task, answer: object) -> None:
        on_done = task.on_done
        self._finish(task, None if on_done is None else lambda: on_done(answer))

    def _fail(self, task: _Task, error: Exception) -> None:
        on_error = task.on_error or self.failed.emit
        self._finish(task, lambda: on_error(error))

    def _finish(self, task: _Task, callback: Callable[[], None] | None) -> None:
        task.handle.finished = True
        self._handles.pop(id(task), None)
        try:
            if callback is not None and self._is_wanted(task):
                callback()
        finally:
            self._open_tasks.discard(id(task))
            if not self._open_tasks:
                self.busy_changed.emit(False)

    def _is_wanted(self, task: _Task) -> bool:
        return not task.handle.dropped and isValid(task.owner)
