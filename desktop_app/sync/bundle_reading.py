"""The way back: what the county answered to a stick, taken in by the very settling of the line.

A file may come late, twice, or after the same was settled by line: what is known already is passed over, and what
would leave a gap is not taken.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace
from pyrage import x25519
from sqlalchemy import select

from desktop_app.storage.contents import FETCHED, SENT, note_receipt
from desktop_app.storage.county_clock import KNOWN_DAY, SKEW_SECONDS, day_by_stick
from desktop_app.storage.entry import note_revoked
from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import bundle_words, state, words
from desktop_app.sync.bundle import age_identity
from desktop_app.sync.bundle_log import count_questions, note_bundle
from desktop_app.sync.bundle_report import Ending, ReadBundle, ending_of
from desktop_app.sync.first_load import take_snapshot
from desktop_app.sync.inbox import Settled, settle
from desktop_app.sync.journal_telling import keep_answer_by_stick
from desktop_app.sync.outbox import list_frozen
from desktop_app.sync.watch import Watch
from village_core.domain.errors import UserError
from village_core.exchange.bundle import (
    SUFFIX,
    AnswerTo,
    ContentWord,
    DeviceMessage,
    Header,
    Kind,
    Part,
    Refusal,
    SnapshotAnswer,
    bundle_code,
    decode_device_message,
    open_part,
    read_contents,
)
from village_core.exchange.bundle_frames import BundleError, Fault
from village_core.exchange.codec import (
    DamagedMessageError,
    compress,
    decode_transactions,
    decompress,
    encode_transactions,
)
from village_core.exchange.contents import read_content_receipt
from village_core.exchange.local_tables import sent_batch
from village_core.exchange.messages import Problem, Status, SyncAnswer, decode
from village_core.exchange.operations import Transaction

_OVERTAKEN = Settled(more=True)
"""What settling says when an exchange over the line got in between."""
_TRIES = 3


@dataclass
class _Opened:
    path: Path
    part: Part
    size: int
    messages: list[DeviceMessage] = field(default_factory=list)


def read_bundle(workspace: Workspace, target: Path, *, watch: Watch | None = None) -> ReadBundle:
    """Take in a file, or every way back for this laptop that lies in a folder. Reading again changes nothing.

    Raises `RefusedError` for a file that is not taken; then nothing of it was used. `DeviceStoppedError` when the
    county says that this laptop is stopped: then it is, as over the line.
    """
    watch = watch or Watch()
    link = state.find_link(workspace)
    if link is None:
        raise words.no_county()
    if link.county_key is None:
        raise bundle_words.no_lock()
    identity = age_identity(workspace)
    report = ReadBundle()
    opened: list[_Opened] = []
    for path in _files(workspace, link, target):
        try:
            opened.append(_open(workspace, link, path, identity))
        except UserError as error:
            report.refused.append(error)
    opened.sort(key=lambda one: (one.part.header.made, one.part.header.part))
    try:
        taken = [one for one in opened if _take_in(workspace, one, identity, report=report, watch=watch)]
    except BaseException:
        if report.applied:
            _note(workspace, report, said="，读到一半停下来了，读过的都算数。")
        raise
    if not taken:
        raise report.refused[0]
    report.receipts = _keep_receipts(workspace, link, taken)
    report.questions = count_questions(workspace)
    refusal = _find_refusal(taken)
    if refusal is None:
        _note(workspace, report, said=f"：{report.words}")
        return report
    if isinstance(refusal, words.DeviceStoppedError):
        note_revoked(workspace)
    _note(workspace, report, said=f"：{refusal.what}", error=refusal)
    raise refusal


def _note(workspace: Workspace, report: ReadBundle, *, said: str, error: UserError | None = None) -> None:
    note_bundle(
        workspace,
        words=f"从 U 盘读回（U 盘码 {report.code}）{said}",
        sent=report.sent,
        received=report.received,
        bytes_down=report.bytes,
        equal=report.equal,
        error=error,
    )


def _take_in(
    workspace: Workspace, opened: _Opened, identity: x25519.Identity, *, report: ReadBundle, watch: Watch
) -> bool:
    """One file that was found right; whether it had its place here."""
    watch.check()
    report.code = bundle_code(opened.part.header.bundle)
    try:
        _settle_all(workspace, opened, report)
        _keep_contents(workspace, opened, identity, report, watch)
    except UserError as error:
        report.refused.append(error)
        return False
    report.operations += opened.part.header.operations
    report.bytes += opened.size
    watch.progressed()
    return True


def _files(workspace: Workspace, link: state.CountyLink, target: Path) -> Sequence[Path]:
    if not target.is_dir():
        return [target]
    found = sorted(target.glob(f"R{workspace.village}-{link.device}-*{SUFFIX}"))
    if not found:
        raise bundle_words.nothing_found(target.name or str(target))
    return found


def _open(workspace: Workspace, link: state.CountyLink, path: Path, identity: x25519.Identity) -> _Opened:
    """Read through, unlock, check who signed it and for whom."""
    try:
        with path.open("rb") as source:
            opened = _Opened(path, open_part(source, Kind.TO_DEVICE, identity), path.stat().st_size)
            _check(workspace, link, opened.part, identity)
            opened.messages += _messages(opened.part)
    except BundleError as error:
        raise bundle_words.explain_fault(error.fault, path.name) from error
    except OSError as error:
        raise bundle_words.unreadable(path.name) from error
    return opened


def _check(workspace: Workspace, link: state.CountyLink, part: Part, identity: x25519.Identity) -> None:
    header: Header = part.header
    for_us = (header.village, header.device) == (workspace.village, link.device)
    named = str(identity.to_public()) in header.recipients
    if link.county_key is None or not (for_us and named and part.is_signed_by(link.county_key)):
        raise BundleError(Fault.FORGED)


def _find_refusal(opened: Sequence[_Opened]) -> UserError | None:
    """The county's no, if one of the files brings it; what only a newer program knows is passed over."""
    for one in opened:
        for message in one.messages:
            if isinstance(message, Refusal):
                try:
                    return words.explain_problem(decode(message.problem, Problem), 403)
                except DamagedMessageError:
                    continue
    return None


