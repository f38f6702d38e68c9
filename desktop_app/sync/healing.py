"""After an exchange that ended unequal: which rows differ is found out with the county, and put right.

The county's version stands, except where the county lost what somebody did. Nothing is dropped: values that give way
stay in the row's history, rows that the county does not know are offered to it again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, delete, insert, select, text, update

from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state
from desktop_app.sync.comparing import Differences, RowKey, find_differences
from desktop_app.sync.marks import note_equality
from desktop_app.sync.offers import LostWork, find_makers, offer_fields, offer_rows, read_lost_work
from desktop_app.sync.outbox import count_waiting
from desktop_app.sync.proof import held_rows, kept_root, refresh_digests
from desktop_app.sync.rows import RowWriter
from desktop_app.sync.transport import Line
from village_core.exchange import digests
from village_core.exchange.change_log import COUNTY_ORIGIN, SCHEMA_VERSION, change_context
from village_core.exchange.local_tables import held_row, local_digests
from village_core.exchange.operations import Operation, synced_table
from village_core.exchange.plan import references_of
from village_core.exchange.values import Value, read_row
from village_core.exchange.words import table_word
from village_core.records import Record
from village_core.records.base import Merge, rule_of

_REASON = "与县里核对，以县里的为准"
_PLACES = {table.name: place for place, table in enumerate(Record.metadata.sorted_tables)}


@dataclass
class Healed:
    """What was put right, by rows. `waiting` are rows that wait for another device to come back."""

    taken: list[RowKey] = field(default_factory=list)
    fetched: list[RowKey] = field(default_factory=list)
    removed: list[RowKey] = field(default_factory=list)
    held: list[RowKey] = field(default_factory=list)
    offered: list[RowKey] = field(default_factory=list)
    waiting: list[RowKey] = field(default_factory=list)
    awaited: frozenset[int] = frozenset()
    doubtful: int = 0
    equal: bool = False

    @property
    def words(self) -> str:
        """For the person: what was otherwise than at the county, and what became of it."""
        devices = "、".join(f"{number} 号" for number in sorted(self.awaited))
        told = [
            f"有{_kinds(self.taken)}和县里的不一样，已改成县里的，原来的值在各条的历史里。" if self.taken else "",
            f"县里有、这里没有的{_kinds(self.fetched)}补上了。" if self.fetched else "",
            f"县里已经没有的{_kinds(self.removed)}这里也去掉了。" if self.removed else "",
            f"有{_kinds(self.held)}县里先放着，等人拿主意。" if self.held else "",
            f"有{_kinds(self.offered)}县里没有，已补送给县里。" if self.offered else "",
            f"县里从备份恢复过，还有{_kinds(self.waiting)}要等{devices}电脑来送。" if self.waiting else "",
            f"县里有 {self.doubtful} 条和县里自己的核对数对不上，请告诉县里的管理员。" if self.doubtful else "",
        ]
        return "".join(told)


def compare_and_heal(workspace: Workspace, line: Line) -> Healed:
    """Find out which rows differ and put them right. Does nothing while own changes are still on their way."""
    link = state.find_link(workspace)
    if link is None:
        return Healed()
    with explained(), workspace.engine.connect() as connection:
        if count_waiting(connection, link.acked_seq):
            return Healed()
    found = find_differences(workspace, link, line)
    if found is None:
        return Healed()
    healed = Healed(awaited=found.awaited, doubtful=found.doubtful)
    with explained(), workspace.unit_of_work(reason=_REASON) as uow:
        connection = uow.session.connection()
        now = state.read_link(connection)
        if now is None or not now.is_same_place(link):
            return Healed()
        if count_waiting(connection, now.acked_seq):
            return Healed()
        _Healer(connection, workspace, found, healed).run()
        uow.commit()
    if healed.words:
        workspace.log_access("repair", "与县里核对", healed.words + _listed(healed))
    return healed


def recount_if_told(workspace: Workspace) -> None:
    """`verify` found digests that do not fit the rows: make them anew, so that the comparison sees the rows."""
    with explained(), workspace.engine.connect() as connection:
        if state.read_state(connection).get(state.RECOUNT) != "1":
            return
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        village = workspace.village
        for table in (local_digests.row, local_digests.table):
            connection.execute(delete(table).where(table.c.village == village))
        rows = {
            (name, row_id)
            for name, table in Record.metadata.tables.items()
            for row_id in connection.scalars(select(table.c.id).where(table.c.village == village))
        }
        digests.refresh(
            connection,
            local_digests,
            village=village,
            touched=digests.group_rows(rows),
            left_out=held_rows(connection),
        )
        state.write_state(connection, {state.RECOUNT: "0"})


class _Healer:
    def __init__(self, connection: Connection, workspace: Workspace, found: Differences, healed: Healed) -> None:
        self._connection = connection
        self._workspace = workspace
        self._village = workspace.village
        self._found = found
        self._healed = healed
        self._rows = RowWriter(connection, workspace.village)

    def run(self) -> None:
        self._connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        self._set_context(origin=COUNTY_ORIGIN)
        lost = self._lost_work()
        fields = self._take_rows(lost)
        for key in self._found.deleted:
            self._let_go(key)
        for key in self._found.withheld:
            self._hold_back(key)
        makers = find_makers(self._connection, self._found.unknown)
        offers: list[RowKey] = []
        for key in self._found.unknown:
            if rule_of(_table(key)).merge is Merge.COUNTY:
                self._let_go(key)
            elif key in makers and makers[key].origin in self._found.awaited:
                self._healed.waiting.append(key)
            else:
                offers.append(key)
        self._rows.flush()
        self._set_context(origin=0)
        offer_rows(self._connection, self._village, offers, makers)
        for operation, names in fields:
            self._offer_fields(operation, names, lost)
        self._healed.offered += offers
        refresh_digests(self._connection, self._village, extra=self._rows.touched)
        alike = kept_root(self._connection, self._village) == self._found.root
        self._healed.equal = alike and not self._healed.offered
        note_equality(self._connection, self._workspace.clock, equal=self._healed.equal)

    def _lost_work(self) -> LostWork:
        known = state.read_state(self._connection)
        if not known.get(state.LOST_UNTIL):
            return LostWork(0, {})
        return read_lost_work(
            self._connection,
            (operation.row for operation in self._found.rows),
            after=int(known.get(state.LOST_AFTER, "0")),
            until=int(known[state.LOST_UNTIL]),
        )

    def _take_rows(self, lost: LostWork) -> list[tuple[Operation, list[str]]]:
        """Bring rows to the county's version; what the county lost of them is returned, to be offered to it."""
        to_offer: list[tuple[Operation, list[str]]] = []
        ordered = sorted(self._found.rows, key=lambda operation: _PLACES[operation.table])
        self._rows.preload(operation.row for operation in ordered)
        for operation in ordered:
            row = operation.row
            self._rows.release(row)
            if not self._rows.exists(row):
                self._rows.insert(row, operation.values)
                self._healed.fetched.append(row)
                continue
            taken, kept = self._divide(operation, lost)
            if taken:
                self._rows.update(row, taken)
                self._healed.taken.append(row)
            if kept:
                to_offer.append((operation, kept))
            self._rows.touched.add(row)
        self._rows.flush()
        return to_offer

    def _divide(self, operation: Operation, lost: LostWork) -> tuple[dict[str, Value], list[str]]:
        """Which of the fields that differ follow the county, and which it may have lost."""
        here = self._read(operation.row)
        taken: dict[str, Value] = {}
        kept: list[str] = []
        for name, value in operation.values.items():
            if here.get(name) == value:
                continue
            writer = lost.writer(operation.row, name)
            may_be_lost = rule_of(_table(operation.row)).merge is Merge.EDIT and writer is not None
            if may_be_lost and writer is not None and writer.origin in self._found.awaited:
                self._note_waiting(operation.row)
            elif may_be_lost and writer is not None and writer.origin > 0:
                kept.append(name)
            else:
                taken[name] = value
        return taken, kept

    def _offer_fields(self, operation: Operation, names: list[str], lost: LostWork) -> None:
        here = self._read(operation.row)
        by_maker: defaultdict[int, list[str]] = defaultdict(list)
        for name in names:
            writer = lost.writer(operation.row, name)
            assert writer is not None
            by_maker[writer.seq].append(name)
        for some in by_maker.values():
            maker = lost.writer(operation.row, some[0])
            assert maker is not None
            offer_fields(
                self._connection,
                operation.row,
                values={name: here[name] for name in some},
                standing={name: operation.values[name] for name in some},
                maker=maker,
                base=lost.after,
            )
        self._healed.offered.append(operation.row)

    def _let_go(self, key: RowKey) -> None:
        """The county has the row no more. What a row here refers to stays, and does not count."""
        if self._is_referred_to(key) or not (
            rule_of(_table(key)).deletable or rule_of(_table(key)).merge is Merge.COUNTY
        ):
            self._hold_back(key)
            return
        self._rows.delete(key)
        self._healed.removed.append(key)

    def _is_referred_to(self, key: RowKey) -> bool:
        for table in Record.metadata.tables.values():
            for column, target in references_of(table):
                if target == key[0]:
                    query = select(table.c.id).where(table.c.village == self._village, table.c[column] == key[1])
                    if self._connection.scalar(query.limit(1)) is not None:
                        return True
        return False

    def _hold_back(self, key: RowKey) -> None:
        if key[1] not in held_rows(self._connection).get(key[0], ()):
            self._connection.execute(insert(held_row).values(table_name=key[0], row_id=key[1]))
        self._rows.touched.add(key)
        self._healed.held.append(key)

    def _note_waiting(self, key: RowKey) -> None:
        if key not in self._healed.waiting:
            self._healed.waiting.append(key)

    def _read(self, key: RowKey) -> dict[str, Value]:
        table = _table(key)
        row = self._connection.execute(
            select(table).where(table.c.village == self._village, table.c.id == key[1])
        ).mappings()
        return read_row(table, dict(row.one()))

    def _set_context(self, *, origin: int) -> None:
        self._connection.execute(
            update(change_context).values(
                tx=change_context.c.tx + 1,
                actor="0" * 32 if origin else "",
                reason=_REASON if origin else "",
                origin=origin,
                clock=int(self._workspace.clock.now().timestamp() * 1000) << 16 if origin else 0,
                schema=SCHEMA_VERSION,
            )
        )


def _table(key: RowKey) -> Table:
    table = synced_table(key[0])
    assert table is not None, "who gathered the differences has checked the names"
    return table


def _kinds(rows: list[RowKey]) -> str:
    """凭证 2 条、户 1 条."""
    counted: defaultdict[str, int] = defaultdict(int)
    for name, _ in rows:
        counted[table_word(name)] += 1
    return "、".join(f"{word} {count} 条" for word, count in counted.items())


def _listed(healed: Healed) -> str:
    """The rows, for the access log."""
    parts = {
        "改成县里的": healed.taken,
        "补上": healed.fetched,
        "去掉": healed.removed,
        "补送": healed.offered,
    }
    return "".join(
        f"\n{word}：" + "，".join(f"{name} {row_id}" for name, row_id in rows) for word, rows in parts.items() if rows
    )
