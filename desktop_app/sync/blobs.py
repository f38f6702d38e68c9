"""Contents of attachments: in chunks, small copies first, always behind the operations.

Nothing here is worth a lost edit: between two requests it is looked whether something new was written, and then the
exchange goes back to the operations. What got through stays, on both sides, chunk by chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from sqlalchemy import func, select

from desktop_app.storage.attachments import AttachmentMissingError
from desktop_app.storage.contents import FETCHED, SENT, doubt_receipts, note_receipt
from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state, words
from desktop_app.sync.content_plan import Kind, Task, plan_contents
from desktop_app.sync.pace import Pace
from desktop_app.sync.state import CountyLink
from desktop_app.sync.transport import ContentDamagedError, ContentMissingError, Line
from desktop_app.sync.watch import Phase, Watch
from village_core.exchange.change_log import change_log
from village_core.exchange.chunks import (
    ChunkReader,
    DamagedChunkError,
    count_chunks,
    first_missing_run,
    iterate_chunks,
    missing_bitmap,
    pack_chunks,
)
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.contents import (
    CONTENTS_PATH,
    MOST_ASKED,
    ContentsAnswer,
    ContentsRequest,
    ContentState,
    Span,
    read_content_receipt,
)
from village_core.exchange.messages import MAX_BLOB, blob_ticket, decode, sign_request

_TRIES = 3
_ORIGINALS_ASKED = 32


def exchange_contents(workspace: Workspace, link: CountyLink, line: Line, watch: Watch, *, stuck: bool = False) -> bool:
    """Send what the county lacks and fetch what is wanted here. False: something was written meanwhile, so that the
    operations have to be exchanged again first. `stuck`: they were, and the county confirmed nothing of it."""
    return _ContentExchange(workspace, link, line, watch, stuck=stuck).run()


class _EditsWaitError(Exception):
    """New operations wait."""


class _TimeIsUpError(Exception):
    """The exchange should end now; contents can wait."""


class _ContentExchange:
    def __init__(self, workspace: Workspace, link: CountyLink, line: Line, watch: Watch, *, stuck: bool) -> None:
        self._workspace = workspace
        self._link = link
        self._line = line
        self._watch = watch
        with explained(), workspace.engine.connect() as connection:
            known = state.read_state(connection)
        self._known = known
        self._pace = Pace(line, workspace.clock, known)
        self._problem = ""
        self._left = False
        self._written = self._last_written() if stuck else link.acked_seq

    def run(self) -> bool:
        self._doubt_after_restore()
        tasks = plan_contents(self._workspace)
        if not tasks:
            return True
        carried = [task for task in tasks if task.kind is not Kind.ORIGINAL]
        originals = [task for task in tasks if task.kind is Kind.ORIGINAL]
        try:
            self._tell_progress(carried)
            for some in _batches(carried, MOST_ASKED):
                self._settle_all(some)
            if originals and self._pace.originals_may_go:
                self._tell_progress(originals)
                for some in _batches(originals, _ORIGINALS_ASKED):
                    self._settle_all(some)
        except _EditsWaitError:
            return False
        except _TimeIsUpError:
            self._left = True
            return True
        finally:
            self._line.meter.end()
            self._note()
        return True

    def _tell_progress(self, tasks: Sequence[Task]) -> None:
        """For who waits; how large that is which has to be fetched nobody knows before."""
        self._line.meter.begin(Phase.PHOTOS, total=sum(task.size for task in tasks))

    def _settle_all(self, tasks: Sequence[Task]) -> None:
        """Ask how they stand, then carry out what is left to do, in order."""
        for task, told in zip(tasks, self._ask(tasks), strict=True):
            self._watch.check()
            if task.here and told.receipt:
                self._keep_receipt(task, told, SENT)
            elif task.kind in (Kind.ORIGINAL, Kind.DOUBTFUL) and not self._pace.originals_may_go:
                continue
            elif task.here:
                self._send(task, told)
            elif told.receipt and 0 < told.size <= MAX_BLOB:
                self._fetch(task, told)

    def _ask(self, tasks: Sequence[Task]) -> list[ContentState]:
        request = ContentsRequest(self._link.device, [(bytes.fromhex(task.sha256), task.size) for task in tasks])
        signed = sign_request(self._link.key, request)
        with self._pace.measured(len(signed)):
            body = self._line.call("POST", CONTENTS_PATH, signed)
        try:
            told = decode(body, ContentsAnswer).states
        except DamagedMessageError as error:
            raise words.garbled() from error
        if len(told) != len(tasks):
            raise words.garbled()
        self._watch.progressed()
        return told

    def _send(self, task: Task, told: ContentState) -> None:
        if self._problem:
            return
        try:
            content = self._workspace.attachments.get(task.sha256)
        except AttachmentMissingError:
            return
        damaged = 0
        while not told.receipt:
            missing = told.missing if told.size == task.size else missing_bitmap(task.size)
            run = first_missing_run(missing, task.size, most=self._pace.chunks)
            if run is None or (task.kind is Kind.ORIGINAL and not self._pace.originals_may_go):
                return
            self._stop_for_better()
            try:
                told = self._put(Span(task.sha256, task.size, *run), content, missing)
            except ContentDamagedError:
                damaged += 1
                if damaged == _TRIES:
                    return
                told = self._ask([task])[0]
            except words.ContentRefusedError as error:
                self._problem = error.what
                return
        self._keep_receipt(task, told, SENT)

    def _put(self, span: Span, content: bytes, missing: bytes) -> ContentState:
        chunks = islice(iterate_chunks(content, missing), span.behind - span.first)
        packed = pack_chunks(chunks)
        with self._pace.measured(len(packed)):
            body = self._line.call("PUT", span.path, packed, ticket=self._ticket("PUT", span))
        self._watch.progressed()
        try:
            return decode(body, ContentState)
        except DamagedMessageError as error:
            raise words.garbled() from error

    def _fetch(self, task: Task, told: ContentState) -> None:
        partial = self._workspace.attachments.partial(task.sha256, told.size)
        damaged = 0
        while not partial.complete:
            self._stop_for_better()
            behind = min(partial.count + self._pace.chunks, count_chunks(told.size))
            span = Span(task.sha256, told.size, partial.count, behind)
            try:
                with self._pace.measured(0):
                    body = self._line.call("GET", span.path, ticket=self._ticket("GET", span))
            except ContentMissingError:
                return
            chunks, whole = _unpack(span, body)
            partial.add(chunks)
            damaged += not whole
            if damaged == _TRIES:
                raise words.garbled()
            self._watch.progressed()
        try:
            content = partial.whole()
        except DamagedChunkError:
            partial.forget()
            return
        self._workspace.attachments.put(content)
        partial.forget()
        self._keep_receipt(task, told, FETCHED)

    def _keep_receipt(self, task: Task, told: ContentState, outcome: str) -> None:
        """Without the county's key, or with a receipt that is not its own, the content stays unsettled."""
        if self._link.county_key is None:
            return
        try:
            read_content_receipt(
                self._link.county_key, told.receipt, village=self._workspace.village, sha256=task.sha256
            )
        except DamagedMessageError:
            return
        with explained(), self._workspace.engine.execution_options(write=True).begin() as connection:
            note_receipt(connection, task.sha256, told.receipt, outcome=outcome)

    def _stop_for_better(self) -> None:
        self._watch.check()
        if self._last_written() != self._written:
            raise _EditsWaitError
        if self._pace.time_is_up:
            raise _TimeIsUpError

    def _last_written(self) -> int:
        """The newest own operation."""
        with explained(), self._workspace.engine.connect() as connection:
            query = select(func.max(change_log.c.device_seq)).where(change_log.c.origin == 0)
            return connection.scalar(query) or 0

    def _ticket(self, method: str, span: Span) -> str:
        return blob_ticket(self._link.key, device=self._link.device, method=method, sha256=span.name)

    def _doubt_after_restore(self) -> None:
        epoch = str(self._link.epoch)
        if self._known.get(state.CONTENT_EPOCH) == epoch:
            return
        with explained(), self._workspace.engine.execution_options(write=True).begin() as connection:
            if state.CONTENT_EPOCH in self._known:
                doubt_receipts(connection)
            state.write_state(connection, {state.CONTENT_EPOCH: epoch})

    def _note(self) -> None:
        """What the next exchange and the page have to know; written only when it is news."""
        news = {state.CONTENT_PROBLEM: self._problem, state.CONTENT_LEFT: "1" if self._left else ""} | self._pace.news()
        fresh = {key: value for key, value in news.items() if self._known.get(key, "") != value}
        if fresh:
            with explained(), self._workspace.engine.execution_options(write=True).begin() as connection:
                state.write_state(connection, fresh)


def _unpack(span: Span, body: bytes) -> tuple[list[tuple[int, bytes]], bool]:
    """The chunks up to the first damaged one, and whether all were there."""
    reader = ChunkReader(span.size, span.first, span.behind)
    chunks: list[tuple[int, bytes]] = []
    try:
        chunks.extend(reader.feed(body))
    except DamagedChunkError:
        return chunks, False
    return chunks, reader.first == span.behind


def _batches(tasks: Sequence[Task], size: int) -> list[Sequence[Task]]:
    return [tasks[at : at + size] for at in range(0, len(tasks), size)]