def _messages(part: Part) -> list[DeviceMessage]:
    """Those that this program knows."""
    try:
        messages = [decode_device_message(one) for one in part.messages]
    except DamagedMessageError as error:
        raise BundleError(Fault.DAMAGED) from error
    return [one for one in messages if one is not None]


def _settle_all(workspace: Workspace, opened: _Opened, report: ReadBundle) -> None:
    answers = [message for message in opened.messages if isinstance(message, AnswerTo)]
    for message in answers:
        report.operations += _count_operations(message)
        settled = _settle(workspace, message, report)
        link = state.find_link(workspace)
        own = link is not None and link.incarnation == message.incarnation
        if own and message is answers[0] and opened.part.header.part == 1:
            keep_answer_by_stick(workspace, opened.part.header.bundle, _decoded(message))
        if settled is None:
            report.passed_over += 1
            continue
        report.sent += settled.sent
        report.received += settled.received
        report.deferred = settled.deferred
        answer = _decoded(message)
        report.ending = Ending.UNKNOWN if message.batch else ending_of(settled, answer)
        report.left = not message.batch and answer.more


def _settle(workspace: Workspace, message: AnswerTo, report: ReadBundle) -> Settled | None:
    """One answer, as if it had just come over the line; None when it has nothing new to say."""
    answer = _decoded(message)
    link = state.find_link(workspace)
    if link is None or message.incarnation != link.incarnation:
        return None
    skew, day = workspace.state(SKEW_SECONDS) or "0", workspace.state(KNOWN_DAY) or ""
    if answer.status is not Status.DONE:
        settled = _settle_going_back(workspace, link, message, answer)
        report.begun_again |= settled is not None
    elif 0 < answer.epoch < link.epoch:
        return None  # of a history that is no more
    else:
        settle_done = _settle_batch if message.batch else _settle_operations
        if isinstance(message, SnapshotAnswer):
            settle_done = _settle_snapshot
        settled = settle_done(workspace, link, message, answer)
        for _ in range(_TRIES):
            if settled != _OVERTAKEN:
                break
            link = state.find_link(workspace) or link
            settled = settle_done(workspace, link, message, answer)
    # The answer is days old, which says nothing of the clock.
    workspace.set_state(SKEW_SECONDS, skew)
    workspace.set_state(KNOWN_DAY, day_by_stick(day, workspace.state(KNOWN_DAY) or "", workspace.clock))
    return settled


def _settle_going_back(
    workspace: Workspace, link: state.CountyLink, message: AnswerTo, answer: SyncAnswer
) -> Settled | None:
    """The county sees another history: this laptop begins again as it would over the line, unless it has by now."""
    if answer.status is Status.BEHIND and answer.epoch <= link.epoch:
        return None
    if answer.status is Status.FORK and message.acked_seq != link.acked_seq:
        return None
    return settle(workspace, link, answer, None)


