"""A TCP proxy that counts what goes over the wire and can be as bad as a real line: cuts at an exact byte, lost
answers, delay, a narrow band, no answer at all. It looks at bytes only, so TLS goes through it like anything else.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

_PIECE, _NARROW_PIECE = 64 << 10, 1 << 10
_IN_FLIGHT_PIECES = 8
_RECEIVE_BUFFER = 8 << 10
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Traffic:
    """TCP payload that arrived, headers of HTTP included. A turn is an answer after something was said."""

    up: int = 0
    down: int = 0
    turns: int = 0
    connections: int = 0
    cuts: int = 0

    @property
    def total(self) -> int:
        return self.up + self.down


@dataclass(frozen=True)
class Faults:
    """How bad the line is. All counts are bytes of one connection; None never cuts.

    The connection is cut right after that many bytes have arrived at the other side: not one more gets through, all
    before did. `connections`: how many are cut, then no more. `swallow`: so many answers are lost, request and all
    their work done. `rtt` in seconds (opening a connection costs nothing); `kbit`: thousand bits a second each way.
    """

    cut_up: int | None = None
    cut_down: int | None = None
    cut_both: int | None = None
    connections: int | None = None
    swallow: int = 0
    rtt: float = 0.0
    kbit: float = 0.0


class FaultProxy:
    """Forwards every connection to one address. `take()` tells the traffic since the last time.

    `faults` may be set at any time and counts for what comes after. After `refuse()` nobody is let in until
    `listen()`; connections that stand are cut.
    """

    def __init__(self, target: tuple[str, int], faults: Faults | None = None) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._traffic = Traffic()
        self._faults = faults or Faults()
        self._cut_connections = self._swallowed = 0
        self._free_at = {True: 0.0, False: 0.0}
        self._links: list[_Link] = []
        self._listener: socket.socket | None = None
        self.port = 0
        self.listen()

    @property
    def faults(self) -> Faults:
        return self._faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        with self._lock:
            self._faults, self._cut_connections, self._swallowed = faults, 0, 0

    def take(self) -> Traffic:
        with self._lock:
            taken, self._traffic = self._traffic, Traffic()
        return taken

    def listen(self) -> None:
        """Let connections in; always at the same port."""
        if self._listener is None:
            self._listener = socket.socket()
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            self._listener.bind(("127.0.0.1", self.port))
            self._listener.listen(50)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def refuse(self) -> None:
        """Let nobody in, and cut who is in."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.cut_all()

    def cut_all(self) -> None:
        """Cut all connections that stand now; new ones may come at once."""
        for link in list(self._links):
            link.cut()

    def close(self) -> None:
        self.refuse()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                try:
                    server = socket.create_connection(self._target)
                except OSError:
                    client.close()
                    continue
                with self._lock:
                    self._traffic.connections += 1
                    self._links.append(_Link(self, client, server))
                self._links[-1].start()

    # --- what the directions of a link ask

    def arrival_of(self, size: int, *, upward: bool) -> float:
        """When a piece that is sent now has arrived."""
        faults = self._faults
        now = time.monotonic()
        if not faults.kbit:
            return now + faults.rtt / 2
        with self._lock:
            free_at = max(now, self._free_at[upward]) + size / (faults.kbit * 125)
            self._free_at[upward] = free_at
        return free_at + faults.rtt / 2

    def piece_size(self) -> int:
        return _NARROW_PIECE if self._faults.kbit else _PIECE

    def allowance(self, link: _Link, size: int, *, upward: bool, answers: bool) -> tuple[int, bool]:
        """How many of `size` bytes get through, and whether the connection is cut behind them."""
        with self._lock:
            faults = self._faults
            if answers and self._swallowed < faults.swallow:
                self._swallowed += 1
                return 0, True
            if link.cut_done or (faults.connections is not None and self._cut_connections >= faults.connections):
                return (0, True) if link.cut_done else (size, False)
            limits = [
                limit - used
                for limit, used in (
                    (faults.cut_up if upward else faults.cut_down, link.up if upward else link.down),
                    (faults.cut_both, link.up + link.down),
                )
                if limit is not None
            ]
            left = max(0, min(limits, default=size + 1))
            if left > size:
                return size, False
            self._cut_connections += 1
            return left, True

    def note(self, link: _Link, size: int, *, upward: bool, answers: bool) -> None:
        with self._lock:
            if upward:
                link.up += size
                self._traffic.up += size
            else:
                link.down += size
                self._traffic.down += size
                self._traffic.turns += answers and size > 0

    def note_end(self, link: _Link, *, cut: bool) -> None:
        with self._lock:
            self._traffic.cuts += cut
            if link in self._links:
                self._links.remove(link)


class _Link:
    """One connection, both directions; each has a thread that reads and one that delivers in time."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._ends = (client, server)
        self._heard = threading.Event()
        self._lock = threading.Lock()
        self._open_directions = 2
        self.up = self.down = 0
        self.cut_done = False
        for one in self._ends:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self) -> None:
        client, server = self._ends
        for source, target, upward in ((client, server, True), (server, client, False)):
            pieces: queue.Queue[tuple[float, bytes]] = queue.Queue(_IN_FLIGHT_PIECES)
            threading.Thread(target=self._read, args=(source, pieces), kwargs={"upward": upward}, daemon=True).start()
            threading.Thread(
                target=self._deliver, args=(target, pieces), kwargs={"upward": upward}, daemon=True
            ).start()

    def cut(self) -> None:
        """Nothing more gets through; both sides see the end of it, the laptop also while it is still sending."""
        with self._lock:
            if self.cut_done:
                return
            self.cut_done = True
        self._proxy.note_end(self, cut=True)
        with contextlib.suppress(OSError):
            self._ends[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        for one in self._ends:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _read(self, source: socket.socket, pieces: queue.Queue[tuple[float, bytes]], *, upward: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(self._proxy.piece_size()):
                pieces.put((self._proxy.arrival_of(len(piece), upward=upward), piece))
        pieces.put((self._proxy.arrival_of(0, upward=upward), b""))

    def _deliver(self, target: socket.socket, pieces: queue.Queue[tuple[float, bytes]], *, upward: bool) -> None:
        while True:
            arrival, piece = pieces.get()
            if not piece:
                break
            if self.cut_done:
                continue
            time.sleep(max(0.0, arrival - time.monotonic()))
            self._deliver_piece(target, piece, upward=upward)
        self._end(target)

    def _deliver_piece(self, target: socket.socket, piece: bytes, *, upward: bool) -> None:
        answers = not upward and self._heard.is_set()
        size, cut = self._proxy.allowance(self, len(piece), upward=upward, answers=answers)
        self._proxy.note(self, size, upward=upward, answers=answers)
        if upward:
            self._heard.set()
        else:
            self._heard.clear()
        with contextlib.suppress(OSError):
            target.sendall(piece[:size])
        if cut:
            self.cut()

    def _end(self, target: socket.socket) -> None:
        """One side has said all. When both have, the connection is gone."""
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
        with self._lock:
            self._open_directions -= 1
            over = self._open_directions == 0
        if over:
            if not self.cut_done:
                self._proxy.note_end(self, cut=False)
            for one in self._ends:
                one.close()


@contextlib.contextmanager
def fault_proxy(target: tuple[str, int], faults: Faults | None = None) -> Iterator[FaultProxy]:
    """A proxy for a `with` block."""
    proxy = FaultProxy(target, faults)
    try:
        yield proxy
    finally:
        proxy.close()
