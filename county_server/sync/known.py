"""Loads what the county knows and a batch may touch, in a handful of queries, for the planner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Connection, select

from county_server.sync.decided import (
    list_settled,
    list_waived,
    load_apart,
    load_decided,
    load_early_decisions,
    read_question,
)
from county_server.sync.known_statements import (
    COMPACTED,
    EARLIER,
    INCOMES,
    OPEN_QUESTIONS,
    PEOPLE,
    VERSIONS,
    WITHHELD,
    ids_of,
    members_of,
    rows_of,
    twins_in,
)
from county_server.sync.newer import load_waiting
from county_server.sync.people_here import load_people
from county_server.tables import oplog
from village_core.exchange.judges import Books, Relief, read_voucher
from village_core.exchange.merge import Row, Stamp, Verdict
from village_core.exchange.operations import Kind, Operation, Transaction, checked, fingerprint, synced_table
from village_core.exchange.plan import Known, RowKey, is_fact, natural_key_of, parents_of, references_of
from village_core.exchange.skew import divide
from village_core.exchange.staff_roles import role_list, split_roles
from village_core.exchange.values import MalformedValueError, Value, from_python, read_row, to_python
from village_core.records import Record
from village_core.records.base import rule_of
from village_core.records.households import Household
from village_core.records.ledger import MonthLock, Voucher
from village_core.records.relief import ReliefCase

_CHUNK = 800

Item = TypeVar("Item")


def load_known(connection: Connection, village: str, transactions: Sequence[Transaction], *, may_repeat: bool) -> Known:
    """`may_repeat`: the laptop may send operations that came before under another number."""
    loader = _Loader(connection, village)
    operations = list(_sound(operation for one in transactions for operation in one.operations))
    operations += _sound_updates(load_decided(connection, village, loader.known, operations))
    loader.load_rows({operation.row for operation in operations})
    loader.load_parents(parent for operation in operations for parent in parents_of(operation))
    loader.load_twins(
        place
        for operation in operations
        if operation.kind is not Kind.DELETE and (table := synced_table(operation.table)) is not None
        for values in (operation.values, _after(loader.known.rows.get(operation.row), operation.values))
        if (place := natural_key_of(table, values)) is not None
    )
    loader.load_members_of_closed(operations)
    loader.load_survivors()
    tables = {operation.table for operation in operations}
    if tables & {"voucher", "month_lock"}:
        loader.load_books(
            UUID(bytes=value)
            for operation in operations
            if operation.table == "voucher" and isinstance(value := operation.values.get("reverses"), bytes)
        )
    if tables & {"relief_case", "relief_step"}:
        loader.load_relief(decided={operation.row_id for operation in operations})
    loader.known.people = load_people(connection, village, operations, relief=loader.known.relief)
    loader.load_questions({operation.row_id for operation in operations if operation.kind is not Kind.INSERT})
    loader.load_names({one.actor for one in transactions})
    load_early_decisions(connection, village, loader.known)
    load_waiting(connection, village, loader.known)
    if tables & {"household", "person"}:
        load_apart(connection, village, loader.known)
    if may_repeat:
        loader.load_earlier(fingerprint(one, operation) for one in transactions for operation in one.operations)
    return loader.known


def load_relief(connection: Connection, village: str) -> Relief:
    """All cases of a village with their effective steps, and its net income."""
    loader = _Loader(connection, village)
    loader.load_relief()
    return loader.known.relief


def _sound(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Those that a table can hold; the others are put aside by the planner and must not reach a query."""
    for operation in operations:
        table = synced_table(operation.table)
        known, _ = divide(operation)
        if table is not None and known is not None:
            with suppress(MalformedValueError):
                yield checked(table, known)


def _sound_updates(operations: Iterable[Operation]) -> Iterator[Operation]:
    """The same of operations that may come of a decision, which need not be whole."""
    return _sound(one for one in operations if one.values)


