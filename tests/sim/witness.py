"""Remembers every operation that anybody ever made, and says where each of them is now."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from uuid import UUID

import msgspec
from sqlalchemy import Connection, func, select

from county_server.tables import device_chain, oplog, village
from desktop_app.sync import state
from tests.sim.oversight import Oversight
from tests.sim.world import SimLaptop, World
from village_core.exchange.change_log import change_log
from village_core.exchange.merge import Verdict
from village_core.exchange.operations import Kind, Operation, Transaction, fingerprint, read_own_transactions
from village_core.exchange.plan import references_of
from village_core.records import Merge, Record, rule_of, synced_tables

RowKey = tuple[str, UUID]
_VERDICTS = frozenset(one.value for one in Verdict)
_AS_DECIDED = "按拿定的主意办"
_HOUSEHOLD = Record.metadata.tables["household"]
_EVERY_FACT = " UNION ALL ".join(
    f"SELECT '{table.name}', id FROM {table.name}" for table in synced_tables if rule_of(table).merge is Merge.FACT
)


class InvariantBrokenError(AssertionError):
    """What must never happen did."""


def demand(holds: bool, sentence: str) -> None:
    if not holds:
        raise InvariantBrokenError(sentence)


class Witness:
    """The model: a plain set of everything that was ever done, by the fingerprint of each operation."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.made: dict[bytes, str] = {}
        self.at_county: dict[bytes, str] = {}
        self.number = 0
        self._jumps = False
        """After a restore the county counts on with a leap, so that no number is given twice."""
        self._taken_out: set[RowKey] = set()
        """Facts that the county took out, because a person turned them down."""
        self._closed: set[UUID] = set()
        self._opened: set[UUID] = set()
        """Households that a person's decision opened again."""
        self._epoch: dict[int, int] = {}
        self._own: dict[int, set[bytes]] = {}
        self._seen: dict[int, int] = {}
        self._cursor: dict[int, int] = {}
        self._facts: dict[int, set[RowKey]] = {}
        self._oversight = Oversight()

    @property
    def known(self) -> set[int]:
        """The numbers of the laptops that were looked at."""
        return set(self._own)

    def look(self, laptop: SimLaptop) -> None:
        """Take in what a laptop did since the last time; its disk may be another one than then."""
        anew = laptop.number not in self._own or laptop.fresh_disk
        if anew:
            self._look_anew(laptop)
        seen = self._seen[laptop.number]
        with laptop.workspace.engine.connect() as connection:
            newest = connection.exec_driver_sql("SELECT max(device_seq) FROM change_log").scalar() or 0
            found = list(_listed(read_own_transactions(connection, after=seen))) if newest > seen else []
            known = state.read_state(connection)
            if anew:
                self._oversight.came_back(laptop.number, cursor=int(known.get(state.CURSOR, "0")))
            self._note_own(laptop, connection, found)
        demand(newest >= seen, f"{laptop.name} forgot operations {newest + 1} to {seen}")
        self._seen[laptop.number] = newest
        self._demand_monotonic_reads(laptop, known)

    def _note_own(self, laptop: SimLaptop, connection: Connection, found: list[tuple[Transaction, Operation]]) -> None:
        keys = {operation.number: fingerprint(transaction, operation) for transaction, operation in found}
        for _, operation in found:
            key = keys[operation.number]
            self._own[laptop.number].add(key)
            self.made[key] = f"{laptop.name} no. {operation.number}: {operation.kind.name} {operation.table}"
        if keys:
            known_before = self._cursor.get(laptop.number, 0)
            self._oversight.note_edits(connection, keys, laptop=laptop.number, cursor=known_before, shown=laptop.shown)
            laptop.shown = {}

    def look_at_county(self) -> None:
        """Take in what reached the county: without a gap, each with a verdict."""
        if self._world.county.restored:
            self._look_at_restored_county()
        column = oplog.c
        query = select(
            column.number,
            column.device,
            column.incarnation,
            column.fingerprint,
            column.verdict,
            column.kind,
            column.effect_kind,
            column.effect,
            column.table_name,
            column.row_id,
            column.reason,
            column.offered,
        )
        with self._world.county.engine.connect() as connection:
            counter = connection.scalar(select(village.c.counter)) or 0
            rows = connection.execute(query.where(column.number > self.number).order_by(column.number)).all()
        expected = self.number
        for row in rows:
            expected = row.number if self._jumps else expected + 1
            demand(row.number == expected, f"the county has no operation {expected}")
            demand(row.verdict in _VERDICTS, f"operation {row.number} has no verdict")
            if row.device > 0:
                self.at_county[row.fingerprint] = row.verdict
            elif row.effect_kind == Kind.DELETE.value:
                self._taken_out.add((row.table_name, row.row_id))
            elif row.reason == _AS_DECIDED and "closed_on" in msgspec.msgpack.decode(row.offered):
                self._opened.add(row.row_id)
        for sentence in self._oversight.follow(rows):
            demand(False, sentence)
        demand(self._jumps or expected == counter, f"the county counts {counter}, its log ends at {expected}")
        self.number = counter
        self._world.county.touched = False

    def _look_at_restored_county(self) -> None:
        """What only the county had is gone with its disk, unless a laptop still has it."""
        self._world.county.restored, self._jumps = False, True
        self.number = 0
        self._oversight.begin_again(self._cursor)
        self._closed.clear()
        before = set(self.at_county)
        with self._world.county.engine.connect() as connection:
            there = set(connection.scalars(select(oplog.c.fingerprint)))
        self.at_county = {row.fingerprint: "forgotten" for row in self._world.county.forgotten}
        there |= self.at_county.keys()
        for key in before - there - set[bytes]().union(*self._own.values()):
            self.made.pop(key, None)

    def demand_nothing_missing(self) -> None:
        """Each operation is at the county or in the log of a laptop that lives."""
        kept = set[bytes]().union(*self._own.values())
        for key in self.made.keys() - self.at_county.keys() - kept:
            raise InvariantBrokenError(f"nobody has {self.made[key]}")

    def demand_everything_arrived(self) -> None:
        """After everyone exchanged until quiet: all of it is at the county."""
        for laptop in self._world.living:
            for key in self._own[laptop.number] - self.at_county.keys():
                raise InvariantBrokenError(f"{self.made[key]} never reached the county, and all is said to be done")

    def demand_whole_chains(self) -> None:
        """Of each history of each device the county has every number up to the last."""
        column = oplog.c
        query = select(column.device, column.incarnation, column.seq).where(column.device > 0)
        found: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        with self._world.county.engine.connect() as connection:
            last = {(row.device, row.incarnation): row.last_seq for row in connection.execute(select(device_chain))}
            for row in (*connection.execute(query), *self._world.county.forgotten):
                found[row.device, row.incarnation].add(row.seq)
        for (device, incarnation), numbers in found.items():
            whole = max(numbers) - min(numbers) + 1 == len(numbers) and last[device, incarnation] == max(numbers)
            demand(whole, f"the county's history {incarnation} of device {device} has a gap")

    def _look_anew(self, laptop: SimLaptop) -> None:
        """Another disk: what was only on the old one is gone with it, and nobody can help that."""
        with laptop.workspace.engine.connect() as connection:
            own = {
                fingerprint(one, operation) for one, operation in _listed(read_own_transactions(connection, after=0))
            }
            newest = connection.scalar(select(func.max(change_log.c.device_seq))) or 0
        before = self._own.get(laptop.number, set())
        self._own[laptop.number] = own
        self._seen[laptop.number] = newest
        for key in own:
            self.made.setdefault(key, f"{laptop.name}, from the beginning")
        kept = set[bytes]().union(*self._own.values())
        for key in before - kept - self.at_county.keys():
            del self.made[key]
        self._cursor.pop(laptop.number, None)
        self._epoch.pop(laptop.number, None)
        self._facts.pop(laptop.number, None)
        laptop.fresh_disk = False

    def _demand_monotonic_reads(self, laptop: SimLaptop, known: Mapping[str, str]) -> None:
        """What a person saw yesterday is there today: the cursor never goes back, unless the county itself did."""
        cursor, epoch = int(known.get(state.CURSOR, "0")), int(known.get(state.EPOCH, "1"))
        stays = cursor >= self._cursor.get(laptop.number, 0) or epoch > self._epoch.get(laptop.number, 0)
        demand(stays, f"the cursor of {laptop.name} went back to {cursor}")
        self._cursor[laptop.number], self._epoch[laptop.number] = cursor, epoch

    def demand_facts_stay(self, laptop: SimLaptop) -> None:
        """A fact leaves a laptop only because a person turned it down, or something that it rests on."""
        with laptop.workspace.engine.connect() as connection:
            facts = {(row[0], UUID(row[1])) for row in connection.exec_driver_sql(_EVERY_FACT)}
            for row in self._facts.get(laptop.number, set()) - facts:
                turned_down = row in self._taken_out or any(self._rested_on(connection, row))
                demand(turned_down, f"{laptop.name} had the fact {row[0]} {row[1].hex[-4:]} and has it no more")
        self._facts[laptop.number] = facts

    def _rested_on(self, connection: Connection, row: RowKey) -> Iterator[bool]:
        """Of each row that a deleted one referred to: whether it was taken out."""
        column = change_log.c
        entry = connection.scalar(
            select(column.old)
            .where(column.table_name == row[0], column.row_id == row[1].hex, column.op == Kind.DELETE.value)
            .order_by(column.seq.desc())
            .limit(1)
        )
        table = Record.metadata.tables[row[0]]
        for name, target in references_of(table):
            value = json.loads(entry).get(name) if entry else None
            if value is not None:
                parent = (target, UUID(value))
                yield parent in self._taken_out or any(self._rested_on(connection, parent))

    def demand_closed_stays_closed(self) -> None:
        """At the county a household that was closed is opened by a person's decision only, not by what arrives late."""
        if self._world.county.restored:
            return
        closed = select(_HOUSEHOLD.c.id).where(_HOUSEHOLD.c.closed_on.is_not(None))
        with self._world.county.engine.connect() as connection:
            now = set(connection.scalars(closed))
        for household in self._closed - now - self._opened:
            demand(False, f"household {household.hex[-4:]} was closed and is open again")
        self._closed = now


def _listed(transactions: tuple[Transaction, ...]) -> Iterator[tuple[Transaction, Operation]]:
    for one in transactions:
        for operation in one.operations:
            yield one, operation
