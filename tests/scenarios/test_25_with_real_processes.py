"""Scenario 25 with real processes: many villages come back at once, a worker is killed on the way, and an enrolled
laptop is hostile. 40 villages stand for 1,197 here; `python -m bench.county_load` plays those.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from http.client import HTTPConnection, HTTPException
from itertools import islice

import pytest
import zstandard
from nacl.signing import SigningKey
from sqlalchemy import select, update

from bench.county_load import count_missing, play, prepare, workers_of
from county_server.tables import device, oplog, village
from tests.real_county import RealCounty, running_county
from village_core.exchange.batches import FIRST_LINK, sign_batch
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.codec import MAX_PLAIN
from village_core.exchange.messages import (
    HEAD_BYTES,
    MAX_BODY,
    PROTOCOL,
    SYNC_PATH,
    Problem,
    ProblemKind,
    SyncRequest,
    decode,
    sign_request,
)

VILLAGES, OPERATIONS, SPAN_SECONDS = 40, 40, 2.0
HOSTILE = VILLAGES
AT_ONCE, PLACES_OF_A_VILLAGE = 16, 2 * (1 + 3)
"""Requests of one village; of these two workers carry out one each and let three wait each."""

Answer = tuple[int, str, bytes]


def post(county: RealCounty, body: bytes, *, told: int | None = None) -> Answer:
    """Status, Retry-After and body. `told`: the length that is announced, if it is not the true one. Comes again if the
    worker is killed just then."""
    while True:
        connection = HTTPConnection("127.0.0.1", county.port, timeout=60)
        try:
            connection.putrequest("POST", SYNC_PATH)
            connection.putheader("Content-Length", str(len(body) if told is None else told))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Retry-After") or "", answer.read()
        except (OSError, HTTPException):
            continue
        finally:
            connection.close()


def request(key: SigningKey, batch: bytes = b"") -> bytes:
    return sign_request(
        key,
        SyncRequest(
            PROTOCOL, HOSTILE, 1, SCHEMA_VERSION, 0, FIRST_LINK[:HEAD_BYTES], 0, 1_790_000_000_000, batch,
            sign_batch(key, batch) if batch else b"",
        ),
    )  # fmt: skip


def bombs() -> list[bytes]:
    """A few KB that want to become much more: one says so, one does not say how much, one lies."""
    plain = bytes(MAX_PLAIN + 1)
    told = zstandard.ZstdCompressor(write_content_size=True).compress(plain)
    silent = zstandard.ZstdCompressor(write_content_size=False).compress(plain)
    small = zstandard.ZstdCompressor(write_content_size=True).compress(bytes(300))
    return [told, silent, small[:6] + silent[6:]]


def attack(county: RealCounty, key: SigningKey) -> list[ProblemKind]:
    """What a laptop that means harm is told."""
    answers = [post(county, request(key, bomb)) for bomb in bombs()]
    answers += [post(county, b"", told=MAX_BODY + 1), post(county, b"\xdd" + bytes(3_000))]
    answers.append(post(county, request(SigningKey.generate())))
    assert all(400 <= status < 500 for status, _, _ in answers), answers
    return [decode(content, Problem).kind for _, _, content in answers]


def flood(county: RealCounty, body: bytes) -> list[Answer]:
    """Many requests of one village while nothing of it can be carried out."""
    with ThreadPoolExecutor(AT_ONCE) as pool, county.engine.begin() as connection:
        code = connection.scalar(select(device.c.village).where(device.c.number == HOSTILE))
        connection.execute(select(village).where(village.c.code == code).with_for_update())
        sent = [pool.submit(post, county, body) for _ in range(AT_ONCE)]
        for one in islice(as_completed(sent), AT_ONCE - PLACES_OF_A_VILLAGE):
            assert one.result()[0] == 503
        connection.rollback()
        return [one.result() for one in sent]


def harm(county: RealCounty, key: SigningKey) -> tuple[list[ProblemKind], list[Answer]]:
    return attack(county, key), flood(county, request(key))


def workers_once_there_are(count: int, parent: int) -> set[int]:
    """The killed worker is replaced a moment after the operating system has told of its end."""
    end = time.monotonic() + 30
    while len(found := set(workers_of(parent))) < count and time.monotonic() < end:
        time.sleep(0.1)
    assert len(found) == count == 2
    return found


@pytest.fixture
def county(postgres: str) -> Iterator[RealCounty]:
    with running_county(postgres, workers=2) as made:
        yield made


def test_no_acknowledged_batch_is_lost_and_a_hostile_laptop_is_refused_meanwhile(county: RealCounty) -> None:
    key = SigningKey.generate()
    visits = prepare(county.engine, random.Random(25), villages=VILLAGES, operations=OPERATIONS, span=SPAN_SECONDS)
    with county.engine.begin() as connection:
        connection.execute(update(device).where(device.c.number == HOSTILE).values(public_key=bytes(key.verify_key)))
    assert county.server is not None
    before = set(workers_of(county.server.pid))
    with ThreadPoolExecutor(1) as pool:
        harmed = pool.submit(harm, county, key)
        tally, _ = asyncio.run(play(visits[:-1], county.port, span=SPAN_SECONDS, kill=county.server.pid))
        refused, answers = harmed.result()

    assert refused[:3] == [ProblemKind.DAMAGED] * 3
    assert refused[3] is ProblemKind.TOO_LARGE
    assert tally.failed == []
    assert {visit.village for visit in tally.acknowledged} == {visit.village for visit in visits[:-1]}
    assert count_missing(county.engine, tally.acknowledged) == 0
    assert {status for status, _, _ in answers} == {200, 503}
    assert all(int(wait) >= 1 for status, wait, _ in answers if status == 503)
    after = workers_once_there_are(len(before), county.server.pid)
    assert len(after - before) == 1, "the killed worker was replaced, nobody else fell"
    with county.engine.connect() as connection:
        assert connection.scalar(select(oplog.c.number).where(oplog.c.device == HOSTILE).limit(1)) is None
