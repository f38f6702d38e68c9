"""The bad line itself: exact to the byte, so that what is tested through it can be repeated."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.fault_proxy import FaultProxy, Faults, fault_proxy


class Echo:
    """Answers each request of ten bytes with the same ten; remembers what came on each connection."""

    def __init__(self) -> None:
        self.heard: list[bytearray] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()
        self.ended = threading.Semaphore(0)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.heard.append(bytearray())
                threading.Thread(target=self._talk, args=(connection, self.heard[-1]), daemon=True).start()

    def _talk(self, connection: socket.socket, heard: bytearray) -> None:
        with connection, contextlib.suppress(OSError):
            while piece := connection.recv(4096):
                heard += piece
                if len(heard) % 10 == 0:
                    connection.sendall(heard[-10:])
        self.ended.release()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # closing alone does not wake the thread that waits in `accept`
        self._listener.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo()
    yield made
    made.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[FaultProxy]:
    with fault_proxy(echo.address) as made:
        yield made


def call(proxy: FaultProxy, request: bytes, *, pieces: int = 1) -> bytes:
    """What comes back until the end, or until as much as was sent."""
    answer = b""
    with socket.create_connection(("127.0.0.1", proxy.port)) as connection, contextlib.suppress(OSError):
        connection.settimeout(5)
        step = len(request) // pieces
        for start in range(0, len(request), step):
            connection.sendall(request[start : start + step])
            while len(answer) < start + step and (piece := connection.recv(4096)):
                answer += piece
    return answer


def test_a_good_line_brings_everything_and_counts_it(proxy: FaultProxy) -> None:
    assert call(proxy, b"0123456789abcdefghij", pieces=2) == b"0123456789abcdefghij"

    traffic = proxy.take()
    assert (traffic.up, traffic.down, traffic.turns, traffic.connections, traffic.cuts) == (20, 20, 2, 1, 0)
    assert proxy.take().total == 0


@pytest.mark.parametrize("limit", range(11))
def test_a_cut_on_the_way_up_lets_exactly_so_many_bytes_through(proxy: FaultProxy, echo: Echo, limit: int) -> None:
    proxy.faults = Faults(cut_up=limit)
    assert call(proxy, b"0123456789") == b""
    echo.ended.acquire(timeout=5)
    assert bytes(echo.heard[0]) == b"0123456789"[:limit]
    assert proxy.take().up == limit


@pytest.mark.parametrize("limit", range(11))
def test_a_cut_on_the_way_down_lets_exactly_so_many_bytes_through(proxy: FaultProxy, limit: int) -> None:
    proxy.faults = Faults(cut_down=limit)
    assert call(proxy, b"0123456789") == b"0123456789"[:limit]
    assert proxy.take().down == limit


def test_whoever_is_still_sending_much_sees_the_cut_too(proxy: FaultProxy) -> None:
    proxy.faults = Faults(cut_up=100_000)
    with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
        connection.settimeout(5)
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                connection.sendall(bytes(10_003))


def test_a_cut_counts_both_ways_together_and_anew_for_each_connection(proxy: FaultProxy) -> None:
    proxy.faults = Faults(cut_both=25, connections=2)
    request = b"0123456789abcdefghij"
    assert call(proxy, request, pieces=2) == b"0123456789"
    assert call(proxy, request, pieces=2) == b"0123456789"
    assert call(proxy, request, pieces=2) == request
    assert proxy.take().cuts == 2


def test_a_swallowed_answer_was_worked_for(proxy: FaultProxy, echo: Echo) -> None:
    proxy.faults = Faults(swallow=1)
    assert call(proxy, b"0123456789") == b""
    assert bytes(echo.heard[0]) == b"0123456789"
    assert call(proxy, b"0123456789") == b"0123456789"


def test_nobody_is_let_in_while_it_refuses(proxy: FaultProxy) -> None:
    proxy.refuse()
    with pytest.raises(OSError, match="refused"):
        call(proxy, b"0123456789")
    proxy.listen()
    assert call(proxy, b"0123456789") == b"0123456789"


def test_a_narrow_and_far_line_takes_its_time(proxy: FaultProxy) -> None:
    proxy.faults = Faults(rtt=0.1, kbit=160)
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
        connection.sendall(bytes(1000))
        assert len(connection.recv(4096)) == 10
    assert 0.15 <= time.monotonic() - start < 1.0
