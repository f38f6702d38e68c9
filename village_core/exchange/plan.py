"""What goes into the county's decision about a batch, and what comes out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Table

from village_core.exchange.judges import Books, Relief
from village_core.exchange.merge import Row, Verdict
from village_core.exchange.operations import Kind, Operation, Transaction, synced_table
from village_core.exchange.people import People
from village_core.exchange.questions import PutAside, Question
from village_core.exchange.values import Value
from village_core.records.base import Merge, rule_of

RowKey = tuple[str, UUID]

KEPT_HELD = "两台电脑的改动不一样，后到的先放着"


@dataclass
class Known:
    """What the county knows that may matter for a batch; the planner keeps it up to date as it decides."""

    rows: dict[RowKey, Row] = field(default_factory=dict)
    parents: set[RowKey] = field(default_factory=set)
    """Rows that exist, of which no more needs to be known."""
    withheld: set[RowKey] = field(default_factory=set)
    twins: dict[tuple[str, tuple[Value, ...]], list[UUID]] = field(default_factory=dict)
    """Standing rows by natural key."""
    questions: dict[UUID, Question] = field(default_factory=dict)
    """Open ones about rows of the batch; those that its decisions are about, and others about the same rows; and what
    is asked meanwhile."""
    put_aside: list[PutAside] = field(default_factory=list)
    """Everything that was held and did not come through since, in the order of arrival."""
    waiting: set[RowKey] = field(default_factory=set)
    """Rows that wait for an upgrade of the county: what depends on them waits with them."""
    recovering: bool = False
    """The county was restored lately: rows that are missing may still be brought by another laptop."""
    lost: set[RowKey] = field(default_factory=set)
    """Rows that wait for one that is missing since: what depends on them waits, too, unless they came otherwise."""
    rejected: set[RowKey] = field(default_factory=set)
    """Rows that were put aside and that a person left out for good, or let through and somebody deleted since."""
    early_decisions: dict[UUID, PutAside] = field(default_factory=dict)
    """Decisions that came before their question (the county was restored), by question."""
    apart: set[frozenset[UUID]] = field(default_factory=set)
    """Pairs of rows with one natural key of which a person said that they are two."""
    roles: dict[UUID, frozenset[str]] = field(default_factory=dict)
    """Who sent the batch, in which roles."""
    books: Books = field(default_factory=Books)
    relief: Relief = field(default_factory=Relief)
    people: People = field(default_factory=People)
    names: dict[UUID, str] = field(default_factory=dict)
    earlier: dict[bytes, Verdict] = field(default_factory=dict)
    """Verdicts on operations that came before under another number, by fingerprint."""

    def name_of(self, person: UUID) -> str:
        """What a member of staff is called; who came with this very batch, as it says."""
        row = self.rows.get(("staff_member", person))
        return self.names.get(person) or (str(row.values.get("name") or "") if row is not None else "")

    def open_offers(self, key: RowKey, name: str, *, hand: tuple[int, int]) -> list[Question]:
        """Open questions about a field ('': the row) in which this hand offers something."""
        return [
            one
            for one in self.questions.values()
            if one.decision_id is None and one.row == key and one.field == name and one.is_by(hand)
        ]


@dataclass(frozen=True)
class Arrival:
    """From whom the batch comes. `alone_until`: up to this operation the laptop worked without a county and had all
    rights. `received` is the hybrid clock of arrival, which no operation may be ahead of."""

    village: str
    device: int
    incarnation: int
    first_number: int
    received: int
    may_post: bool
    alone_until: int
    had_posting: bool = False
    """The laptop had 记账权 before it was taken over: what it posted is sorted in under numbers of the county."""
    had_granting: bool = True
    """The laptop has or had 救助审批权."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One operation and what became of it. `stands` are fields in which the laptop must follow the county;
    `effect` is what everyone else applies, `lost` what they note in the row's history."""

    number: int
    transaction: Transaction
    operation: Operation
    verdict: Verdict
    effect: Operation | None = None
    lost: Operation | None = None
    stands: Mapping[str, Value] = field(default_factory=dict)
    whole_row: bool = False
    """The laptop deleted the row, which stands: `stands` is all of it."""
    gone: bool = False
    """The row was deleted here, and the laptop should let go of it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """From `first_seq` on, the laptop's operations bear the county's numbers from `first_number` on, without a gap."""

    first_seq: int
    first_number: int


@dataclass
class Plan:
    """`county` are operations of the county itself, each with its reason; numbers run to `last_number`."""

    decisions: list[Decision]
    county: list[tuple[str, Operation]]
    changed: dict[RowKey, Row]
    segments: list[Segment]
    last_number: int
    waiting: list[tuple[int, Transaction]] = field(default_factory=list)
    """What only a newer county can read, by number: a transaction with the one operation, or the part of it."""
    lost: list[tuple[int, Transaction]] = field(default_factory=list)
    """What belongs to a row that another laptop still has to bring, in the same form."""
    authors: Mapping[int, UUID] = field(default_factory=dict)
    """Of the county's operations: whose deed it lets through, by number."""


def references_of(table: Table | None) -> list[tuple[str, str]]:
    """(column, table referred to) of the foreign keys to other rows."""
    if table is None:
        return []
    found: list[tuple[str, str]] = table.info.setdefault(
        "references",
        [
            (element.parent.name, element.column.table.name)
            for key in table.foreign_key_constraints
            for element in key.elements
            if element.parent.name != "village"
        ],
    )
    return found


def parents_of(operation: Operation) -> Iterator[RowKey]:
    """The rows that an operation refers to."""
    for column, target in references_of(synced_table(operation.table)):
        value = operation.values.get(column)
        if isinstance(value, bytes) and len(value) == 16:
            yield target, UUID(bytes=value)


def needed_by(operations: Iterable[Operation], transaction: Transaction) -> set[RowKey]:
    """The rows that these operations change or refer to and that do not come with their transaction."""
    needed: set[RowKey] = set()
    for operation in operations:
        if operation.kind is not Kind.INSERT:
            needed.add(operation.row)
        needed.update(parents_of(operation))
    return needed - {one.row for one in transaction.operations if one.kind is Kind.INSERT}


def natural_key_of(table: Table, values: Mapping[str, Value]) -> tuple[str, tuple[Value, ...]] | None:
    """The natural key of a row, or None when a part of it is empty."""
    parts = tuple(values.get(name) for name in rule_of(table).natural_key)
    if not parts or any(part in (None, "") for part in parts):
        return None
    return table.name, parts


def survivor_of(known: Known, table: str, row: Row) -> tuple[RowKey, Row] | None:
    """The row that stands for a joined one; None when the row stands for itself."""
    found: tuple[RowKey, Row] | None = None
    seen: set[UUID] = set()
    target = row.values.get("merged_into")
    while isinstance(target, bytes) and (row_id := UUID(bytes=target)) not in seen:
        seen.add(row_id)
        following = known.rows.get((table, row_id))
        if following is None:
            break
        found = ((table, row_id), following)
        target = following.values.get("merged_into")
    return found


def is_standing(row: Row) -> bool:
    return not row.deleted and row.values.get("merged_into") is None and row.values.get("closed_on") is None


def is_fact(table_name: str) -> bool:
    table = synced_table(table_name)
    return table is not None and rule_of(table).merge is Merge.FACT