def _settle_batch(
    workspace: Workspace, link: state.CountyLink, message: AnswerTo, answer: SyncAnswer
) -> Settled | None:
    with explained(), workspace.engine.connect() as connection:
        frozen = next((one for one in list_frozen(connection) if one.hash == message.batch), None)
        known = connection.scalar(select(sent_batch.c.last_seq).where(sent_batch.c.hash == message.batch.hex()))
    if frozen is None and known is not None:
        return None
    if frozen is None:
        raise bundle_words.other_history()
    if frozen.first_seq != link.acked_seq + 1:
        raise bundle_words.earlier_missing(link.acked_seq + 1, frozen.first_seq - 1)
    return settle(workspace, link, replace(answer, cursor=link.cursor, mark=b"", since=-1, more=True), frozen)


def _settle_operations(
    workspace: Workspace, link: state.CountyLink, message: AnswerTo, answer: SyncAnswer
) -> Settled | None:
    if answer.cursor < link.cursor:
        return None
    if answer.acked_seq > link.acked_seq:
        raise bundle_words.earlier_missing(link.acked_seq + 1, answer.acked_seq)
    if message.cursor > link.cursor:
        raise bundle_words.other_history()
    if answer.acked_seq < link.acked_seq:
        # More was confirmed since: what the county's digest was then proves nothing now.
        answer = replace(answer, more=True)
    if message.cursor < link.cursor:
        # Gone on since: no going back to where the county had sent this laptop then.
        answer = replace(answer, since=-1)
    start = link.cursor if answer.since < 0 else answer.since
    return settle(workspace, link, replace(answer, operations=_after(answer.operations, start)), None)


def _settle_snapshot(
    workspace: Workspace, link: state.CountyLink, message: AnswerTo, answer: SyncAnswer
) -> Settled | None:
    """All rows instead of a long row of operations; then the rest of the answer, as if it came right behind them."""
    if answer.snapshot <= link.cursor:
        return None
    if answer.acked_seq > link.acked_seq:
        raise bundle_words.earlier_missing(link.acked_seq + 1, answer.acked_seq)
    if message.cursor > link.cursor:
        raise bundle_words.other_history()
    assert isinstance(message, SnapshotAnswer)
    changed = take_snapshot(workspace, link, message.snapshot)
    link = state.find_link(workspace) or link
    if link.cursor < answer.snapshot:
        return _OVERTAKEN
    more = answer.acked_seq < link.acked_seq
    rest = replace(answer, cursor=link.cursor, mark=b"", since=-1, snapshot=0, more=more)
    settled = settle(workspace, link, rest, None)
    return dataclasses.replace(settled, received=settled.received + changed)


def _count_operations(message: AnswerTo) -> int:
    """Of others, as they came."""
    operations = _decoded(message).operations
    if not operations:
        return 0
    return sum(len(one.operations) for one in _transactions(operations))


def _decoded(message: AnswerTo) -> SyncAnswer:
    try:
        return decode(message.answer, SyncAnswer)
    except DamagedMessageError as error:
        raise words.garbled() from error


def _transactions(operations: bytes) -> tuple[Transaction, ...]:
    try:
        return decode_transactions(decompress(operations))
    except DamagedMessageError as error:
        raise words.garbled() from error


def _after(operations: bytes, cursor: int) -> bytes:
    """Without the transactions that came by line since the file was asked for."""
    if not operations:
        return b""
    new = [one for one in _transactions(operations) if one.operations[-1].number > cursor]
    return compress(encode_transactions(new)) if new else b""


def _keep_contents(
    workspace: Workspace, opened: _Opened, identity: x25519.Identity, report: ReadBundle, watch: Watch
) -> None:
    if not opened.part.header.contents:
        return

    def take(sha256: str, content: bytes) -> None:
        watch.check()
        if hashlib.sha256(content).hexdigest() == sha256 and not workspace.attachments.has(sha256):
            workspace.attachments.put(content)
            report.contents += 1

    try:
        with opened.path.open("rb") as source:
            read_contents(source, identity, take=take)
    except BundleError as error:
        raise bundle_words.explain_fault(error.fault, opened.path.name) from error
    except OSError as error:
        raise bundle_words.unreadable(opened.path.name) from error


def _keep_receipts(workspace: Workspace, link: state.CountyLink, opened: Sequence[_Opened]) -> int:
    """The county's word for contents that are here; only with it may an original ever be deleted here."""
    fetched = {sha256 for one in opened for sha256, _ in one.part.header.contents}
    words_of_county = [message for one in opened for message in one.messages if isinstance(message, ContentWord)]
    kept = 0
    for word in words_of_county:
        sha256 = word.sha256.hex()
        if link.county_key is None or not workspace.attachments.has(sha256):
            continue
        try:
            read_content_receipt(link.county_key, word.receipt, village=workspace.village, sha256=sha256)
        except DamagedMessageError:
            continue
        with explained(), workspace.engine.execution_options(write=True).begin() as connection:
            note_receipt(connection, sha256, word.receipt, outcome=FETCHED if word.sha256 in fetched else SENT)
        kept += 1
    return kept
