"""A TCP proxy that counts what goes over the wire: bytes each way, and how often the talk turned around."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Traffic:
    """TCP payload, headers of HTTP included. A turn is an answer after something was said."""

    up: int = 0
    down: int = 0
    turns: int = 0
    connections: int = 0

    @property
    def total(self) -> int:
        return self.up + self.down


class CountingProxy:
    """Forwards every connection to one address. `take()` tells the traffic since the last time."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._traffic = Traffic()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def take(self) -> Traffic:
        with self._lock:
            taken, self._traffic = self._traffic, Traffic()
        return taken

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                for one in (client, server):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._traffic.connections += 1
                heard = threading.Event()
                threading.Thread(target=self._forward, args=(client, server, heard, True), daemon=True).start()
                threading.Thread(target=self._forward, args=(server, client, heard, False), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, heard: threading.Event, upward: bool) -> None:
        """`heard`: something went up that was not answered yet."""
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                with self._lock:
                    if upward:
                        self._traffic.up += len(piece)
                        heard.set()
                    else:
                        self._traffic.down += len(piece)
                        self._traffic.turns += heard.is_set()
                        heard.clear()
                target.sendall(piece)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def counting_proxy(target: tuple[str, int]) -> Iterator[CountingProxy]:
    """A proxy for a `with` block."""
    proxy = CountingProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
