"""Chunks through the real server: a body that breaks off leaves what arrived, and hostile requests leave nothing."""

from __future__ import annotations

import hashlib
import http.client
import socket
import time
from urllib.parse import urlsplit

import pytest

from county_server.sync.chunks import list_states
from desktop_app.sync import state
from desktop_app.sync.loop import exchange
from desktop_app.sync.state import find_link
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from tests.photos import attach, is_signed_for, noise
from tests.workspaces import VILLAGE
from village_core.exchange.chunks import CHUNK_BYTES, MARK_BYTES, count_chunks, is_missing, iterate_chunks, pack_chunks
from village_core.exchange.contents import CONTENTS_PATH, LONGEST_REQUEST, Span
from village_core.exchange.messages import BLOB_PATH, blob_ticket


def ticket_of(laptop: Laptop, method: str, name: str) -> str:
    link = find_link(laptop.workspace)
    assert link is not None
    return blob_ticket(link.key, device=link.device, method=method, sha256=name)


def ask(url: str, method: str, path: str, body: bytes = b"", *, ticket: str = "") -> int:
    """The status of one request."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port)
    try:
        connection.request(method, path, body, {"Authorization": ticket} if ticket else {})
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_photo_goes_over_http_to_the_county_and_to_another_laptop(
    small_county: County, small_county_url: str, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    for laptop in (first, second):
        laptop.workspace.set_state(state.COUNTY_URL, small_county_url)
    photo = attach(first, noise(300_000), medium=noise(60_000, 1), small=noise(9_000, 2))
    exchange(first.workspace)
    exchange(second.workspace)
    assert photo.small
    assert is_signed_for(first, photo.original)
    assert second.workspace.attachments.get(photo.small) == noise(9_000, 2)
    assert exchange(first.workspace).round_trips == 1


def test_a_line_that_dies_without_a_word_leaves_the_chunks_that_came(
    county: County, county_url: str, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(county)
    content = noise(10 * CHUNK_BYTES)
    span = Span(hashlib.sha256(content).hexdigest(), len(content), 0, 10)
    body = pack_chunks(iterate_chunks(content))
    place = urlsplit(county_url)
    head = (
        f"PUT {span.path} HTTP/1.1\r\nHost: x\r\nAuthorization: {ticket_of(laptop, 'PUT', span.name)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection((place.hostname, place.port or 80)) as line:
        line.sendall(head + body[: 7 * (CHUNK_BYTES + MARK_BYTES) + 100])
        end = time.monotonic() + 10
        missing: list[int] = []
        while missing != [7, 8, 9] and time.monotonic() < end:
            with county.engine.connect() as connection:
                (told,) = list_states(connection, VILLAGE, [(span.sha256, span.size)])
            missing = [number for number in range(10) if is_missing(told.missing, number)]
    assert missing == [7, 8, 9]


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_hostile_spans_tickets_and_questions_are_refused(
    small_county: County, small_county_url: str, make_laptop: LaptopMaker, method: str
) -> None:
    laptop = make_laptop(small_county)
    content = noise(2 * CHUNK_BYTES)
    sha256 = hashlib.sha256(content).hexdigest()
    for name in (f"{sha256}/99999999999/0-1", f"{sha256}/100/0-4096", f"{sha256}/x/0-1", f"..%2f/100/{sha256}"):
        assert ask(small_county_url, method, BLOB_PATH + name, ticket=ticket_of(laptop, method, name)) in (404, 413)
    span = Span(sha256, len(content), 0, count_chunks(len(content)))
    other = Span(sha256, len(content), 1, 2)
    for forged in ("", "1.00", ticket_of(laptop, method, sha256), ticket_of(laptop, method, other.name)):
        assert ask(small_county_url, method, span.path, b"x", ticket=forged) == 401
    assert ask(small_county_url, "POST", CONTENTS_PATH, b"x" * (LONGEST_REQUEST + 1)) == 413
    assert ask(small_county_url, "POST", CONTENTS_PATH, b"\x92\x01\x90" + bytes(64)) == 401
    assert ask(small_county_url, "POST", CONTENTS_PATH, b"\xc1" * 100) == 400
    too_much = pack_chunks(iterate_chunks(content)) + b"more"
    assert ask(small_county_url, "PUT", span.path, too_much, ticket=ticket_of(laptop, "PUT", span.name)) in (200, 422)
