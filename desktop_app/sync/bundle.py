"""Everything that waits, written to a stick for the county: the very requests that the line would carry.

Always from the last confirmed change on, so that a lost stick costs a walk and nothing else. What waits stays here
until an answer comes back, by stick or by line, whichever is first.
"""

from __future__ import annotations

import errno
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace
from pyrage import x25519

from desktop_app.storage.attachments import AttachmentMissingError
from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import bundle_words, state, words
from desktop_app.sync.bundle_log import count_questions, note_bundle
from desktop_app.sync.content_plan import Task, plan_contents
from desktop_app.sync.journal_telling import next_head_by_stick
from desktop_app.sync.outbox import FrozenBatch, freeze_all
from desktop_app.sync.proof import kept_root, refresh_digests
from desktop_app.sync.watch import Watch
from village_core.exchange.batches import thaw_batch
from village_core.exchange.bundle import (
    PART_LIMIT,
    SUITE,
    Header,
    Kind,
    bundle_code,
    file_name,
    plan_parts,
    write_part,
)
from village_core.exchange.bundle_files import sweep, write_checked
from village_core.exchange.bundle_frames import BundleError, Sink
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.messages import HEAD_BYTES, PROTOCOL, SyncRequest, Want, sign_request

AGE_SECRET = "device.age_secret"  # noqa: S105 - the name under which the secret is kept, in the encrypted database
_MARGIN = 128 << 10


@dataclass(frozen=True)
class WrittenBundle:
    """What lies on the stick now. `code` is the same on the slip, on the county's machine and in the way back."""

    paths: tuple[Path, ...]
    code: str
    village: str
    device: int
    first_seq: int
    last_seq: int
    operations: int
    contents: int
    bytes: int
    made: datetime
    held: int

    def as_json(self) -> dict[str, object]:
        """For scripts. Nothing is applied by writing."""
        return {
            "operations": self.operations,
            "applied": 0,
            "held": self.held,
            "contents": self.contents,
            "bytes": self.bytes,
            "code": self.code,
            "files": [str(path) for path in self.paths],
        }


@dataclass(frozen=True)
class _Piece:
    """What goes into one part."""

    requests: tuple[bytes, ...]
    frozen: tuple[FrozenBatch, ...]
    tasks: tuple[Task, ...]

    @property
    def size(self) -> int:
        return sum(map(len, self.requests)) + sum(one.size for one in self.tasks)


def write_bundle(
    workspace: Workspace,
    target: Path,
    *,
    onto_stick: bool = False,
    part_limit: int = PART_LIMIT,
    watch: Watch | None = None,
) -> WrittenBundle:
    """Write everything that waits into a folder, or under the given file name (several parts: beside it).

    `onto_stick`: the target is a folder, and if it is gone, the stick was pulled.

    Raises `RefusedError` without a county, `ProblemOutsideError` when the stick is full or pulled.
    """
    watch = watch or Watch()
    if onto_stick and not target.is_dir():
        raise bundle_words.not_written(FileNotFoundError(errno.ENOENT, "gone"), needed=0)
    link = state.find_link(workspace)
    if link is None:
        raise words.no_county()
    if not link.county_recipient:
        raise bundle_words.no_lock()
    frozen = freeze_all(workspace, link)
    tasks = plan_contents(workspace)
    header = _header(workspace, link, wanted=[bytes.fromhex(one.sha256) for one in tasks if not one.here])
    journal = next_head_by_stick(workspace, header.bundle)
    requests = _requests(workspace, link, frozen, journal=journal)
    pieces = _divide(requests, frozen, [one for one in tasks if one.here], limit=part_limit)
    first_seq, last_seq = (frozen[0].first_seq, frozen[-1].last_seq) if frozen else (0, link.acked_seq)
    paths: list[Path] = []
    size = 0
    for number, piece in enumerate(pieces, 1):
        watch.check()
        part = _part_header(header, piece, part=number, parts=len(pieces))
        path = target
        if target.is_dir() or len(pieces) > 1:
            folder = target if target.is_dir() else target.parent
            path = folder / file_name(Kind.TO_COUNTY, part, first_seq=first_seq, last_seq=last_seq)
        size += _write_part(workspace, link, path, part, piece, watch=watch)
        paths.append(path)
        watch.progressed()
    written = WrittenBundle(
        paths=tuple(paths),
        code=bundle_code(header.bundle),
        village=workspace.village,
        device=link.device,
        first_seq=first_seq,
        last_seq=last_seq,
        operations=sum(one.last_seq - one.first_seq + 1 for one in frozen),
        contents=sum(len(piece.tasks) for piece in pieces),
        bytes=size,
        made=workspace.clock.now(),
        held=count_questions(workspace),
    )
    carried = f"带着 {written.operations:,} 条改动" if written.operations else "没有新的改动，只取别人的"
    note_bundle(workspace, bytes_up=size, words=f"写到了 U 盘，{carried}，U 盘码 {written.code}。")
    return written


