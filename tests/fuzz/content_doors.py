"""Contents of attachments by line, on both sides: what a hostile laptop asks and brings, what a hostile county answers.

A real county and a real laptop, made once; what a try left behind is taken away before the next.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

import msgspec
from sqlalchemy import delete

from county_server.auth.devices import KnownDevice
from county_server.auth.identity import load_keys
from county_server.engine import writing
from county_server.migrate import open_migrated
from county_server.sync.chunks import Upload, answer_contents, read_chunks
from county_server.sync.content_room import ContentLimits
from county_server.tables import blob, blob_chunk, blob_upload
from desktop_app.bootstrap import create_workspace
from desktop_app.sync import blobs, words
from desktop_app.sync.content_plan import Kind, Task
from desktop_app.sync.state import CountyLink, find_link
from desktop_app.sync.transport import Line
from desktop_app.sync.watch import Watch
from tests.counties import County, opened_county
from tests.devices_at_county import Device, enrolled
from tests.fuzz.door import SAYS_NO, Door, Start
from tests.fuzz.mutations import changed_bytes, changed_message
from tests.laptops import Laptop, join
from village_core.domain.clock import stamp
from village_core.exchange.chunks import CHUNK_BYTES, iterate_chunks, mark_chunk, pack_chunks
from village_core.exchange.contents import (
    ContentReceipt,
    ContentsAnswer,
    ContentsRequest,
    ContentState,
    Span,
    read_span,
    sign_content_receipt,
)
from village_core.exchange.messages import sign_request

_OWN = bytes(range(256)) * 80
_OTHERS = bytes(reversed(range(256))) * 70
_OPEN = ExitStack()
atexit.register(_OPEN.close)


def _name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _span(path: bytes) -> Span:
    sha256, size, numbers = (*path.decode("utf-8", "replace").split("/", 2), "", "", "")[:3]
    return read_span(sha256, size, numbers)


@cache
def own_folder() -> Path:
    folder = Path(tempfile.mkdtemp())
    _OPEN.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def own_county() -> County:
    path = own_folder() / "county.db"
    open_migrated(str(path)).dispose()
    return _OPEN.enter_context(opened_county(str(path)))


@cache
def _device() -> Device:
    return enrolled(own_county())


@cache
def own_laptop() -> Laptop:
    workspace = create_workspace(
        own_folder() / "laptop",
        village=_device().village,
        name="太平村",
        person="李琼仙",
        passphrase="门前有棵大核桃树",
    )
    _OPEN.callback(workspace.close)
    laptop = Laptop(workspace, own_county())
    join(laptop, "报账员")
    laptop.sync()
    workspace.attachments.put(_OWN)
    return laptop


# --- at the county


def _sender() -> KnownDevice:
    device = _device()
    return KnownDevice(device.number, device.village, device.key.verify_key, 0, False)


def _clean() -> None:
    with writing(own_county().engine) as connection:
        for table in (blob_chunk, blob_upload, blob):
            connection.execute(delete(table))


def _ask(data: bytes) -> object:
    return answer_contents(own_county().engine, data)


def _signed(plain: bytes) -> bytes:
    """By an enrolled device, whatever it says."""
    return sign_request(_device().key, msgspec.Raw(plain))  # type: ignore[arg-type]


def _questions() -> list[bytes]:
    asked = [(hashlib.sha256(one).digest(), size) for one, size in ((_OWN, len(_OWN)), (_OTHERS, 0), (b"", 5))]
    return [msgspec.msgpack.encode(ContentsRequest(_device().number, asked))]


def _put(data: bytes) -> object:
    """A path, a line break, and the body of a PUT that comes in three parts; then it is asked for."""
    path, _, body = data.partition(b"\n")
    span = _span(path)
    _clean()
    county, sender = own_county(), _sender()
    upload = Upload(county.engine, sender, span, limits=ContentLimits(1 << 26), clock=county.clock)
    third = len(body) // 3 + 1
    for start in range(0, len(body), third):
        upload.feed(body[start : start + third])
        upload.keep()
    state = upload.finish()
    with suppress(*SAYS_NO):
        got = read_chunks(county.engine, sender, span)
        assert state.receipt or not got
    return state


def _paths_and_bodies() -> list[bytes]:
    whole = f"{_name(_OWN)}/{len(_OWN)}/0-3\n".encode() + _OWN
    part = f"{_name(_OWN)}/{len(_OWN)}/1-2\n".encode() + _OWN[CHUNK_BYTES : 2 * CHUNK_BYTES]
    return [whole, part]


def _marked(plain: bytes) -> bytes:
    """With the marks that belong to the chunks, and the name that belongs to the whole when all of it is brought."""
    path, _, content = plain.partition(b"\n")
    try:
        span = _span(path)
    except SAYS_NO:
        return plain
    chunks = iterate_chunks(content)
    name = _name(content) if span.size == len(content) else span.sha256
    told = f"{name}/{span.size}/{span.first}-{span.behind}\n".encode()
    return told + b"".join(mark_chunk(span.first + number, chunk) + chunk for number, chunk in chunks)


# --- at the laptop


class _HostileCounty(Line):
    """Answers with what it was given, one after the other; then the line is cut."""

    def __init__(self, answers: list[bytes]) -> None:
        super().__init__("http://127.0.0.1:1")
        self._answers = answers

    def call(self, method: str, path: str, body: bytes = b"", *, ticket: str = "") -> bytes:
        if not self._answers:
            raise words.line_cut()
        return self._answers.pop(0)


@cache
def own_link() -> CountyLink:
    link = find_link(own_laptop().workspace)
    assert link is not None
    return link


def _take_answers(data: bytes) -> object:
    """What the laptop does with it: one content that it has, one that it wants."""
    try:
        told = msgspec.msgpack.decode(data, type=list[bytes])
    except (msgspec.MsgspecError, RecursionError):
        told = [data]
    laptop = own_laptop()
    wanted = laptop.workspace.attachments.partial(_name(_OTHERS), len(_OTHERS))
    wanted.forget()
    line = _HostileCounty(told)
    with suppress(blobs._EditsWaitError, blobs._TimeIsUpError):
        blobs._ContentExchange(laptop.workspace, own_link(), line, Watch(), stuck=True)._settle_all(
            [Task(_name(_OWN), Kind.SMALL, len(_OWN)), Task(_name(_OTHERS), Kind.SMALL, 0)]
        )
    assert laptop.workspace.attachments.get(_name(_OWN)) == _OWN
    return None


def _receipt(content: bytes) -> bytes:
    with own_county().engine.connect() as connection:
        key = load_keys(connection).signing
    receipt = ContentReceipt(
        _device().village, hashlib.sha256(content).digest(), len(content), stamp(own_county().clock)
    )
    return sign_content_receipt(key, receipt)


def _answers() -> list[bytes]:
    states = ContentsAnswer([ContentState(len(_OWN), b"\x07"), ContentState(len(_OTHERS), b"", _receipt(_OTHERS))])
    later = ContentState(len(_OWN), b"", _receipt(_OWN))
    chunks = pack_chunks(iterate_chunks(_OTHERS))
    told = [msgspec.to_builtins(one, builtin_types=(bytes,)) for one in (states, later)]
    return [msgspec.msgpack.encode([*told, chunks]), msgspec.msgpack.encode([told[0], told[0], told[1], chunks])]


def _script(plain: bytes) -> bytes:
    """Each part as an answer of its own."""
    try:
        parts = msgspec.msgpack.decode(plain)
    except (msgspec.MsgspecError, RecursionError):
        return plain
    if not isinstance(parts, list):
        return plain
    return msgspec.msgpack.encode(
        [one if isinstance(one, bytes) else b"\x00" + msgspec.msgpack.encode(one) for one in parts]
    )


CONTENT_DOORS = {
    "content-question": Door(_ask, (Start(changed_message, _questions, _signed),)),
    "content-upload": Door(
        _put, (Start(changed_bytes, _paths_and_bodies, _marked), Start(changed_bytes, _paths_and_bodies))
    ),
    "content-answer": Door(_take_answers, (Start(changed_message, _answers, _script),)),
}
