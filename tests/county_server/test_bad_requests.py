"""What strangers and broken or hostile programs may send: refused or put aside, never a crash, never half applied."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest
from nacl.signing import SigningKey
from sqlalchemy import func, select

from county_server.problems import RequestRefusedError
from county_server.sync.service import exchange
from county_server.tables import oplog, refused_batch, village
from desktop_app.sync.state import CountyLink, find_link
from tests.counties import County
from tests.exchange.examples import VILLAGE, insert, row, transaction, update
from tests.laptops import LaptopMaker
from village_core.exchange.batches import FIRST_LINK, Batch, freeze_batch, sign_batch
from village_core.exchange.messages import (
    MAX_BODY,
    BatchAnswer,
    Problem,
    ProblemKind,
    Status,
    SyncAnswer,
    SyncRequest,
    decode,
    sign_request,
)
from village_core.exchange.operations import Kind, Operation, Transaction
from village_core.records.held import HeldChange


def link_of(county: County, make_laptop: LaptopMaker) -> CountyLink:
    link = find_link(make_laptop(county).workspace)
    assert link is not None
    return link


def request(link: CountyLink, *made: Transaction, **changes: Any) -> bytes:
    """A signed request with a batch, of which anything may be changed."""
    numbers = [operation.number for one in made for operation in one.operations]
    content = b""
    if made:
        code = changes.pop("village", VILLAGE)
        first = changes.pop("first", numbers[0])
        content = freeze_batch(Batch(code, link.device, 1, first, numbers[-1], FIRST_LINK, 1, made))
    signature = sign_batch(changes.pop("batch_key", link.key), content) if made else b""
    fields: dict[str, Any] = {
        "protocol": 1,
        "device": link.device,
        "incarnation": 1,
        "schema": 1,
        "acked_seq": 0,
        "head": FIRST_LINK[:8],
        "cursor": 0,
        "time": 0,
        "batch": content,
        "signature": signature,
    }
    key = changes.pop("key", link.key)
    return sign_request(key, SyncRequest(**(fields | changes)))


def answer_to(county: County, body: bytes) -> SyncAnswer:
    return exchange(county.engine, body, clock=county.clock)


def refusal_of(county: County, body: bytes) -> ProblemKind:
    with pytest.raises(RequestRefusedError) as refused:
        answer_to(county, body)
    return refused.value.problem.kind


def test_operations_that_no_table_can_hold_are_put_aside_one_by_one(county: County, make_laptop: LaptopMaker) -> None:
    link = link_of(county, make_laptop)
    bad = [
        insert(1, "household", row(1), number="a\x00b", note="\x00"),
        insert(2, "household", row(2), wage_fen=(1 << 64) - 1),
        insert(3, "no_such_table", row(3), a="b"),
        update(4, "voucher", row(4), number=1),
        insert(5, "relief_step", row(5), kind="\x00"),
        Operation(6, Kind.LOST, "household", row(6), {"note": "x"}),
        insert(7, "held_change", row(7), reason="x"),
        insert(8, "household", row(8), note="长" * 50_000, number="9" * 500),
        insert(9, "household", row(9), declared_size=1 << 31),
    ]

    answer = answer_to(county, request(link, *(transaction(one, reason="\x00理由") for one in bad)))

    verdicts = {entry.seq: entry.verdict.value for entry in decode(answer.batch, BatchAnswer).verdicts}
    assert verdicts == dict.fromkeys((1, 2, 3, 4, 5, 6, 7, 9), "held")
    with county.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(HeldChange)) == 8
        assert connection.scalar(select(func.count()).where(oplog.c.device > 0)) == 9


@pytest.mark.parametrize(
    "changes",
    [
        {"incarnation": 0},
        {"incarnation": 1 << 40},
        {"cursor": -1},
        {"cursor": 1 << 63},
        {"acked_seq": -5},
        {"schema": -1},
        {"time": -1},
    ],
)
def test_numbers_out_of_bounds_are_damage(
    small_county: County, make_laptop: LaptopMaker, changes: dict[str, int]
) -> None:
    assert refusal_of(small_county, request(link_of(small_county, make_laptop), **changes)) is ProblemKind.DAMAGED


def test_who_is_not_known_or_signs_with_another_key_gets_nothing(county: County, make_laptop: LaptopMaker) -> None:
    link = link_of(county, make_laptop)
    stranger = SigningKey.generate()

    assert refusal_of(county, request(link, key=stranger)) is ProblemKind.BAD_SIGNATURE
    assert refusal_of(county, request(link, device=999)) is ProblemKind.UNKNOWN_DEVICE
    assert refusal_of(county, request(link, device=-1)) is ProblemKind.UNKNOWN_DEVICE
    assert refusal_of(county, request(link, device=1 << 62)) is ProblemKind.UNKNOWN_DEVICE
    assert refusal_of(county, b"") is ProblemKind.DAMAGED
    assert refusal_of(county, bytes(200)) is ProblemKind.DAMAGED


def test_a_batch_of_another_key_or_village_is_kept_and_not_applied(county: County, make_laptop: LaptopMaker) -> None:
    link = link_of(county, make_laptop)
    made = transaction(insert(1, "household", row(1), number="0001"))

    assert refusal_of(county, request(link, made, batch_key=SigningKey.generate())) is ProblemKind.BAD_SIGNATURE
    assert refusal_of(county, request(link, made, village="999999999999")) is ProblemKind.BAD_SIGNATURE
    assert refusal_of(county, request(link, batch=b"noise", signature=b"")) is ProblemKind.DAMAGED

    with county.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(refused_batch)) == 3
        assert connection.scalar(select(village.c.counter)) == 2, "no more than both rights, lent at enrolment"


def test_only_another_protocol_is_refused_never_a_newer_schema(small_county: County, make_laptop: LaptopMaker) -> None:
    link = link_of(small_county, make_laptop)
    assert answer_to(small_county, request(link, schema=99)).status is Status.DONE
    assert refusal_of(small_county, request(link, protocol=2)) is ProblemKind.OLD_SCHEMA


def test_a_gap_in_the_numbers_is_noticed(small_county: County, make_laptop: LaptopMaker) -> None:
    link = link_of(small_county, make_laptop)
    made = transaction(insert(7, "household", row(1), number="0001"))
    assert answer_to(small_county, request(link, made)).status is Status.BEHIND


def post(url: str, path: str, body: bytes, method: str = "POST") -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_over_http_every_refusal_is_a_short_message_of_ours(small_county_url: str) -> None:
    for path in ("/v1/sync", "/v1/enrol"):
        for body in (b"", b"{}", bytes(range(256)) * 4):
            status, answer = post(small_county_url, path, body)
            assert status == 400
            assert decode(answer, Problem).kind is ProblemKind.DAMAGED
    status, answer = post(small_county_url, "/v1/blob/" + "0" * 64, b"", method="GET")
    assert (status, decode(answer, Problem).kind) == (401, ProblemKind.BAD_SIGNATURE)
    assert post(small_county_url, "/elsewhere", b"")[0] == 404


def test_a_body_that_is_too_large_is_refused_before_it_is_read(small_county_url: str) -> None:
    parts = urlsplit(small_county_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.putrequest("POST", "/v1/sync")
        connection.putheader("Content-Length", str(MAX_BODY + 1))
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, decode(answer.read(), Problem).kind) == (413, ProblemKind.TOO_LARGE)
    finally:
        connection.close()


def test_a_body_that_hides_its_size_is_cut_off(small_county_url: str) -> None:
    parts = urlsplit(small_county_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    pieces = (bytes(1 << 20) for _ in range((MAX_BODY >> 20) + 2))
    try:
        connection.request("POST", "/v1/sync", pieces, encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
        assert connection.getresponse().status == 413
    finally:
        connection.close()
