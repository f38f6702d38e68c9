"""Scenario 17 with real processes: eight laptops push through two workers while all of them and a ninth pull.

Each worker takes its numbers in a transaction of its own, and they commit as they come. With a sequence of PostgreSQL
as cursor 266 of these 800 rows were lost for ever.
"""

from __future__ import annotations

import http.client
import random
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import UUID

from nacl.signing import SigningKey
from sqlalchemy import Engine, insert, select

from county_server.tables import device, oplog
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.real_county import RealCounty, running_county
from tests.workspaces import VILLAGE
from village_core.domain.ids import new_id
from village_core.exchange.batches import FIRST_LINK, Batch, freeze_batch, hash_of, sign_batch
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.codec import decode_transactions, decompress
from village_core.exchange.messages import (
    HEAD_BYTES,
    PROTOCOL,
    SYNC_PATH,
    Status,
    SyncAnswer,
    SyncRequest,
    decode,
    sign_request,
)
from village_core.exchange.operations import Kind, Operation, Transaction
from village_core.records.households import Household

WRITERS, BATCHES, IN_A_BATCH = 8, 10, 10


class Writer:
    """The smallest laptop that there can be: it pushes new rows and remembers the ids of all that it pulled."""

    def __init__(self, county: RealCounty, number: int) -> None:
        self.number, self.pulled = number, list[UUID]()
        self._port, self._key, self._rng = county.port, SigningKey.generate(), random.Random(number)
        self._head, self._acked, self._cursor = FIRST_LINK, 0, 0
        with county.engine.begin() as connection:
            connection.execute(
                insert(device).values(
                    number=number,
                    village=VILLAGE,
                    role="文书",
                    person=new_id(),
                    person_name="文书",
                    public_key=bytes(self._key.verify_key),
                    alone_until=0,
                    revoked=False,
                    enrolled_at="2026-01-01T00:00:00.000Z",
                )
            )

    def push(self) -> list[UUID]:
        """Everything that this one has to say; the ids of its rows."""
        made: list[UUID] = []
        for _ in range(BATCHES):
            first, last = self._acked + 1, self._acked + IN_A_BATCH
            ids = [UUID(int=self._rng.getrandbits(128), version=4) for _ in range(IN_A_BATCH)]
            transactions = tuple(
                Transaction(
                    origin=0,
                    clock=(1_790_000_000_000 << 16) + seq,
                    actor=UUID(int=self.number),
                    reason="登记户",
                    base=self._cursor,
                    schema=SCHEMA_VERSION,
                    operations=(Operation(seq, Kind.INSERT, "household", row, {"number": f"{self.number}-{seq}"}),),
                )
                for seq, row in zip(range(first, last + 1), ids, strict=True)
            )
            batch = Batch(VILLAGE, self.number, 1, first, last, self._head, SCHEMA_VERSION, transactions)
            self._turn(freeze_batch(batch))
            made += ids
        return made

    def pull(self) -> None:
        while self._turn(b"").more:
            pass

    def _turn(self, batch: bytes) -> SyncAnswer:
        request = SyncRequest(
            PROTOCOL, self.number, 1, SCHEMA_VERSION, self._acked, self._head[:HEAD_BYTES], self._cursor,
            1_790_000_000_000, batch, sign_batch(self._key, batch) if batch else b"",
        )  # fmt: skip
        answer = self._post(sign_request(self._key, request))
        assert answer.status is Status.DONE
        if answer.operations:
            pulled = decode_transactions(decompress(answer.operations))
            self.pulled += [op.row_id for one in pulled for op in one.operations if op.table == "household"]
        self._acked, self._cursor = answer.acked_seq, answer.cursor
        self._head = hash_of(batch) if batch else self._head
        return answer

    def _post(self, body: bytes) -> SyncAnswer:
        """On a connection of its own, so that any worker may take it; a busy one is asked again soon."""
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            connection.request("POST", SYNC_PATH, body)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if answer.status == 200:
                return decode(content, SyncAnswer)
            assert answer.status == 503
            time.sleep(self._rng.uniform(0.05, 0.2))


def test_nobody_misses_a_row_of_eight_writers_at_two_workers(postgres: str, make_laptop: LaptopMaker) -> None:
    with running_county(postgres, workers=2) as county:
        reader = county.laptop(make_laptop)
        writers = [Writer(county, number) for number in range(11, 11 + WRITERS)]
        with ThreadPoolExecutor(WRITERS) as pool:
            pushing = [pool.submit(writer.push) for writer in writers]
            while not all(one.done() for one in pushing):
                reader.sync()
            made = {writer.number: one.result() for writer, one in zip(writers, pushing, strict=True)}
        sync_until_quiet(reader)

        everything = {row for rows in made.values() for row in rows}
        assert len(everything) == WRITERS * BATCHES * IN_A_BATCH
        assert {row.id for row in reader.all(Household)} == everything
        for writer in writers:
            writer.pull()
            assert len(writer.pulled) == len(set(writer.pulled)), "a row came twice"
            assert set(writer.pulled) == everything - set(made[writer.number])
        assert was_interleaved(county.engine)


def was_interleaved(engine: Engine) -> bool:
    """The writers took turns; one after the other would prove nothing."""
    with engine.connect() as connection:
        order: list[int] = list(
            connection.scalars(select(oplog.c.device).where(oplog.c.device > 10).order_by(oplog.c.number))
        )
    return sum(one != other for one, other in pairwise(order)) > 3 * WRITERS
