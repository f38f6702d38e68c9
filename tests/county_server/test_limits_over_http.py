"""What one worker bears, asked over HTTP: a device that comes too often, and large bodies that come at once."""

from __future__ import annotations

import http.client
from contextlib import closing
from urllib.parse import urlsplit

from county_server.auth.patience import Allowance, Patience
from county_server.serving.bodies import BodyRoom
from county_server.serving.rules import RULES
from tests.counties import County, serving
from tests.county_server.test_routes import Seconds
from tests.devices_at_county import Sent, enrolled, request_of, send
from village_core.exchange.messages import Problem, ProblemKind, decode

SYNC, CONTENT = (next(rule for rule in RULES if rule.name == name) for name in ("sync", "content"))
LARGE = SYNC.body_limit
"""As large as the route allows: such a body takes exactly its own size of the room."""


def is_told_to_come_again(url: str, sent: Sent) -> bool:
    """In how many seconds stands in the header, and the body says why."""
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)) as connection:
        connection.request(sent.method, sent.path, sent.body or None, headers={"authorization": sent.ticket})
        answer = connection.getresponse()
        busy = answer.status == 503 and decode(answer.read(), Problem).kind is ProblemKind.BUSY
        return busy and int(answer.headers["retry-after"]) > 0


def test_a_device_that_comes_too_often_is_sent_away_on_every_route_and_another_one_is_not(
    small_county: County,
) -> None:
    seconds = Seconds()
    patience = Patience(Allowance(burst=3, per_second=0.5), now=seconds)
    ours, other = enrolled(small_county), enrolled(small_county)
    with serving(small_county, patience=patience) as url:
        for rule in (SYNC, CONTENT, SYNC):
            assert send(url, request_of(rule, ours))[0] == 200
        for rule in (rule for rule in RULES if rule.kind or rule.method == "PUT"):
            assert is_told_to_come_again(url, request_of(rule, ours)), rule.key
        assert send(url, request_of(SYNC, other))[0] == 200
        seconds.now += 2
        assert send(url, request_of(SYNC, ours))[0] == 200


def test_a_large_body_that_finds_no_room_is_sent_away_and_what_was_answered_makes_room_again(
    small_county: County,
) -> None:
    room = BodyRoom(LARGE + LARGE // 2)
    large = Sent(SYNC.method, SYNC.path, b"\0" * LARGE)
    with serving(small_county, room=room) as url:
        assert send(url, large)[0] == 400, "damaged, but taken in"
        with closing(half_sent(url)) as slow:
            while room.left > LARGE // 2:
                send(url, Sent("GET", "/"))
            assert is_told_to_come_again(url, large)
            assert send(url, request_of(SYNC, enrolled(small_county)))[0] == 200, "what is small finds room"
            slow.send(b"\0")
            assert slow.getresponse().status == 400
        assert send(url, large)[0] == 400


def half_sent(url: str) -> http.client.HTTPConnection:
    """A request of whose large body the last byte is still to come."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    connection.putrequest(SYNC.method, SYNC.path)
    connection.putheader("content-length", str(LARGE))
    connection.endheaders(b"\0" * (LARGE - 1))
    return connection
