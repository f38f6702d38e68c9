"""One turn with the county over a line that may be cut at any byte: a batch up, an answer down, in pieces that this
line can bear. What has got through is never sent or fetched again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy import func, select

from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state, words
from desktop_app.sync.arriving import (
    Arriving,
    begin_arriving,
    find_arriving,
    forget_arriving,
    keep_part,
    read_whole,
)
from desktop_app.sync.outbox import FrozenBatch, find_frozen, freeze_next
from desktop_app.sync.transport import ContentMissingError, Line, PartMissingError
from desktop_app.sync.watch import Phase, Watch
from village_core.exchange.batches import hash_of
from village_core.exchange.change_log import change_log
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.messages import SYNC_PATH, SyncAnswer, SyncRequest, decode, sign_request
from village_core.exchange.pieces import (
    ANSWER_PATH,
    AT_ONCE,
    MAX_ARRIVING,
    PART_PATH,
    SNAPSHOT_PATH,
    PartState,
    PieceSize,
    sign_ticket,
)

_TEXT_PER_BYTE = 9
"""So much text of the change log becomes one byte of a batch."""
_MOST_TRIES = 3

T = TypeVar("T")


@dataclass(frozen=True)
class Delivered:
    """What came back: an answer to `frozen` (None: no batch was sent), or a snapshot's bytes. What came `in_pieces`
    is to be forgotten as soon as it was taken in."""

    frozen: FrozenBatch | None
    answer: SyncAnswer | None
    snapshot: bytes = b""
    in_pieces: bool = False


def deliver(
    workspace: Workspace,
    link: state.CountyLink,
    line: Line,
    *,
    ask: Callable[[FrozenBatch | None], SyncRequest],
    watch: Watch,
) -> Delivered:
    """Carry out one turn; `ask` makes the request that goes with a batch. Goes on with what an earlier try began."""
    return _Delivery(workspace, link, line, watch).run(ask)


class _Delivery:
    def __init__(self, workspace: Workspace, link: state.CountyLink, line: Line, watch: Watch) -> None:
        self._workspace = workspace
        self._link = link
        self._line = line
        self._watch = watch
        self._pieces = _read_pieces(workspace)

    def run(self, ask: Callable[[FrozenBatch | None], SyncRequest]) -> Delivered:
        with explained(), self._workspace.engine.connect() as connection:
            frozen = find_frozen(connection)
        whole = find_arriving(self._workspace, self._link, batch=frozen.hash if frozen else b"")
        if whole is not None:
            frozen = frozen if whole.batch else None
        else:
            # What it did goes when it knows from where both go on: until then nobody can say what it was based on.
            looks_back = bool(self._link.milestones)
            limit = self._pieces.batch * _TEXT_PER_BYTE
            frozen = None if looks_back else freeze_next(self._workspace, self._link, size_limit=limit)
            answer = self._ask(frozen, ask(frozen))
            if answer.content_hash:
                path, size = ANSWER_PATH + answer.content_hash.hex(), answer.content_size
            elif answer.snapshot:
                path, size = f"{SNAPSHOT_PATH}{self._workspace.village}/{answer.snapshot}", 0
            else:
                return Delivered(frozen, answer)
            if not 0 <= size <= MAX_ARRIVING:
                raise words.garbled()
            whole = begin_arriving(
                self._workspace,
                self._link,
                path,
                hash=answer.content_hash,
                size=size,
                batch=frozen.hash if frozen else b"",
            )
        return self._collect(whole, frozen)

    # --- up

    def _ask(self, frozen: FrozenBatch | None, request: SyncRequest) -> SyncAnswer:
        whole = frozen if frozen is not None and request.batch_hash else None
        anew = False
        for _ in range(_MOST_TRIES):
            if whole is not None:
                self._bring(whole, anew=anew)
            try:
                body = self._line.call("POST", SYNC_PATH, sign_request(self._link.key, request))
                return decode(body, SyncAnswer)
            except PartMissingError as error:
                anew = whole is not None and error.known >= len(whole.content)
            except DamagedMessageError as error:
                raise words.garbled() from error
        raise words.garbled()

    def _bring(self, frozen: FrozenBatch, *, anew: bool) -> None:
        """Piece by piece, from where the county has it."""
        name, size = frozen.hash.hex(), len(frozen.content)
        known = 0
        if not anew and self._workspace.state(state.UPLOADING) == name:
            known = self._put(name, 0, b"")
        else:
            self._workspace.set_state(state.UPLOADING, name)
        later = _guess_later(self._workspace, frozen)
        while known < size:
            self._line.meter.begin(Phase.PUSHING, total=size + later, done=known)
            piece = frozen.content[known : known + self._pieces.size]
            before, known = known, self._measured(len(piece), partial(self._put, name, known, piece))
            if not before < known <= size:
                raise words.garbled()
            self._watch.progressed()
        self._line.meter.end()

    def _put(self, name: str, start: int, piece: bytes) -> int:
        path = f"{PART_PATH}{name}/{start}"
        ticket = sign_ticket(self._link.key, device=self._link.device, method="PUT", path=path)
        try:
            return decode(self._line.call("PUT", path, piece, ticket=ticket), PartState).known
        except DamagedMessageError as error:
            raise words.garbled() from error

    # --- down

    def _collect(self, whole: Arriving, frozen: FrozenBatch | None) -> Delivered:
        snapshot = not whole.hash
        new = self._link.cursor == 0 and not self._link.trail.steps
        phase = Phase.FIRST_LOAD if snapshot or new else Phase.PULLING
        while not whole.size or whole.have < whole.size:
            self._line.meter.begin(phase, total=whole.size, done=whole.have)
            whole = self._get(whole)
            self._watch.progressed()
        self._line.meter.end()
        content = read_whole(self._workspace)
        if snapshot:
            return Delivered(frozen, None, content)
        try:
            if hash_of(content) != whole.hash:
                raise DamagedMessageError("another content than was announced")
            return Delivered(frozen, decode(content, SyncAnswer), in_pieces=True)
        except DamagedMessageError as error:
            forget_arriving(self._workspace)
            raise words.garbled() from error

    def _get(self, whole: Arriving) -> Arriving:
        """The next piece; what came of it before a cut is kept."""
        stop = whole.have + self._pieces.size
        if whole.size:
            stop = min(stop, whole.size)
        ticket = sign_ticket(self._link.key, device=self._link.device, method="GET", path=whole.path)
        into = bytearray()
        try:
            self._measured(
                stop - whole.have,
                partial(self._line.fetch, whole.path, (whole.have, stop), ticket=ticket, into=into),
            )
        except ContentMissingError as error:
            forget_arriving(self._workspace)
            raise words.line_cut() from error
        finally:
            told = self._line.told_size
            if into and (told == whole.size or not whole.size):
                whole = keep_part(self._workspace, whole, bytes(into), size=told)
        if not into or told != whole.size:
            forget_arriving(self._workspace)
            raise words.garbled()
        return whole

    # --- what this line can bear

    def _measured(self, count: int, carry: Callable[[], T]) -> T:
        begun = time.monotonic()
        try:
            outcome = carry()
        except words.LineError:
            self._learn(self._pieces.after_cut())
            raise
        self._learn(self._pieces.after_pass(count, time.monotonic() - begun))
        return outcome

    def _learn(self, pieces: PieceSize) -> None:
        if pieces != self._pieces:
            self._pieces = pieces
            self._workspace.set_state(state.PIECES, f"{pieces.size} {pieces.passed} {pieces.cut_at}")


def _read_pieces(workspace: Workspace) -> PieceSize:
    kept = workspace.state(state.PIECES)
    return PieceSize(*(int(part) for part in kept.split())) if kept else PieceSize()


def _guess_later(workspace: Workspace, frozen: FrozenBatch) -> int:
    """About so many bytes wait behind this batch."""
    column = change_log.c
    with explained(), workspace.engine.connect() as connection:
        text = connection.scalar(
            select(func.sum(func.length(column.new) + 40)).where(
                column.device_seq > frozen.last_seq, column.origin == 0
            )
        )
    return int(text or 0) // _TEXT_PER_BYTE


def is_large(frozen: FrozenBatch) -> bool:
    """Whether the batch goes ahead of its request, in pieces."""
    return len(frozen.content) > AT_ONCE
