"""Contents of attachments at the county, chunk by chunk: what is missing, what comes, and what is taken down.

Every step takes the village's row lock first: two laptops that send the same photo at once help each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection, Engine, LargeBinary, delete, func, insert, select, update

from county_server.auth.devices import KnownDevice
from county_server.auth.identity import load_keys
from county_server.auth.signed import Signed, finder, read_signed, sender_now
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.sync.content_room import ContentLimits, measure_room
from county_server.tables import blob, blob_chunk, blob_upload, village
from village_core.domain.clock import Clock, stamp, stamp_of
from village_core.exchange.chunks import (
    CHUNK_BYTES,
    ChunkReader,
    DamagedChunkError,
    GatheredContent,
    iterate_chunks,
    mark_chunk,
    missing_bitmap,
)
from village_core.exchange.contents import (
    MOST_ASKED,
    ContentReceipt,
    ContentsAnswer,
    ContentsRequest,
    ContentState,
    Span,
    sign_content_receipt,
)
from village_core.exchange.messages import ALL_VILLAGES, MAX_BLOB, ProblemKind

_LEFT_ALONE = timedelta(days=1)
_KEEP_FROM = 64 << 10


def answer_contents(engine: Engine, body: bytes, *, signed: Signed[ContentsRequest] | None = None) -> ContentsAnswer:
    """How the contents stand that a laptop asks about."""
    signed = signed or read_signed(body, ContentsRequest, find=finder(engine))
    request = signed.message
    if len(request.contents) > MOST_ASKED or any(len(sha256) != 32 for sha256, _ in request.contents):
        raise RequestRefusedError(400, ProblemKind.DAMAGED)
    with engine.connect() as connection:
        sender = sender_now(connection, signed)
        if sender.revoked:
            raise RequestRefusedError(403, ProblemKind.REVOKED)
        asked = [(sha256.hex(), size) for sha256, size in request.contents]
        return ContentsAnswer(list_states(connection, sender.village, asked))


def list_states(connection: Connection, village_code: str, asked: list[tuple[str, int]]) -> list[ContentState]:
    """The state of each content, asked for by SHA-256 and size (0: not known)."""
    names = [sha256 for sha256, _ in asked]
    complete = _list_complete(connection, village_code, names)
    column = blob_upload.c
    begun = set(
        connection.execute(
            select(column.sha256, column.size).where(column.village == village_code, column.sha256.in_(names))
        ).all()
    )
    return [
        complete.get(sha256)
        or (
            ContentState(size, missing_bitmap(size, _list_numbers(connection, village_code, sha256, size=size)))
            if (sha256, size) in begun
            else ContentState()
        )
        for sha256, size in asked
    ]


def accept_chunks(
    connection: Connection,
    village_code: str,
    sha256: str,
    *,
    size: int,
    chunks: Iterable[tuple[int, bytes]],
    device: int,
    limits: ContentLimits,
    clock: Clock,
) -> ContentState:
    """Keep chunks of a content in the caller's transaction; those that are here already change nothing.

    The state says whether the content is complete now. `DamagedChunkError` when all of them together are not what
    the name says: then none is kept, and the caller may commit that. `RequestRefusedError` at a limit.
    """
    if not 0 < size <= MAX_BLOB:
        raise RequestRefusedError(413, ProblemKind.TOO_LARGE)
    _lock(connection, village_code)
    if complete := _list_complete(connection, village_code, [sha256]):
        return complete[sha256]
    _begin(connection, village_code, sha256, size=size, device=device, limits=limits, clock=clock)
    kept = _list_numbers(connection, village_code, sha256, size=size)
    fresh = {number: chunk for number, chunk in chunks if number not in kept}
    place = {"village": village_code, "sha256": sha256, "size": size}
    if fresh:
        rows = [{**place, "number": number, "content": chunk} for number, chunk in fresh.items()]
        connection.execute(insert(blob_chunk), rows)
    missing = missing_bitmap(size, kept | fresh.keys())
    if missing:
        return ContentState(size, missing)
    gathered = GatheredContent(sha256, size)
    for number, chunk in connection.execute(select(blob_chunk.c.number, blob_chunk.c.content).filter_by(**place)):
        gathered.accept_chunk(number, bytes(chunk))
    connection.execute(delete(blob_chunk).filter_by(**place))
    connection.execute(delete(blob_upload).filter_by(**place))
    connection.execute(insert(blob).values(**place, content=gathered.whole(), received_at=stamp(clock)))
    return _list_complete(connection, village_code, [sha256])[sha256]


def read_chunks(engine: Engine, sender: KnownDevice, span: Span) -> bytes:
    """The chunks of a complete content as they travel; refuses when it is not here in this size."""
    start = span.first * CHUNK_BYTES
    part = func.substr(blob.c.content, start + 1, (span.behind - span.first) * CHUNK_BYTES, type_=LargeBinary)
    place = (blob.c.village == sender.village, blob.c.sha256 == span.sha256, blob.c.size == span.size)
    with engine.connect() as connection:
        content = connection.scalar(select(part).where(*place))
    if content is None:
        raise RequestRefusedError(404, ProblemKind.NO_CONTENT)
    return b"".join(mark_chunk(span.first + number, chunk) + chunk for number, chunk in iterate_chunks(bytes(content)))


class Upload:
    """One PUT: takes chunks while they arrive, so that a cut line costs no more than the last of them."""

    def __init__(self, engine: Engine, sender: KnownDevice, span: Span, *, limits: ContentLimits, clock: Clock) -> None:
        self._engine = engine
        self._sender = sender
        self._span = span
        self._limits = limits
        self._clock = clock
        self._reader = ChunkReader(span.size, span.first, span.behind)
        self._waiting: list[tuple[int, bytes]] = []
        self._damaged = False
        self.state = self._keep()

    def feed(self, data: bytes) -> None:
        """Take in what has arrived; a damaged chunk ends the taking in, what came before it stays."""
        if self._damaged or not self.state.missing:
            return
        try:
            self._waiting += self._reader.feed(data)
        except DamagedChunkError:
            self._damaged = True

    @property
    def wants_keeping(self) -> bool:
        return len(self._waiting) * CHUNK_BYTES >= _KEEP_FROM

    def keep(self) -> None:
        """Write down what is whole by now."""
        if self._waiting:
            self.state = self._keep()

    def finish(self) -> ContentState:
        """The answer to a PUT that arrived to its end."""
        self.keep()
        if self._damaged:
            raise RequestRefusedError(422, ProblemKind.DAMAGED)
        return self.state

    def _keep(self) -> ContentState:
        waiting, self._waiting = self._waiting, []
        problem: DamagedChunkError | None = None
        state = ContentState()
        with writing(self._engine) as connection:
            try:
                state = accept_chunks(
                    connection,
                    self._sender.village,
                    self._span.sha256,
                    size=self._span.size,
                    chunks=waiting,
                    device=self._sender.number,
                    limits=self._limits,
                    clock=self._clock,
                )
            except DamagedChunkError as error:
                problem = error
        if problem is not None:
            raise RequestRefusedError(422, ProblemKind.DAMAGED) from problem
        return state


def _lock(connection: Connection, village_code: str) -> None:
    connection.execute(select(village.c.code).where(village.c.code == village_code).with_for_update()).one()


def _begin(
    connection: Connection,
    village_code: str,
    sha256: str,
    *,
    size: int,
    device: int,
    limits: ContentLimits,
    clock: Clock,
) -> None:
    """A row for an upload, unless there is one; one more than a device may have takes the place of a forgotten one."""
    column = blob_upload.c
    place = (column.village == village_code, column.sha256 == sha256, column.size == size)
    if connection.execute(update(blob_upload).where(*place).values(touched_at=stamp(clock))).rowcount:
        return
    used = sum(
        connection.scalar(select(func.coalesce(func.sum(table.c.size), 0)).where(table.c.village == village_code)) or 0
        for table in (blob, blob_upload)
    )
    if used + size > limits.village_bytes:
        raise RequestRefusedError(413, ProblemKind.VILLAGE_FULL)
    if size > measure_room(connection, limits).left_for(size):
        raise RequestRefusedError(413, ProblemKind.VILLAGE_FULL, ALL_VILLAGES)
    own = connection.execute(
        select(column.sha256, column.size, column.touched_at)
        .where(column.village == village_code, column.device == device)
        .order_by(column.touched_at)
    ).all()
    if len(own) >= limits.unfinished:
        if own[0].touched_at > stamp_of(clock.now() - _LEFT_ALONE):
            raise RequestRefusedError(429, ProblemKind.TOO_MANY_UNFINISHED)
        oldest = {"village": village_code, "sha256": own[0].sha256, "size": own[0].size}
        connection.execute(delete(blob_chunk).filter_by(**oldest))
        connection.execute(delete(blob_upload).filter_by(**oldest))
    connection.execute(
        insert(blob_upload).values(
            village=village_code, sha256=sha256, size=size, device=device, touched_at=stamp(clock)
        )
    )


def _list_numbers(connection: Connection, village_code: str, sha256: str, *, size: int) -> set[int]:
    column = blob_chunk.c
    place = (column.village == village_code, column.sha256 == sha256, column.size == size)
    return set(connection.scalars(select(column.number).where(*place)))


def _list_complete(connection: Connection, village_code: str, names: list[str]) -> dict[str, ContentState]:
    column = blob.c
    rows = connection.execute(
        select(column.sha256, column.size, column.received_at).where(
            column.village == village_code, column.sha256.in_(names)
        )
    ).all()
    if not rows:
        return {}
    key = load_keys(connection).signing
    return {
        row.sha256: ContentState(
            row.size,
            receipt=sign_content_receipt(
                key, ContentReceipt(village_code, bytes.fromhex(row.sha256), row.size, row.received_at)
            ),
        )
        for row in rows
    }
