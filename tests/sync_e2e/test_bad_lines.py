"""Everything that can be at the other end of a line: nobody, a stranger, garbage, half an answer. Real sockets."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import exchange
from desktop_app.sync.state import COUNTY_URL
from tests.counties import County, serving
from tests.laptops import Laptop, LaptopMaker
from village_core.domain.errors import ProblemOutsideError, RefusedError, UserError
from village_core.records.households import Household

Talk = Callable[[socket.socket, bytes], object]


@contextmanager
def stranger(talk: Talk) -> Iterator[str]:
    """A server that reads a request and then does as `talk` says."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    talk(connection, read_request(connection))
                except OSError:
                    continue

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def read_request(connection: socket.socket) -> bytes:
    """All of it: who hangs up on a half-read request takes his own answer back from the line."""
    request = b""
    while (missing := missing_of(request)) > 0 and (piece := connection.recv(missing)):
        request += piece
    return request


def missing_of(request: bytes) -> int:
    """How many bytes may still be read; a request without its head may have as many as it likes."""
    head, end, body = request.partition(b"\r\n\r\n")
    if not end:
        return 65536
    length = re.search(rb"content-length: *(\d+)", head.lower())
    return (int(length[1]) if length else 0) - len(body)


def says(answer: bytes) -> Talk:
    return lambda connection, _request: connection.sendall(answer)


def http(body: bytes, *, status: str = "200 OK", length: int | None = None) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


def sync_soon(laptop: Laptop) -> None:
    """An exchange whose patience is short and which does not sleep."""
    exchange(laptop.workspace, patience=0.6, total=2.0, pause=lambda _seconds: None)


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker) -> Laptop:
    made = make_laptop(small_county)
    made.add_household(number="0001", head_name="罗铉")
    return made


GARBAGE = {
    "empty": http(b""),
    "html": http(b"<html><body>Welcome to the hotel</body></html>"),
    "noise": http(bytes(range(256)) * 8),
    "a bomb": http(b"\x01" + bytes.fromhex("28b52ffd") + b"\xff" * 60),
    "not even http": b"SSH-2.0-OpenSSH_9.2\r\n" * 3,
    "an error page": http(b"Bad Gateway", status="502 Bad Gateway"),
    "nonsense of the right shape": http(b"\x00\x9b\x00\x01\x02\x03\xc2\xc2\x01\x01\xc4\x00\xc4\x00\xc4\x00"),
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_told_in_words_and_leaves_the_data_as_it_was(laptop: Laptop, answer: bytes) -> None:
    with stranger(says(answer)) as url:
        laptop.workspace.set_state(COUNTY_URL, url)
        with pytest.raises(ProblemOutsideError, match=r"看不懂|断了") as told:
            sync_soon(laptop)

    assert "都在" in told.value.safe
    assert told.value.next_step
    assert_untouched(laptop)


@pytest.mark.parametrize("kept", [0, 1, 30, 120])
def test_a_line_that_is_cut_in_the_middle_of_the_answer_costs_nothing(
    laptop: Laptop, small_county: County, kept: int
) -> None:
    body = b"\x00" + bytes(200)
    with stranger(says(http(body)[: len(http(b"", length=len(body))) - 2 + kept])) as url:
        laptop.workspace.set_state(COUNTY_URL, url)
        with pytest.raises(ProblemOutsideError, match=r"断了|看不懂"):
            sync_soon(laptop)
    assert_untouched(laptop)

    with serving(small_county) as url:
        laptop.workspace.set_state(COUNTY_URL, url)
        report = exchange(laptop.workspace)
    assert (report.sent, report.equal) == (3, True)


def test_a_server_that_is_not_there_is_told_in_words(laptop: Laptop) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        laptop.workspace.set_state(COUNTY_URL, f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(ProblemOutsideError, match="连不上") as told:
            sync_soon(laptop)
    assert told.value.exit_status == 3
    assert_untouched(laptop)


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(laptop: Laptop) -> None:
    quiet = threading.Event()
    with stranger(lambda _connection, _request: quiet.wait(3)) as url:
        laptop.workspace.set_state(COUNTY_URL, url)
        with pytest.raises(ProblemOutsideError):
            exchange(laptop.workspace, patience=0.3, total=0.3)
        quiet.set()
    assert_untouched(laptop)


def test_a_wrong_code_over_the_wire_is_refused_in_words(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    with serving(small_county) as url, pytest.raises(RefusedError, match="登记码不对"):
        join_county(laptop.workspace, url=url, code="2222-2222-2222")
    assert laptop.workspace.state("device") is None


@pytest.mark.parametrize("url", ["ftp://county", "county", "http://", "https://a b", "http://198.51.100.7:80"])
def test_an_address_that_cannot_be_is_refused_before_anything_is_sent(
    small_county: County, make_laptop: LaptopMaker, url: str
) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    with pytest.raises(RefusedError, match="网址"):
        join_county(laptop.workspace, url=url, code=small_county.code())


def test_without_a_county_there_is_nothing_to_exchange_with(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    with pytest.raises(UserError, match="还没有登记到县里"):
        exchange(laptop.workspace)


def assert_untouched(laptop: Laptop) -> None:
    assert [row.head_name for row in laptop.all(Household)] == ["罗铉"]
    for key, value in (("sync.acked_seq", "0"), ("sync.cursor", "0")):
        assert laptop.workspace.state(key) == value