def age_identity(workspace: Workspace) -> x25519.Identity:
    """The key that opens what the county sends back; made when it is needed first."""
    kept = workspace.state(AGE_SECRET)
    if kept is None:
        kept = str(x25519.Identity.generate())
        workspace.set_state(AGE_SECRET, kept)
    return x25519.Identity.from_str(kept)


def _requests(
    workspace: Workspace, link: state.CountyLink, frozen: Sequence[FrozenBatch], *, journal: tuple[bytes, bytes]
) -> list[bytes]:
    """One request a batch, each as if the one before had been answered; the last asks what others did. The first
    tells the head of the journal: it is the one that the county carries out in any case."""
    acked, head = link.acked_seq, link.head
    requests: list[bytes] = []
    for batch in [*frozen, None]:
        want = Want.BY_FILE | Want.SNAPSHOT_BY_FILE
        if batch is None:
            want |= Want.RECEIPT | Want.IDENTITY
        request = SyncRequest(
            protocol=PROTOCOL,
            device=link.device,
            incarnation=link.incarnation,
            schema=SCHEMA_VERSION,
            acked_seq=acked,
            head=head[:HEAD_BYTES],
            cursor=link.cursor,
            time=int(workspace.clock.now().timestamp() * 1000),
            batch=batch.content if batch else b"",
            signature=batch.signature if batch else b"",
            want=want,
            epoch=link.epoch,
            journal=b"" if requests else journal[0],
            journal_places=b"" if requests else journal[1],
            mark=link.mark,
            milestones=link.milestones if batch is None else b"",
        )
        requests.append(sign_request(link.key, request))
        if batch is not None:
            acked, head = batch.last_seq, batch.hash
    return requests


def _divide(
    requests: Sequence[bytes], frozen: Sequence[FrozenBatch], tasks: Sequence[Task], *, limit: int
) -> list[_Piece]:
    parts = plan_parts([len(one) for one in requests], [one.size for one in tasks], limit=limit)
    return [
        _Piece(tuple(requests[messages]), tuple(frozen[messages]), tuple(tasks[contents]))
        for messages, contents in parts
    ]


def _header(workspace: Workspace, link: state.CountyLink, *, wanted: list[bytes]) -> Header:
    """What all parts have in common."""
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        refresh_digests(connection, workspace.village)
        root = kept_root(connection, workspace.village)
    return Header(
        suite=SUITE,
        bundle=secrets.token_bytes(16),
        part=1,
        parts=1,
        recipients=link.county_recipient.split(),
        village=workspace.village,
        device=link.device,
        incarnation=link.incarnation,
        first_seq=0,
        last_seq=0,
        previous=link.head,
        cursor=link.cursor,
        root=root,
        schema=SCHEMA_VERSION,
        made=int(workspace.clock.now().timestamp() * 1000),
        operations=0,
        wanted=wanted,
        reply_to=str(age_identity(workspace).to_public()),
    )


def _part_header(header: Header, piece: _Piece, *, part: int, parts: int) -> Header:
    first, last = (piece.frozen[0].first_seq, piece.frozen[-1].last_seq) if piece.frozen else (0, 0)
    previous = thaw_batch(piece.frozen[0].content).previous if piece.frozen else header.previous
    return replace(
        header,
        part=part,
        parts=parts,
        first_seq=first,
        last_seq=last,
        previous=previous,
        operations=last - first + 1 if first else 0,
        contents=[(bytes.fromhex(one.sha256), one.size) for one in piece.tasks],
        wanted=header.wanted if part == 1 else [],
    )


def _write_part(
    workspace: Workspace, link: state.CountyLink, path: Path, header: Header, piece: _Piece, *, watch: Watch
) -> int:
    def fill(sink: Sink) -> bytes:
        contents = _read_contents(workspace, piece.tasks, watch)
        return write_part(sink, Kind.TO_COUNTY, header, messages=piece.requests, contents=contents, key=link.key)

    needed = piece.size + _MARGIN
    try:
        sweep(path.parent)
        return write_checked(path, fill, expected_bytes=needed)
    except OSError as error:
        raise bundle_words.not_written(error, needed=needed) from error
    except BundleError as error:
        raise bundle_words.not_read_back() from error


def _read_contents(workspace: Workspace, tasks: Sequence[Task], watch: Watch) -> Iterator[bytes]:
    """One after the other; what is damaged here stays here, and the county gives no receipt for it."""
    for task in tasks:
        watch.check()
        try:
            content = workspace.attachments.get(task.sha256)
        except AttachmentMissingError:
            continue
        yield bytes.fromhex(task.sha256) + content
        watch.progressed()
