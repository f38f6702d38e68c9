"""One connection to the county: HTTP/1.1 kept alive, as few headers as can be, every byte counted.

Counted is what HTTP sends and receives, without TLS. A call never takes longer than the deadline it was given.
"""

from __future__ import annotations

import errno
import http.client
import io
import ipaddress
import os
import re
import select
import socket
import ssl
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from desktop_app.sync import words
from desktop_app.sync.watch import Meter
from village_core.domain.errors import RefusedError
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.messages import MAX_BLOB, Problem, ProblemKind, decode
from village_core.exchange.pieces import PART_PATH, read_total, write_span

_CONNECT_SECONDS = 20.0
_SILENCE_SECONDS = 60.0
_GLANCE_SECONDS = 0.25
_SENT_FOR_NOTHING = 20 << 10
"""Chunks that a cut PUT has brought are kept by the county: more than this is not sent again blindly."""
_MAX_ANSWER = MAX_BLOB + 4096
_SEND_BUFFER = 32 << 10
"""What lies in the system's buffer has not gone out: a large one would hide how slow a line is."""
_COME_AGAIN = 30.0
_LONGEST_WAIT = 600.0


class Line:
    """The line to one county. Not shared between threads; `close` when done.

    `deadline` (of `time.monotonic`) may be moved while it is used; None means only silence ends a call.
    """

    def __init__(self, url: str, ca: str = "") -> None:
        self._host, self._port, self._path, self._secure = read_url(url)
        self._context = _tls_context(ca) if self._secure else None
        self._connection: _CountingConnection | None = None
        self.deadline: float | None = None
        self.bytes_up = 0
        self.bytes_down = 0
        self.round_trips = 0
        self.meter = Meter()
        self.told_size = 0
        """Of the whole content of which `fetch` got a piece."""
        self.told_wait = ""
        self.check: Callable[[], None] = lambda: None
        """Called while the line is waited for; raises to end the call (the window is closing, 停止 was pressed)."""

    def call(self, method: str, path: str, body: bytes = b"", *, ticket: str = "") -> bytes:
        """The body of the answer. What the county refuses becomes its sentence; a cut line a `LineError`."""
        status, answer = self._turn(method, path, body, ticket=ticket)
        self.round_trips += 1
        if status in (200, 204):
            return answer
        raise self._explained(status, answer)

    def fetch(self, path: str, span: tuple[int, int], *, ticket: str, into: bytearray) -> None:
        """Append the bytes of `span` to `into`; when the line is cut, those that came. `told_size` is then set."""
        self.told_size = 0
        status, answer = self._turn("GET", path, b"", ticket=ticket, span=span, into=into)
        self.round_trips += 1
        if status != 206:
            raise self._explained(status, answer)

    def _explained(self, status: int, answer: bytes) -> Exception:
        if status == 503:
            told = self.told_wait.strip()
            seconds = float(told) if told.isascii() and told.isdigit() and len(told) < 6 else _COME_AGAIN
            return words.BusyError(min(seconds, _LONGEST_WAIT))
        return _explain(status, answer)

    def now(self) -> float:
        """Seconds on a clock that only goes forward."""
        return time.monotonic()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _turn(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        ticket: str,
        span: tuple[int, int] | None = None,
        into: bytearray | None = None,
    ) -> tuple[int, bytes]:
        """One request and its answer. A kept connection may be gone by now: then the same once more on a new one,
        which does no harm, since the county knows a request again."""
        kept = self._connection is not None and self._connection.sock is not None
        sent_before = self.bytes_up
        try:
            connection = self._connected()
            connection.putrequest(method, self._path + path, skip_accept_encoding=True)
            if ticket:
                connection.putheader("Authorization", ticket)
            if span is not None:
                connection.putheader("Range", write_span(*span))
            if method != "GET":
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            self.told_wait = answer.getheader("Retry-After") or ""
            if span is not None and into is not None and answer.status == 206:
                self.told_size = read_total(answer.getheader("Content-Range") or "")
                _read_piece(answer, into, most=span[1] - span[0])
                return answer.status, b""
            content = answer.read(_MAX_ANSWER + 1)
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise words.wrong_certificate() from error
        except (http.client.HTTPException, OSError, ValueError) as error:
            unreached = self.bytes_up == sent_before
            self.close()
            blindly = 0 if path.startswith(PART_PATH) else _SENT_FOR_NOTHING
            if kept and not into and not (method == "PUT" and self.bytes_up - sent_before > blindly):
                return self._turn(method, path, body, ticket=ticket, span=span, into=into)
            if isinstance(error, http.client.HTTPException) and not isinstance(
                error, http.client.IncompleteRead | http.client.RemoteDisconnected
            ):
                raise words.garbled() from error
            raise (words.not_reached() if unreached else words.line_cut()) from error
        if len(content) > _MAX_ANSWER:
            self.close()
            raise words.garbled()
        return answer.status, content

    def _connected(self) -> _CountingConnection:
        if self._connection is None:
            self._connection = _CountingConnection(self)
        return self._connection

    def seconds_left(self, most: float) -> float:
        """How long a single wait may take now."""
        if self.deadline is None:
            return most
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return min(most, left)

    def open_socket(self) -> socket.socket:
        plain = self._connect_any()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        if self._context is None:
            return plain
        plain.settimeout(self.seconds_left(_CONNECT_SECONDS))
        try:
            return self._context.wrap_socket(plain, server_hostname=self._host)
        except BaseException:
            plain.close()
            raise

    def patiently(self, step: Callable[[], int], wait: Callable[[float], None], *, most: float) -> int:
        """Repeat `step` in short waits until it got somewhere or `most` seconds were silent."""
        end = time.monotonic() + self.seconds_left(most)
        while True:
            self.check()
            wait(min(_GLANCE_SECONDS, max(end - time.monotonic(), 0.001)))
            try:
                return step()
            except TimeoutError:
                if time.monotonic() >= end:
                    raise

    def _connect_any(self) -> socket.socket:
        last: OSError | None = None
        for family, kind, protocol, _, address in socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM):
            plain = socket.socket(family, kind, protocol)
            try:
                self._connect(plain, address)
            except OSError as error:
                plain.close()
                last = error
            except BaseException:
                plain.close()
                raise
            else:
                return plain
        raise last or OSError("no address")

    def _connect(self, plain: socket.socket, address: Any) -> None:
        plain.setblocking(False)
        begun = plain.connect_ex(address)
        if begun not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY):
            raise OSError(begun, os.strerror(begun))
        span = [_GLANCE_SECONDS]

        def look() -> int:
            if not any(select.select([], [plain], [plain], span[0])):
                raise TimeoutError("no answer")
            return plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

        problem = self.patiently(look, lambda seconds: span.__setitem__(0, seconds), most=_CONNECT_SECONDS)
        if problem:
            raise OSError(problem, os.strerror(problem))

    def sent(self, count: int) -> None:
        self.bytes_up += count
        self.meter.moved(count)

    def received(self, count: int) -> None:
        self.bytes_down += count
        self.meter.moved(count)

    @property
    def place(self) -> tuple[str, int]:
        return self._host, self._port


