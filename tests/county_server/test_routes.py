"""Every route has a rule, and by every rule only the right device gets anything: tried route by route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from nacl.signing import SigningKey
from sqlalchemy import insert, select
from starlette.responses import Response
from starlette.routing import Route

from county_server.admin.service import add_village, revoke_device
from county_server.app import create_app
from county_server.auth.devices import find_device
from county_server.auth.patience import Allowance, Patience
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.serving.admission import Gate
from county_server.serving.bodies import BodyRoom
from county_server.serving.entrance import Entrance
from county_server.serving.routes import RuleMissingError, build_routes
from county_server.serving.rules import RULES, Rule, Who
from county_server.sync.blobs import keep_content
from county_server.tables import county_metadata, kept_answer, snapshot
from tests.counties import County
from tests.devices_at_county import (
    ANSWER_NAME,
    SECRET,
    SHA256,
    SNAPSHOT_NUMBER,
    Device,
    Sent,
    check_answer,
    enrolled,
    enrolment_body,
    request_of,
    send,
)
from tests.workspaces import VILLAGE
from village_core.domain.clock import stamp
from village_core.exchange.contents import ContentsAnswer
from village_core.exchange.messages import Problem, ProblemKind, decode

OTHER_VILLAGE = "532327101299"
CLOSED = [pytest.param(rule, id=rule.key) for rule in RULES if rule.who is not Who.CODE]


def with_secrets(county: County) -> Device:
    """A device of the first village, which has a content, a snapshot and an answer kept for that device."""
    device = enrolled(county)
    with county.engine.connect() as connection:
        sender = find_device(connection, device.number)
    keep_content(county.engine, sender, SHA256, content=SECRET, clock=county.clock)
    made = {"village": VILLAGE, "content": SECRET, "made_at": stamp(county.clock)}
    with writing(county.engine) as connection:
        connection.execute(insert(snapshot).values(number=SNAPSHOT_NUMBER, schema=1, **made))
        connection.execute(insert(kept_answer).values(device=device.number, hash=bytes.fromhex(ANSWER_NAME), **made))
    return device


def state_of(county: County, village: str) -> dict[str, list[Any]]:
    """Every row of a village; what was refused is kept beside, and is no part of it."""
    with county.engine.connect() as connection:
        return {
            name: connection.execute(select(table).where(table.c.village == village)).all()
            for name, table in county_metadata.tables.items()
            if "village" in table.c and name != "refused_batch"
        }


def test_every_route_of_the_application_has_a_rule(small_county: County) -> None:
    app: Any = create_app(small_county.engine)
    served = {
        (method, route.path) for route in app._app.routes if isinstance(route, Route) for method in route.methods or ()
    }
    assert served == {(rule.method, rule.path) for rule in RULES}
    assert all(isinstance(route, Route) for route in app._app.routes)
    assert len({rule.key for rule in RULES}) == len(RULES)


def test_a_route_without_a_rule_cannot_be_registered(small_county: County) -> None:
    entrance = Entrance(small_county.engine, Gate(), patience=Patience(), room=BodyRoom())

    async def handler(_admitted: object) -> Response:
        return Response(SECRET)

    def for_strangers(_body: bytes) -> Response:
        return Response(SECRET)

    handlers: Any = {rule.key: handler for rule in RULES if rule.who is not Who.CODE}
    strangers = {rule.key: for_strangers for rule in RULES if rule.who is Who.CODE}
    build_routes(entrance, handlers, strangers=strangers)
    for wrong in ({**handlers, "GET /v1/new": handler}, dict(list(handlers.items())[1:])):
        with pytest.raises(RuleMissingError):
            build_routes(entrance, wrong, strangers=strangers)
    with pytest.raises(RuleMissingError):
        build_routes(entrance, handlers, strangers={**strangers, "GET /v1/open": for_strangers})


@pytest.mark.parametrize("rule", CLOSED)
def test_the_right_device_is_answered_and_nobody_else_gets_or_changes_anything(
    rule: Rule, small_county: County, small_county_url: str
) -> None:
    ours = with_secrets(small_county)
    add_village(small_county.engine, OTHER_VILLAGE, "别村", clock=small_county.clock)
    theirs, revoked = enrolled(small_county, OTHER_VILLAGE), enrolled(small_county)
    revoke_device(small_county.engine, revoked.number)
    before = state_of(small_county, VILLAGE)
    right = request_of(rule, ours)

    for wrong in (*without(right), *damaged(right), request_of(rule, theirs, of=ours), request_of(rule, revoked)):
        if rule.method == "PUT" and wrong == request_of(rule, theirs, of=ours):
            continue  # its own village's: see below
        status, answer = send(small_county_url, wrong)
        assert 400 <= status < 500, (status, answer)
        check_answer(rule, status, answer)
        assert SECRET not in answer
    assert state_of(small_county, VILLAGE) == before

    status, answer = send(small_county_url, right)
    assert status in rule.answers
    check_answer(rule, status, answer)
    if rule.method == "GET":
        assert SECRET in answer


def without(right: Sent) -> list[Sent]:
    """Nothing that shows who sends it."""
    return [replace(right, ticket="", body=b""), replace(right, ticket="", body=right.body if right.ticket else b"")]


def damaged(right: Sent) -> list[Sent]:
    if right.ticket:
        number, _, signature = right.ticket.partition(".")
        other = ("0" if signature[0] != "0" else "1") + signature[1:]
        return [
            replace(right, ticket=f"{number}.{other}"),
            replace(right, ticket=f"{int(number) + 1}.{signature}"),
            replace(right, ticket=right.ticket[:20]),
            replace(right, ticket="9" * 5_000 + "." + signature),
        ]
    return [
        replace(right, body=right.body[:-1] + bytes([right.body[-1] ^ 1])),
        replace(right, body=bytes([right.body[0] ^ 64]) + right.body[1:]),
        replace(right, body=right.body[:40]),
    ]


@pytest.mark.parametrize("rule", [one for one in CLOSED if "PUT" in one.values[0].method])  # type: ignore[union-attr]
def test_what_another_village_puts_under_the_same_name_is_its_own(
    rule: Rule, small_county: County, small_county_url: str
) -> None:
    ours = with_secrets(small_county)
    add_village(small_county.engine, OTHER_VILLAGE, "别村", clock=small_county.clock)
    theirs = enrolled(small_county, OTHER_VILLAGE)
    before = state_of(small_county, VILLAGE)

    status, _ = send(small_county_url, request_of(rule, theirs, of=ours))

    assert status in rule.answers
    assert state_of(small_county, VILLAGE) == before


def test_a_village_that_asks_for_anothers_content_learns_not_even_that_it_is_there(
    small_county: County, small_county_url: str
) -> None:
    with_secrets(small_county)
    add_village(small_county.engine, OTHER_VILLAGE, "别村", clock=small_county.clock)
    theirs = enrolled(small_county, OTHER_VILLAGE)
    (rule,) = (rule for rule in RULES if rule.name == "content")

    status, answer = send(small_county_url, request_of(rule, theirs))

    (state,) = decode(answer, ContentsAnswer).states
    assert (status, state.size, state.receipt) == (200, 0, b"")


def test_other_methods_and_paths_get_a_short_answer_of_ours(small_county_url: str) -> None:
    for method, path, expected in (
        ("HEAD", f"/v1/blob/{SHA256}", 405),
        ("DELETE", "/v1/sync", 405),
        ("GET", "/v1/sync", 405),
        ("POST", "/v1/sync/", 404),
        ("GET", "/", 404),
        ("GET", "/openapi.json", 404),
        ("PUT", f"/v1/part/{'ab' * 32}/{'9' * 5_000}", 401),
        ("GET", f"/v1/snapshot/{VILLAGE}/{'9' * 5_000}", 401),
    ):
        status, answer = send(small_county_url, Sent(method, path))
        assert status == expected, path
        assert method == "HEAD" or isinstance(decode(answer, Problem), Problem)


def test_numbers_without_end_in_a_path_are_refused_also_for_a_known_device(
    small_county: County, small_county_url: str
) -> None:
    device = enrolled(small_county)
    for rule in (rule for rule in RULES if rule.name in ("part", "snapshot")):
        endless = replace(rule, path=rule.path.replace("{start}", "9" * 5_000).replace("{number}", "9" * 5_000))
        assert send(small_county_url, request_of(endless, device))[0] == 404


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def waiting_of(work: Callable[[], object]) -> int:
    try:
        work()
    except RequestRefusedError as refusal:
        assert (refusal.status, refusal.problem.kind) == (503, ProblemKind.BUSY)
        return refusal.retry_after or 0
    return 0


def test_each_further_wrong_code_makes_the_wait_longer_and_an_hour_forgets() -> None:
    seconds = Seconds()
    patience = Patience(Allowance(free=3, longest=60), now=seconds)
    waits = []
    for _ in range(12):
        waits.append(wait := waiting_of(lambda: patience.check_stranger("2001:db8::1")))
        seconds.now += wait
        patience.note_wrong_code(f"2001:db8::{wait + 2:x}")

    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:8] == sorted(waits[4:8])
    assert waits[4] >= 2
    assert 60 <= waits[-1] <= 62
    assert waiting_of(lambda: patience.check_stranger("2001:db8:1::1")) == 0, "another network"
    seconds.now += 3_601
    patience.note_wrong_code("2001:db8::1")
    assert waiting_of(lambda: patience.check_stranger("2001:db8::1")) == 0


def test_a_device_that_comes_too_often_is_told_to_wait_and_others_are_not() -> None:
    seconds = Seconds()
    patience = Patience(Allowance(burst=10, per_second=2), now=seconds)
    for _ in range(10):
        patience.take(1)
    assert waiting_of(lambda: patience.take(1)) >= 1
    assert waiting_of(lambda: patience.take(2)) == 0
    seconds.now += 1
    assert waiting_of(lambda: patience.take(1)) == 0


def test_wrong_codes_over_http_end_in_waiting_and_a_right_one_counts_after_it(
    small_county: County, small_county_url: str
) -> None:
    key = SigningKey.generate()
    wrong = Sent("POST", "/v1/enrol", enrolment_body("AAAA-BBBB-CCCC", key))
    statuses = [send(small_county_url, wrong)[0] for _ in range(8)]
    assert statuses[:6] == [403] * 6
    assert statuses[6:] == [503, 503]


def test_one_worker_holds_only_so_many_large_bodies_at_once() -> None:
    room = BodyRoom(100)
    room.take(80)
    assert waiting_of(lambda: room.take(30)) == 10
    room.give_back(80)
    assert waiting_of(lambda: room.take(30)) == 0
