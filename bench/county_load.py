"""`python -m bench.county_load`: a county's villages come back within ten minutes; a worker is killed on the way.

Real server processes, real PostgreSQL with fsync, signed batches, real sockets. What was acknowledged is looked for in
the database afterwards. Prints one line of figures for each number of villages, and exits 1 when anything is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from nacl.signing import SigningKey
from sqlalchemy import Engine, func, insert, select

from county_server.migrate import open_migrated
from county_server.tables import batch as batch_table
from county_server.tables import device, oplog, village
from tests.postgres import running_postgres
from village_core.domain.ids import new_id
from village_core.exchange.batches import FIRST_LINK, Batch, freeze_batch, hash_of, sign_batch
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.messages import HEAD_BYTES, PROTOCOL, SYNC_PATH, SyncRequest, sign_request
from village_core.exchange.operations import Kind, Operation, Transaction

_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
_GROUPS = ("一组", "二组", "三组", "四组")


@dataclass
class Visit:
    """One laptop of one village: its key, its day's batch, the moments at which it comes."""

    village: str
    device: int
    body: bytes
    idle: bytes
    at: float
    last_seq: int


@dataclass
class Tally:
    """What came of the visits. `seconds` from sending to the last byte of the answer, per request that was done."""

    seconds: list[float] = field(default_factory=list)
    acknowledged: list[Visit] = field(default_factory=list)
    busy: int = 0
    cut: int = 0
    failed: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Exit status 0 when nothing that was acknowledged is missing and nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.county_load", description=__doc__)
    parser.add_argument("--villages", type=int, nargs="+", default=[63, 1197])
    parser.add_argument("--operations", type=int, default=200, help="operations in the day's batch of a village")
    parser.add_argument("--minutes", type=float, default=10, help="the simulated time in which all come")
    parser.add_argument("--speed", type=float, default=5, help="simulated seconds in one real second")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    sound = True
    with running_postgres(_DURABLE) as postgres:
        for number, villages in enumerate(options.villages):
            figures = measure_load(
                f"{postgres}/load{number}",
                villages=villages,
                operations=options.operations,
                span=options.minutes * 60 / options.speed,
                workers=options.workers,
                seed=options.seed,
            )
            print(json.dumps(figures, ensure_ascii=False), flush=True)
            sound = sound and not figures["missing"] and not figures["failed"]
    return 0 if sound else 1


def measure_load(
    database: str, *, villages: int, operations: int, span: float, workers: int, seed: int, kill: bool = True
) -> dict[str, object]:
    """The figures of one run. `span` in real seconds; half-way through one worker is killed."""
    rng = random.Random(seed)
    engine = open_migrated(database)
    visits = prepare(engine, rng, villages=villages, operations=operations, span=span)
    with serving(database, workers=workers) as (port, process):
        tally, wall = asyncio.run(play(visits, port, span=span, kill=process.pid if kill else None))
    missing = count_missing(engine, tally.acknowledged)
    engine.dispose()
    ordered = sorted(tally.seconds)
    return {
        "villages": villages,
        "operations": operations,
        "span_s": span,
        "wall_s": round(wall, 1),
        "requests": len(ordered),
        "per_s": round(len(ordered) / wall, 1),
        "p50_ms": _milliseconds(ordered, 0.50),
        "p99_ms": _milliseconds(ordered, 0.99),
        "max_ms": _milliseconds(ordered, 1.0),
        "busy": tally.busy,
        "cut": tally.cut,
        "acknowledged": len(tally.acknowledged),
        "missing": missing,
        "failed": tally.failed[:5],
    }


def prepare(engine: Engine, rng: random.Random, *, villages: int, operations: int, span: float) -> list[Visit]:
    """Enrol one device a village straight into the database, and sign what it will send."""
    visits: list[Visit] = []
    with engine.begin() as connection:
        for number in range(1, villages + 1):
            code = f"532{number:09d}"
            key = SigningKey(rng.randbytes(32))
            connection.execute(
                insert(village).values(code=code, name=f"第{number}村", counter=0, epoch=1, added_at="2026-01-01")
            )
            connection.execute(
                insert(device).values(
                    number=number,
                    village=code,
                    role="文书",
                    person=new_id(),
                    person_name="文书",
                    public_key=bytes(key.verify_key),
                    alone_until=operations,
                    revoked=False,
                    enrolled_at="2026-01-01T00:00:00.000Z",
                )
            )
            visits.append(_visit(rng, code, number, key, operations=operations, at=rng.uniform(0, span)))
    return visits


def _visit(rng: random.Random, code: str, number: int, key: SigningKey, *, operations: int, at: float) -> Visit:
    actor, clock = UUID(int=rng.getrandbits(128), version=4), 1_790_000_000_000 << 16
    made = tuple(
        Transaction(0, clock + seq, actor, "登记户", 0, SCHEMA_VERSION, (_household(rng, seq),))
        for seq in range(1, operations + 1)
    )
    content = freeze_batch(Batch(code, number, 1, 1, operations, FIRST_LINK, SCHEMA_VERSION, made))
    first = SyncRequest(
        PROTOCOL, number, 1, SCHEMA_VERSION, 0, FIRST_LINK[:HEAD_BYTES], 0, clock >> 16, content,
        sign_batch(key, content),
    )  # fmt: skip
    idle = SyncRequest(
        PROTOCOL, number, 1, SCHEMA_VERSION, operations, hash_of(content)[:HEAD_BYTES], operations, clock >> 16
    )
    return Visit(code, number, sign_request(key, first), sign_request(key, idle), at, operations)