class _CountingConnection(http.client.HTTPConnection):
    def __init__(self, line: Line) -> None:
        super().__init__(*line.place)
        self._line = line

    def connect(self) -> None:
        self.sock = _CountingSocket(self._line.open_socket(), self._line)


class _CountingSocket:
    """The few methods that `http.client` uses, each with a limit of time and a count."""

    PIECE = 16 << 10

    def __init__(self, plain: socket.socket, line: Line) -> None:
        self._plain = plain
        self._line = line

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            piece = view[: self.PIECE]
            count = self._line.patiently(
                partial(self._plain.send, piece), self._plain.settimeout, most=_SILENCE_SECONDS
            )
            self._line.sent(count)
            view = view[count:]

    def recv_into(self, buffer: Any) -> int:
        receive = partial(self._plain.recv_into, buffer)
        count = self._line.patiently(receive, self._plain.settimeout, most=_SILENCE_SECONDS)
        self._line.received(count)
        return count

    def makefile(self, mode: str) -> io.BufferedReader:
        assert mode == "rb"
        return io.BufferedReader(_CountingReader(self))

    def close(self) -> None:
        self._plain.close()


class _CountingReader(io.RawIOBase):
    def __init__(self, source: _CountingSocket) -> None:
        super().__init__()
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._source.recv_into(buffer)


def read_url(url: str) -> tuple[str, int, str, bool]:
    """Host, port, path in front of ours, whether TLS. Without TLS only on this machine itself."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _bad_url(url) from error
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or parts.username:
        raise _bad_url(url)
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", host) or not re.fullmatch(r"[!-~]*", parts.path):
        raise _bad_url(url)
    secure = parts.scheme == "https"
    if not secure and not _is_loopback(host):
        raise RefusedError(
            "县服务器的网址要以 https:// 开头，资料才不会在路上被人看到。",
            safe=words.SAFE,
            next_step="请向县里核对网址。",
        )
    return host, port or (443 if secure else 80), parts.path.rstrip("/"), secure


def _bad_url(url: str) -> RefusedError:
    return RefusedError(
        f"看不懂县服务器的网址“{url}”。",
        safe=words.SAFE,
        next_step="请照县里给的写，例如 https://xian.example.cn:8443。",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tls_context(ca: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=ca or None)
    except ssl.SSLError as error:
        raise RefusedError("县里的证书文件看不懂。", safe=words.SAFE, next_step="请向县里再要一次证书文件。") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _read_piece(answer: http.client.HTTPResponse, into: bytearray, *, most: int) -> None:
    """Take what comes as it comes, so that a cut costs none of it."""
    expected = answer.length
    if expected is None or expected > most:
        raise ValueError("a piece of another length than was asked for")
    while expected and (some := answer.read1(_CountingSocket.PIECE)):
        into += some
        expected -= len(some)
    answer.close()
    if expected:
        raise http.client.IncompleteRead(b"", expected)


def _explain(status: int, answer: bytes) -> Exception:
    try:
        problem = decode(answer, Problem)
    except DamagedMessageError:
        return words.garbled()
    if problem.kind is ProblemKind.NO_CONTENT:
        return ContentMissingError(problem.kind.value)
    if problem.kind is ProblemKind.MISSING_PART:
        return PartMissingError(int(problem.detail) if re.fullmatch(r"[0-9]{1,12}", problem.detail) else 0)
    if problem.kind is ProblemKind.DAMAGED and status == 422:
        return ContentDamagedError(problem.kind.value)
    return words.explain_problem(problem, status)


class ContentMissingError(Exception):
    """The county does not have this content (yet)."""


class ContentDamagedError(Exception):
    """A chunk did not arrive as it was sent. What came before it is kept."""


class PartMissingError(Exception):
    """The county has only `known` bytes of the batch that was named."""

    def __init__(self, known: int) -> None:
        super().__init__(known)
        self.known = known