class _Loader:
    def __init__(self, connection: Connection, village: str) -> None:
        self._connection = connection
        self._village = village
        self.known = Known()

    def load_rows(self, keys: Collection[RowKey]) -> None:
        """Rows with their versions, and which of those that are missing are withheld."""
        wanted: defaultdict[str, list[UUID]] = defaultdict(list)
        for name, row_id in keys:
            if (name, row_id) not in self.known.rows:
                wanted[name].append(row_id)
        for name, ids in wanted.items():
            for chunk in _chunks(ids):
                self._load_chunk(name, chunk)
                self._load_withheld(name, [one for one in chunk if (name, one) not in self.known.rows])

    def _load_chunk(self, name: str, ids: list[UUID]) -> None:
        table = synced_table(name)
        assert table is not None
        versions = self._versions(name, ids) if not is_fact(name) else {}
        for row in self._connection.execute(rows_of(table), {"of": self._village, "ids": ids}).mappings():
            inserted, edited, _deleted = versions.get(row["id"], (_UNKNOWN, {}, False))
            self.known.rows[name, row["id"]] = Row(read_row(table, dict(row)), inserted, edited)
        for row_id, (inserted, edited, deleted) in versions.items():
            if deleted and (name, row_id) not in self.known.rows:
                self.known.rows[name, row_id] = Row({}, inserted, edited, deleted=True)

    def _versions(self, name: str, ids: list[UUID]) -> dict[UUID, tuple[Stamp, dict[str, Stamp], bool]]:
        return {
            row.row_id: (
                Stamp(row.number, row.clock, row.device, row.incarnation),
                {field: Stamp(*parts) for field, parts in msgspec.msgpack.decode(row.edited).items()},
                row.deleted,
            )
            for row in self._connection.execute(VERSIONS, {"of": self._village, "in": name, "ids": ids})
        }

    def _load_withheld(self, name: str, ids: list[UUID]) -> None:
        if ids:
            place = {"of": self._village, "in": name, "ids": ids}
            found = {(name, row_id) for row_id in self._connection.scalars(WITHHELD, place)}
            self.known.withheld |= found
            if found:
                rejected = list_settled(self._connection, self._village, name, ids)
                self.known.rejected |= {(name, row_id) for row_id in rejected}

    def load_parents(self, parents: Iterable[RowKey]) -> None:
        """Rows that others refer to: whole where they may be joined, otherwise only that they exist."""
        wanted: defaultdict[str, set[UUID]] = defaultdict(set)
        for target, row_id in parents:
            wanted[target].add(row_id)
        for name, ids in wanted.items():
            table = synced_table(name)
            assert table is not None
            if "merged_into" in table.columns:
                self.load_rows({(name, row_id) for row_id in ids})
                continue
            missing = [row_id for row_id in ids if (name, row_id) not in self.known.rows]
            for chunk in _chunks(missing):
                here = {"of": self._village, "ids": chunk}
                found = {(name, row_id) for row_id in self._connection.scalars(ids_of(table), here)}
                self.known.parents |= found
                self._load_withheld(name, [row_id for row_id in chunk if (name, row_id) not in found])

    def load_twins(self, places: Iterable[tuple[str, tuple[Value, ...]]]) -> None:
        """Standing rows that bear the natural keys of a batch, and what refers to those that are not alone."""
        wanted: defaultdict[str, set[tuple[Value, ...]]] = defaultdict(set)
        for name, key in places:
            wanted[name].add(key)
        for name, keys in wanted.items():
            table = synced_table(name)
            assert table is not None
            if "merged_into" not in table.columns:
                continue
            parts = rule_of(table).natural_key
            found: set[UUID] = set()
            for chunk in _chunks(sorted(keys, key=repr)):
                borne = {
                    f"some_{part}": list({to_python(table.c[part], key[number]) for key in chunk})
                    for number, part in enumerate(parts)
                }
                for row_id, *values in self._connection.execute(twins_in(table), {"of": self._village, **borne}):
                    place = (name, tuple(from_python(value) for value in values))
                    self.known.twins.setdefault(place, []).append(row_id)
                    found.add(row_id)
            self.load_rows({(name, row_id) for row_id in found})
            self._load_members(name, found)

    def load_members_of_closed(self, operations: Iterable[Operation]) -> None:
        """Who belongs to a row that is being closed: somebody may have been put into it meanwhile."""
        for operation in operations:
            if operation.values.get("closed_on") is not None:
                self._load_members(operation.table, [operation.row_id])

    def _load_members(self, name: str, ids: Collection[UUID]) -> None:
        for table in (synced_table(other) for other in _EDITABLE_WITH_PARENTS):
            assert table is not None
            for column, target in references_of(table):
                if target != name:
                    continue
                for chunk in _chunks(sorted(ids)):
                    members = self._connection.scalars(members_of(table, column), {"of": self._village, "ids": chunk})
                    self.load_rows({(table.name, row_id) for row_id in members})

    def load_survivors(self) -> None:
        """Follow `merged_into` to the end, also of the parents of persons that were just loaded."""
        while True:
            missing: set[RowKey] = set()
            for (name, _), row in self.known.rows.items():
                for column, target in _links(name):
                    value = row.values.get(column)
                    if isinstance(value, bytes) and (key := (target, UUID(bytes=value))) not in self.known.rows:
                        missing.add(key)
            if not missing:
                return
            before = len(self.known.rows)
            self.load_rows(missing)
            if len(self.known.rows) == before:
                return

    def load_books(self, originals: Iterable[UUID]) -> None:
        """Every number that is taken, what was taken back, and what the vouchers say that a batch takes back."""
        columns = (Voucher.id, Voucher.period, Voucher.number, Voucher.number_text, Voucher.reverses, Voucher.kind)
        books = Books()
        for row in self._connection.execute(select(*columns).where(Voucher.village == self._village)):
            books.note_voucher(
                row.id,
                {
                    "period": row.period,
                    "number": row.number,
                    "number_text": row.number_text,
                    "reverses": row.reverses.bytes if row.reverses else None,
                    "kind": row.kind,
                },
            )
        books.locked = set(self._connection.scalars(select(MonthLock.period).where(MonthLock.village == self._village)))
        vouchers, postings = Record.metadata.tables["voucher"], Record.metadata.tables["posting"]
        for chunk in _chunks(dict.fromkeys(originals)):
            lines: defaultdict[UUID, list[dict[str, Value]]] = defaultdict(list)
            query = select(postings).where(postings.c.village == self._village, postings.c.voucher_id.in_(chunk))
            for line in self._connection.execute(query).mappings():
                lines[line["voucher_id"]].append(read_row(postings, dict(line)))
            heads = select(vouchers).where(vouchers.c.village == self._village, vouchers.c.id.in_(chunk))
            for head in self._connection.execute(heads).mappings():
                values = read_row(vouchers, dict(head))
                books.contents[head["id"]] = read_voucher(values, lines[head["id"]])
        self.known.books = books

    def load_relief(self, *, decided: Collection[UUID] = ()) -> None:
        """`decided`: what the batch itself decides anew holds nothing up."""
        relief = Relief()
        here = self._connection
        for case_id, household_id in here.execute(
            select(ReliefCase.id, ReliefCase.household_id).where(ReliefCase.village == self._village)
        ):
            relief.note_case(case_id, {"household_id": household_id.bytes})
        grouped = select(Household.id, Household.group_name).where(
            Household.village == self._village,
            Household.id.in_(select(ReliefCase.household_id).where(ReliefCase.village == self._village)),
        )
        relief.groups = {row_id: name or "" for row_id, name in here.execute(grouped)}
        steps = Record.metadata.tables["relief_step"]
        for row in here.execute(select(steps).where(steps.c.village == self._village)).mappings():
            relief.note_step(row["id"], read_row(steps, dict(row)))
        joined = select(Household.id, Household.merged_into).where(
            Household.village == self._village, Household.merged_into.is_not(None)
        )
        relief.aliases = {row_id: into for row_id, into in here.execute(joined) if into is not None}
        relief.net_income = load_net_income(here, self._village)
        column = oplog.c
        held = select(column.row_id, column.offered).where(
            column.village == self._village,
            column.table_name == "relief_step",
            column.verdict == Verdict.HELD.value,
            column.row_id.not_in(select(steps.c.id).where(steps.c.village == self._village)),
        )
        waiting = here.execute(held).all()
        settled = list_settled(here, self._village, "relief_step", [row.row_id for row in waiting])
        relief.waived = dict(list_waived(here, self._village))
        for row_id, offered in waiting:
            if row_id in settled or row_id in decided:
                continue
            case_id = msgspec.msgpack.decode(offered).get("case_id")
            if isinstance(case_id, bytes) and len(case_id) == 16:
                relief.withheld_cases.add(UUID(bytes=case_id))
        self.known.relief = relief

    def load_questions(self, rows: Collection[UUID]) -> None:
        for chunk in _chunks(sorted(rows)):
            for row in self._connection.execute(OPEN_QUESTIONS, {"of": self._village, "ids": chunk}):
                if row.id not in self.known.questions:
                    self.known.questions[row.id] = read_question(row, number=row.asked or 0)

    def load_names(self, actors: Collection[UUID]) -> None:
        here = {"of": self._village, "ids": list(actors)}
        for row_id, name, roles, combines in self._connection.execute(PEOPLE, here):
            self.known.names[row_id] = name
            self.known.roles[row_id] = role_list().acting(split_roles(roles), combines=combines)

    def load_earlier(self, fingerprints: Iterable[bytes]) -> None:
        for chunk in _chunks(fingerprints):
            for statement in (COMPACTED, EARLIER):
                for known, verdict in self._connection.execute(statement, {"of": self._village, "some": chunk}):
                    self.known.earlier[known] = Verdict(verdict)


def load_net_income(connection: Connection, code: str) -> dict[int, int]:
    """Last told net income by year. Of two rows of one year, which only a wrong program makes, the same one counts
    everywhere: the one with the highest id."""
    return dict(connection.execute(INCOMES, {"of": code}).all())


_UNKNOWN = Stamp(0, 0, 0, 0)
"""Facts have no versions: they are never edited."""

_EDITABLE_WITH_PARENTS = ("person",)
"""Tables whose rows move with a row that is joined to another; a test compares with the records."""


def _links(name: str) -> list[tuple[str, str]]:
    """Columns of an editable table that lead to rows which may be joined."""
    table = synced_table(name)
    if table is None or is_fact(name):
        return []
    links = references_of(table)
    return [*links, ("merged_into", name)] if "merged_into" in table.columns else links


def _after(row: Row | None, values: Any) -> dict[str, Value]:
    """The row as it would be with `values`: an edit may bring only a part of the natural key."""
    return {**row.values, **values} if row is not None else dict(values)


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
