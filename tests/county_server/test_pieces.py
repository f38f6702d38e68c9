"""Pieces at the county: gone on with, never mixed up, within bounds also for a device that means harm."""

from __future__ import annotations

import http.client
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete, func, select

from county_server.auth.devices import KnownDevice
from county_server.auth.tickets import admit_ticket
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.sync.kept import read_answer
from county_server.sync.parts import keep_part
from county_server.tables import batch_part, kept_answer, snapshot
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.sync import state
from desktop_app.sync.arriving import find_arriving
from desktop_app.sync.outbox import FrozenBatch, freeze_next
from desktop_app.sync.words import GarbledError, LineError
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from village_core.domain.clock import FixedClock
from village_core.domain.ids import new_id
from village_core.exchange.codec import MAX_COMPRESSED
from village_core.exchange.messages import ProblemKind
from village_core.exchange.pieces import (
    ANSWER_PATH,
    AT_ONCE,
    MAX_PIECE_BODY,
    PART_PATH,
    sign_ticket,
)
from village_core.records.households import Household


def ticket_of(laptop: Laptop, method: str, path: str) -> str:
    link = state.find_link(laptop.workspace)
    assert link is not None
    return sign_ticket(link.key, device=link.device, method=method, path=path)


def admitted(laptop: Laptop, method: str, path: str) -> KnownDevice:
    return admit_ticket(laptop.county.engine, ticket_of(laptop, method, path), method=method, path=path)


def put(laptop: Laptop, name: str, start: int, content: bytes) -> int:
    county = laptop.county
    sender = admitted(laptop, "PUT", f"{PART_PATH}{name}/{start}")
    return keep_part(county.engine, sender, name=name, start=start, content=content, clock=county.clock).known


def add_many(laptop: Laptop, count: int = 400) -> None:
    def deed(uow: UnitOfWork) -> None:
        for number in range(count):
            laptop_row = {"number": f"{number:04d}", "note": f"{(number + 1) ** 30:x}"[:60]}
            uow.session.add(Household(village=uow.village, id=new_id(), **laptop_row))

    laptop.do(deed)


def freeze_many(laptop: Laptop) -> FrozenBatch:
    """A batch of many that is ready to go up."""
    add_many(laptop)
    link = state.find_link(laptop.workspace)
    assert link is not None
    frozen = freeze_next(laptop.workspace, link)
    assert frozen is not None
    return frozen


def count(county: County, table: Any) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_pieces_go_on_where_they_are_and_overlaps_do_no_harm(county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(county)
    name = "ab" * 32
    assert put(laptop, name, 0, b"") == 0
    assert put(laptop, name, 0, b"0123456789") == 10
    assert put(laptop, name, 20, b"later") == 10
    assert put(laptop, name, 5, b"56789abcde") == 15
    assert put(laptop, name, 15, b"") == 15
    assert put(laptop, name, 0, b"anew") == 4


def test_a_device_cannot_fill_the_county(county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(county)
    for number in range(6):
        put(laptop, f"{number:02x}" * 32, 0, bytes(1000))
    assert count(county, batch_part) <= 2
    with pytest.raises(RequestRefusedError) as told:
        put(laptop, "cd" * 32, MAX_COMPRESSED - 5, bytes(10))
    assert told.value.status == 413
    with pytest.raises(RequestRefusedError) as told:
        put(laptop, "nonsense", 0, b"x")
    assert told.value.status == 404


def test_nobody_gets_at_what_is_another_devices(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    add_many(first)
    first.sync()
    second.line.far = 1 << 60
    second.line.cut_after = 5_000
    with pytest.raises(LineError):
        second.sync()
    with county.engine.connect() as connection:
        name = connection.execute(select(kept_answer.c.hash)).scalar_one().hex()
    with pytest.raises(RequestRefusedError) as told:
        read_answer(county.engine, admitted(first, "GET", ANSWER_PATH + name), name=name, span="bytes=0-9")
    assert told.value.problem.kind is ProblemKind.NO_CONTENT
    path = ANSWER_PATH + name
    assert len(read_answer(county.engine, admitted(second, "GET", path), name=name, span="bytes=0-9").content) == 10
    with pytest.raises(RequestRefusedError) as told:
        ticket = ticket_of(second, "GET", path).replace(".", ".A", 1)
        admit_ticket(county.engine, ticket, method="GET", path=path)
    assert told.value.status == 401


def test_a_batch_that_came_damaged_is_brought_anew(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    laptop.sync()
    frozen = freeze_many(laptop)
    assert len(frozen.content) > AT_ONCE
    put(laptop, frozen.hash.hex(), 0, bytes(len(frozen.content)))
    laptop.workspace.set_state(state.UPLOADING, frozen.hash.hex())

    assert laptop.sync().equal

    assert count(small_county, batch_part) == 0


def test_a_lost_answer_to_a_batch_in_pieces_is_given_again(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    laptop.sync()
    frozen = freeze_many(laptop)
    further = len(frozen.content) + 2
    while count(small_county, Household) == 0:
        laptop.line.cut_after = further
        with pytest.raises(LineError):
            laptop.sync()
        further = further + 5 if further < 1_000 else 5
    laptop.line.cut_after = None
    assert laptop.workspace.state(state.ACKED_SEQ) == str(frozen.first_seq - 1)

    report = laptop.sync()

    assert (report.sent, report.equal) == (400, True)
    assert count(small_county, Household) == 400


def test_what_was_given_up_goes_after_a_month(small_county: County, make_laptop: LaptopMaker) -> None:
    clock = FixedClock(small_county.clock.now())
    small_county.clock = clock
    first, second = make_laptop(small_county), make_laptop(small_county)
    put(first, "ab" * 32, 0, b"given up")
    clock.moment += timedelta(days=31)
    put(second, "cd" * 32, 0, b"new")
    assert count(small_county, batch_part) == 1


def test_a_content_that_the_county_forgot_is_asked_for_anew(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(first, second)
    add_many(first)
    first.sync()
    second.line.far = 1 << 60
    second.line.cut_after = 6_000
    with pytest.raises(LineError):
        second.sync()
    link = state.find_link(second.workspace)
    assert link is not None
    half = find_arriving(second.workspace, link, batch=b"")
    assert half is not None
    assert 0 < half.have < half.size
    with writing(small_county.engine) as connection:
        connection.execute(delete(kept_answer))
    with pytest.raises(LineError):
        second.sync()

    assert second.sync().equal


def test_a_snapshot_with_another_signature_changes_nothing(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    add_many(first, 30)
    first.sync()
    second.line.far = 5
    second.workspace.set_state(state.COUNTY_KEY, "11" * 32)
    with pytest.raises(GarbledError):
        second.sync()
    assert second.all(Household) == []
    assert second.workspace.state(state.CURSOR) == "0"


def test_few_snapshots_are_kept_and_the_same_one_serves_all(county: County, make_laptop: LaptopMaker) -> None:
    first, second, third = (make_laptop(county) for _ in range(3))
    add_many(first, 60)
    sync_until_quiet(first)
    for laptop in (second, third):
        laptop.line.far = 20
        assert laptop.sync().equal
    assert count(county, snapshot) == 1
    assert len(third.all(Household)) == 60


def test_a_piece_that_is_too_large_is_not_read(small_county: County, small_county_url: str) -> None:
    parts = urlsplit(small_county_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("PUT", f"{PART_PATH}{'ab' * 32}/0", body=bytes(MAX_PIECE_BODY + 1))
    assert connection.getresponse().status == 413
    connection.close()
