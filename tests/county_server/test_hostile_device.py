"""An enrolled device that means harm: each of its bodies is answered shortly, with bounded time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import zstandard
from sqlalchemy import func, select

from county_server.problems import RequestRefusedError
from county_server.sync import refused
from county_server.sync.service import exchange
from county_server.tables import refused_batch, village
from tests.counties import County
from tests.devices_at_county import Device, Sent, enrolled, send
from village_core.exchange import messages
from village_core.exchange.batches import FIRST_LINK, sign_batch
from village_core.exchange.codec import compress
from village_core.exchange.messages import MAX_BODY, Problem, ProblemKind, SyncRequest, decode, sign_request

ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS = 10.0
MOST_GROWTH = 400 << 20
"""Of the worker's memory at its highest, for bodies of 24 MiB of which the county holds a few copies."""

_LONG = MAX_BODY - 4096


def sync_body(device: Device, batch: bytes) -> bytes:
    return sign_request(
        device.key,
        SyncRequest(1, device.number, 1, 1, 0, FIRST_LINK[:8], 0, 0, batch, sign_batch(device.key, batch)),
    )


def signed(device: Device, content: bytes) -> bytes:
    """Any bytes with a right signature behind them."""

    return content + bytes(device.key.sign(messages._REQUEST_CONTEXT + content).signature)


def zeros(size: int) -> bytes:
    """Very little that becomes very much."""
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    block = bytes(1 << 20)
    return b"".join([*(packer.compress(block) for _ in range(size >> 20)), packer.flush()])


def hostile_bodies(device: Device) -> dict[str, Sent]:
    head = msgspec.msgpack.encode([1, device.number, 1, 1, 0, 0])
    bomb = zeros(1 << 30)
    return {
        "noise in a batch": Sent("POST", "/v1/sync", sync_body(device, os.urandom(_LONG))),
        "a bomb": Sent("POST", "/v1/sync", sync_body(device, bomb)),
        "a bomb that tells its size": Sent("POST", "/v1/sync", sync_body(device, compress(bytes(150 << 20)))),
        "many bombs": Sent("POST", "/v1/sync", sync_body(device, bomb * (_LONG // len(bomb) // 2))),
        "a bomb of lists": Sent("POST", "/v1/sync", sync_body(device, compress(b"\x91" * (8 << 20)))),
        "deep lists": Sent("POST", "/v1/sync", signed(device, b"\x91" * _LONG)),
        "deep maps": Sent("POST", "/v1/sync", signed(device, b"\x81\xa1a" * (_LONG // 3))),
        "a giant count": Sent("POST", "/v1/sync", signed(device, b"\xdd\xff\xff\xff\xff" + head)),
        "a giant text": Sent("POST", "/v1/sync", signed(device, b"\x99\x01\xdb\xff\xff\xff\xff" + b"a" * 1000)),
        "numbers and numbers": Sent(
            "POST", "/v1/verify", signed(device, b"\xdd\x01\x00\x00\x00" + b"\x01" * (1 << 24))
        ),
        "a million tables": Sent(
            "POST",
            "/v1/verify",
            signed(device, msgspec.msgpack.encode([1, device.number, 1, 1, 0, 0, 2, [["x"]] * 1_000_000])),
        ),
        "too much to ask": Sent("POST", "/v1/content", signed(device, os.urandom(15 << 10))),
        "one byte over": Sent("POST", "/v1/sync", bytes(MAX_BODY + 1)),
    }


@pytest.fixture
def worker(small_county: County) -> Iterator[tuple[str, int]]:
    command = [sys.executable, "-m", "county_server", "serve", "--listen", "127.0.0.1:0", "--db", small_county.address]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split("：")[-1].strip(), process.pid
        finally:
            process.terminate()


def highest_memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no such line")


def test_hostile_bodies_are_refused_in_bounded_time_and_memory(small_county: County, worker: tuple[str, int]) -> None:
    url, pid = worker
    device = enrolled(small_county)
    assert send(url, Sent("POST", "/v1/sync", sync_body(device, b"")))[0] == 200, "it is let in"
    counter = counter_of(small_county)
    before = highest_memory(pid)
    told: dict[str, tuple[int, ProblemKind, float, int]] = {}
    for name, sent in hostile_bodies(device).items():
        begun = time.perf_counter()
        try:
            status, answer = send(url, sent)
        except (ConnectionResetError, BrokenPipeError):
            assert name == "one byte over"
            continue
        told[name] = (status, decode(answer, Problem).kind, time.perf_counter() - begun, highest_memory(pid) - before)
    for name, (status, _kind, seconds, growth) in told.items():
        assert 400 <= status < 500, (name, told)
        assert seconds < MOST_SECONDS, (name, told)
        assert growth < MOST_GROWTH, (name, told)
    assert counter_of(small_county) == counter


def test_what_is_refused_is_kept_but_cannot_fill_the_disk(
    small_county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refused, "MOST_KEPT", 5_000)
    device = enrolled(small_county)
    for number in range(8):
        with pytest.raises(RequestRefusedError):
            exchange(small_county.engine, sync_body(device, bytes([number]) * 1_000), clock=small_county.clock)
    with small_county.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(refused_batch)) == 5


def counter_of(county: County) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.sum(village.c.counter))) or 0