def _household(rng: random.Random, seq: int) -> Operation:
    values = {
        "number": f"{seq:04d}",
        "head_name": rng.choice(_SURNAMES) + chr(rng.randrange(0x4E00, 0x5E00)),
        "group_name": rng.choice(_GROUPS),
        "kind": "一般农户",
        "phone": f"1{rng.randrange(10**9, 10**10)}",
    }
    return Operation(seq, Kind.INSERT, "household", UUID(int=rng.getrandbits(128), version=4), values)


@contextmanager
def serving(database: str, *, workers: int) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The real server on a free port, and its process."""
    environment = os.environ | {"TIANGENG_COUNTY_DB": database}
    command = [sys.executable, "-m", "county_server", "serve", "--listen", "127.0.0.1:0", "--workers", str(workers)]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            command, env=environment, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline().rpartition(":")[2])
            asyncio.run(_until_open(port))
            yield port, process
        finally:
            process.terminate()


async def _until_open(port: int) -> None:
    """A worker answers: an empty request is told that it is damaged."""
    while await _post(port, b"") is None:
        await asyncio.sleep(0.1)


async def play(visits: list[Visit], port: int, *, span: float, kill: int | None) -> tuple[Tally, float]:
    tally, begun = Tally(), time.perf_counter()
    tasks = [asyncio.create_task(_come(visit, port, tally)) for visit in visits]
    if kill is not None:
        await asyncio.sleep(span / 2)
        os.kill(workers_of(kill)[0], signal.SIGKILL)
    await asyncio.gather(*tasks)
    return tally, time.perf_counter() - begun


async def _come(visit: Visit, port: int, tally: Tally) -> None:
    """A laptop that comes with its day's work, and once more to see whether anything is left."""
    await asyncio.sleep(visit.at)
    if await _persist(visit.body, port, tally):
        tally.acknowledged.append(visit)
        await _persist(visit.idle, port, tally)


async def _persist(body: bytes, port: int, tally: Tally) -> bool:
    """Send the same bytes until they are answered, as a laptop does."""
    for tries in range(60):
        begun = time.perf_counter()
        answer = await _post(port, body)
        if answer is None:
            tally.cut += 1
            await asyncio.sleep(random.uniform(0.1, 0.5 * 2 ** min(tries, 5)))
        elif answer[0] == 503:
            tally.busy += 1
            await asyncio.sleep(answer[1])
        elif answer[0] == 200:
            tally.seconds.append(time.perf_counter() - begun)
            return True
        else:
            tally.failed.append(f"status {answer[0]}")
            return False
    tally.failed.append("never answered")
    return False


async def _post(port: int, body: bytes) -> tuple[int, int] | None:
    """Status and Retry-After of one request on a connection of its own; None when the line was cut."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return None
    try:
        head = f"POST {SYNC_PATH} HTTP/1.1\r\nHost: county\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        answer = await reader.read()
    except OSError:
        return None
    finally:
        writer.close()
    if not answer.startswith(b"HTTP/1.1 "):
        return None
    headers, _, content = answer.partition(b"\r\n\r\n")
    told = {
        name.strip().lower(): value.strip() for name, _, value in (x.partition(b":") for x in headers.split(b"\r\n"))
    }
    if len(content) != int(told.get(b"content-length", b"-1")):
        return None
    return int(headers[9:12]), int(told.get(b"retry-after", b"1"))


def count_missing(engine: Engine, acknowledged: list[Visit]) -> int:
    """How many acknowledged operations the database does not hold exactly once."""
    expected = {visit.device: visit.last_seq for visit in acknowledged}
    of_devices = select(oplog.c.device, func.count(oplog.c.seq.distinct())).where(oplog.c.device > 0)
    twice = (
        select(oplog.c.device)
        .where(oplog.c.device > 0)
        .group_by(oplog.c.village, oplog.c.device, oplog.c.seq)
        .having(func.count() > 1)
    )
    in_batches = select(batch_table.c.device, func.max(batch_table.c.last_seq)).group_by(batch_table.c.device)
    with engine.connect() as connection:
        kept: dict[int, int] = dict(connection.execute(of_devices.group_by(oplog.c.device)).all())
        batches: dict[int, int] = dict(connection.execute(in_batches).all())
        doubled = connection.scalar(select(func.count()).select_from(twice.subquery()))
    lost = sum(last - min(kept.get(number, 0), batches.get(number, 0)) for number, last in expected.items())
    return lost + (doubled or 0)


def workers_of(parent: int) -> list[int]:
    """Process ids of the server's living workers, without multiprocessing's own tracker."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                command = (entry / "cmdline").read_text()
            except OSError:
                continue
            if int(status[1]) == parent and status[0] != "Z" and "resource_tracker" not in command:
                found.append(int(entry.name))
    return sorted(found)


def _milliseconds(ordered: list[float], share: float) -> float:
    if not ordered:
        return 0.0
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
