"""An enrolled device sends any value in any column of any table: refused or held, and everybody else goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Integer, Uuid, func, select

from county_server.sync.service import exchange
from county_server.tables import device_chain, oplog
from desktop_app.sync.state import find_link
from tests.counties import County
from tests.exchange.examples import insert, row, transaction
from tests.fuzz.every_page import read_every_page
from tests.fuzz.mutations import HOSTILE
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.ledger.books import post
from tests.relief.village import add_household, furnish, start_case, walk
from village_core.domain.relief.steps import StepKind
from village_core.exchange import messages
from village_core.exchange.batches import Batch, freeze_batch, sign_batch
from village_core.exchange.merge import Verdict
from village_core.exchange.messages import PROTOCOL, BatchAnswer, SyncAnswer, SyncRequest, sign_request
from village_core.exchange.operations import Operation
from village_core.exchange.values import MalformedValueError, Value, check_value, data_columns, read_row
from village_core.records import Record
from village_core.records.households import Household

OTHERS: list[Value] = [one for one in HOSTILE if one is None or isinstance(one, bool | int | str)]
IDS: list[Value] = [None, *(one for one in HOSTILE if isinstance(one, bytes))]
HELD = Record.metadata.tables["held_change"]
TABLES = [str.__str__(table.name) for table in Record.metadata.sorted_tables]

SHARE = int(os.environ.get("TIANGENG_VALUES_SHARE", "16"))
"""The suite tries every so manyth value in every column; 1 is all of them, in some minutes."""
LEFT = 20 if SHARE > 1 else 100_000

T = TypeVar("T")
_turns = count()


def _fitting(column: Column[Any]) -> Value:
    name, kind = str.__str__(column.name), column.type
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, Uuid):
        return row(1).bytes
    if isinstance(kind, Date):
        return "2026-11-22"
    return "{}" if name in ("payload", "body", "groups", "offered", "standing", "reasons", "value") else "1"


Case = tuple[str, Value, bool]
"""Column, value, and whether the column can hold it."""


def _cases(table: str) -> Iterator[list[Case]]:
    """What goes in one batch: a column travels as ids or as anything else, never as both."""
    columns = {str.__str__(name): column for name, column in data_columns(Record.metadata.tables[table]).items()}
    ids = [name for name, column in columns.items() if isinstance(column.type, Uuid)]
    yield [
        (name, one, _fits(column, one)) for name, column in columns.items() if name not in ids for one in _some(OTHERS)
    ]
    for name in _some(ids):
        yield [(name, one, _fits(columns[name], one)) for one in _some(OTHERS)]
    for name in _some(list(columns)):
        yield [(name, one, _fits(columns[name], one)) for one in IDS]


def _some(things: list[T]) -> list[T]:
    """All of them in the long run; in the suite every so many, beginning at another one each time."""
    return things if SHARE == 1 else things[next(_turns) % min(SHARE, len(things) or 1) :: SHARE]


def _fits(column: Column[Any], value: Value) -> bool:
    try:
        check_value(column, value)
    except MalformedValueError:
        return False
    return True


class _Hostile:
    """A device with a token, and a program of its own."""

    def __init__(self, laptop: Laptop) -> None:
        link = find_link(laptop.workspace)
        assert link is not None
        self._link = link
        self._county: County = laptop.county
        self._village = laptop.workspace.village
        self.seq, self._cursor = link.acked_seq, link.cursor

    def _head(self) -> bytes:
        with self._county.engine.connect() as connection:
            query = select(device_chain.c.head).where(device_chain.c.device == self._link.device)
            return connection.scalars(query).all()[-1]

    def send(self, operations: list[Operation]) -> tuple[SyncRequest, SyncAnswer]:
        """Each operation a transaction of its own."""
        last = self.seq + len(operations)
        batch = Batch(
            self._village,
            self._link.device,
            self._link.incarnation,
            self.seq + 1,
            last,
            self._head(),
            1,
            tuple(transaction(one) for one in operations),
        )
        frozen = freeze_batch(batch)
        request = SyncRequest(
            PROTOCOL,
            self._link.device,
            self._link.incarnation,
            1,
            self.seq,
            self._head()[:8],
            self._cursor,
            1,
            batch=frozen,
            signature=sign_batch(self._link.key, frozen),
            epoch=self._link.epoch,
        )
        answer = self.post(request)
        self.seq, self._cursor = last, answer.cursor
        return request, answer

    def post(self, request: SyncRequest) -> SyncAnswer:
        return exchange(self._county.engine, sign_request(self._link.key, request), clock=self._county.clock)


def _usual(laptop: Laptop) -> dict[str, dict[str, Value]]:
    """A row of each table as it should be: one of the laptop's own, or one that fits."""
    rows = {}
    with laptop.workspace.reader() as reader:
        for name in TABLES:
            table = Record.metadata.tables[name]
            own = reader.session.execute(select(table).where(table.c.village == reader.village)).mappings().first()
            columns = data_columns(table)
            rows[name] = read_row(table, own) if own else {str.__str__(key): _fitting(columns[key]) for key in columns}
    return rows


def test_any_value_in_any_column_is_held_or_harmless_and_everybody_goes_on(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    honest, other = make_laptop(small_county), make_laptop(small_county)
    furnish(honest.workspace)
    case = start_case(honest.workspace, add_household(honest.workspace))
    walk(honest.workspace, case, until=StepKind.NOTICE_POSTED)
    post(honest.workspace, ("101", 500_00), ("10201", -500_00))
    sync_until_quiet(honest, other)
    hostile, usual = _Hostile(other), _usual(honest)
    numbers = count(10_000)

    tried = unfit = 0
    for table in TABLES:
        for cases in _cases(table):
            operations = [
                insert(hostile.seq + 1 + at, table, row(next(numbers)), **(usual[table] | {name: value}))
                for at, (name, value, _) in enumerate(cases)
            ]
            before = _count(small_county)
            request, answer = hostile.send(operations)
            told = {one.seq: one.verdict for one in messages.decode(answer.batch, BatchAnswer).verdicts}
            for operation, (name, value, fits) in zip(operations, cases, strict=True):
                assert fits or told.get(operation.number) is Verdict.HELD, (table, name, value)
            standing = {one.row_id for one in operations if told.get(one.number) is not Verdict.HELD}
            assert _list_there(small_county, table, operations) == standing
            after = _count(small_county)
            assert after >= before + len(operations)
            assert hostile.post(request).batch == answer.batch
            assert _count(small_county) == after
            tried += len(operations)
            unfit += sum(not fits for _, _, fits in cases)
    assert tried > 5000 // SHARE
    with small_county.engine.connect() as connection:
        assert (connection.scalar(select(func.count()).select_from(HELD)) or 0) >= unfit // 2
    mine = honest.add_household(group_name="二社")
    while not (report := honest.sync()).equal or report.received:
        assert report.received
    assert honest.get(Household, mine).group_name == "二社"
    read_every_page(honest.workspace, most=LEFT)


def _count(county: County) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(oplog)) or 0


def _list_there(county: County, table: str, operations: list[Operation]) -> set[UUID]:
    column = Record.metadata.tables[table].c.id
    with county.engine.connect() as connection:
        return set(connection.scalars(select(column).where(column.in_([one.row_id for one in operations]))))
