"""The rules of the village that no interleaving may break: books, voucher numbers, grants, what was deleted."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from uuid import UUID

from sqlalchemy import Connection, func, select, tuple_

from county_server.tables import blob, row_version
from tests.sim.witness import demand
from tests.sim.world import SimLaptop, World
from village_core.domain.ledger.voucher import parse_voucher_number
from village_core.domain.relief.facts import grant_of
from village_core.domain.relief.grants import Grant, within_one_year, year_basis
from village_core.domain.relief.policy import load_pack
from village_core.domain.relief.state import replay
from village_core.domain.relief.steps import StepRecord
from village_core.exchange.judges import read_step
from village_core.exchange.local_tables import held_row
from village_core.exchange.values import read_row
from village_core.records import Record
from village_core.records.attachments import Attachment
from village_core.records.held import HeldChange
from village_core.records.households import Household
from village_core.records.ledger import Posting, Voucher
from village_core.records.relief import ReliefCase
from village_core.resources import read_json

_PACK = load_pack(read_json("policies", "collective_relief_2021.json"))
_CAP_RULE = "CRELIEF-5"


def demand_rules_at_county(world: World) -> None:
    with world.county.engine.connect() as connection:
        _demand_balance(connection, "the county")
        _demand_numbers(connection, "the county", set())
        _demand_grants(connection)
        _demand_deleted_stays_deleted(connection)


def demand_rules_at_laptop(world: World, laptop: SimLaptop) -> None:
    """Rows that were made as nonsense are not held against the laptop."""
    with laptop.workspace.engine.connect() as connection:
        if not world.facts.get("nonsense"):
            _demand_balance(connection, laptop.name)


def demand_photos_arrived(world: World) -> None:
    """When all is quiet: a photo on record that somebody still has is at the county and on every laptop."""
    with world.county.engine.connect() as connection:
        on_record = set(connection.scalars(select(Attachment.sha256)))
        arrived = set(connection.scalars(select(blob.c.sha256)))
    for name in on_record & world.facts.get("photos", {}).keys():
        owners = [laptop for laptop in world.living if laptop.workspace.attachments.has(name)]
        if owners or name in arrived:
            demand(name in arrived, f"the photo {name[:4]} of {owners[0].name if owners else ''} is not at the county")
            for laptop in world.living:
                demand(laptop.workspace.attachments.has(name), f"the photo {name[:4]} is not on {laptop.name}")


def _demand_balance(connection: Connection, where: str) -> None:
    wrong = select(Posting.voucher_id).group_by(Posting.voucher_id)
    wrong = wrong.having(func.sum(Posting.debit_fen) != func.sum(Posting.credit_fen))
    for voucher in connection.scalars(wrong):
        demand(False, f"voucher {voucher.hex[-4:]} does not balance at {where}")
    lineless = select(Voucher.id).where(Voucher.id.not_in(select(Posting.voucher_id)))
    for voucher in connection.scalars(lineless):
        demand(False, f"voucher {voucher.hex[-4:]} has no lines at {where}")


def _demand_numbers(connection: Connection, where: str, left_out: set[UUID]) -> None:
    seen: set[tuple[str, str, int]] = set()
    for row in connection.execute(select(Voucher.id, Voucher.period, Voucher.number, Voucher.number_text)):
        if row.number == 0 or row.id in left_out:
            continue
        parsed = parse_voucher_number(row.number_text)
        key = (row.period, parsed.word if parsed else "", row.number)
        demand(key not in seen, f"two vouchers bear {row.number_text} of {row.period} at {where}")
        seen.add(key)


def demand_numbers_at_laptop(laptop: SimLaptop) -> None:
    """When all is quiet: what is not held back bears a number of its own."""
    with laptop.workspace.engine.connect() as connection:
        held = set(connection.scalars(select(held_row.c.row_id).where(held_row.c.table_name == "voucher")))
        _demand_numbers(connection, laptop.name, held)


def _demand_grants(connection: Connection) -> None:
    """At most one effective grant a household and year, and no more than the pool, or a question about it."""
    grants, reasons = _effective_grants(connection)
    asked = set(
        connection.scalars(
            select(HeldChange.subject_id).where(
                tuple_(HeldChange.reason_kind).in_([("duplicate_grant",), ("over_cap",), ("two_rows",)])
            )
        )
    )
    for one, other in combinations(grants, 2):
        twice = one.same_household(other) and within_one_year(
            one.counts_on, other.counts_on, year_basis(_PACK, max(one.counts_on, other.counts_on))
        )
        told = {one.case_id, other.case_id, one.household_id, other.household_id} & asked
        demand(
            not twice or bool(told),
            f"cases {one.case_id.hex[-4:]} and {other.case_id.hex[-4:]} both give to one household within a year",
        )
    by_year: defaultdict[int, int] = defaultdict(int)
    for grant in grants:
        if grant.case_id not in reasons:
            by_year[grant.counts_on.year] += grant.amount_fen
    for year, total in by_year.items():
        demand(total <= 30_000_000 * 3 // 10, f"{total} 分 are granted in {year}, more than the pool")


def _effective_grants(connection: Connection) -> tuple[list[Grant], set[UUID]]:
    """All grants that take effect, and the cases that go over the pool with a written reason."""
    into: dict[UUID, UUID] = {
        row_id: target
        for row_id, target in connection.execute(select(Household.id, Household.merged_into))
        if target is not None
    }
    households = dict(connection.execute(select(ReliefCase.id, ReliefCase.household_id)).all())
    steps: defaultdict[UUID, list[StepRecord]] = defaultdict(list)
    table = Record.metadata.tables["relief_step"]
    for row in connection.execute(select(table)).mappings():
        record = read_step(row["id"], read_row(table, dict(row)))
        steps[record.case_id].append(record)
    grants: list[Grant] = []
    for case, records in steps.items():
        grant = grant_of(case, households[case], replay(records))
        if grant is None:
            continue
        household, seen = grant.household_id, set[UUID]()
        while household in into and household not in seen:
            seen.add(household)
            household = into[household]
        aliases = frozenset({household})
        grants.append(Grant(case, grant.household_id, grant.amount_fen, grant.resolved_on, grant.paid_on, aliases))
    reasons = {case for case, records in steps.items() if any(one.reasons.get(_CAP_RULE) for one in records)}
    return grants, reasons


def _demand_deleted_stays_deleted(connection: Connection) -> None:
    column = row_version.c
    for name, row_id in connection.execute(select(column.table_name, column.row_id).where(column.deleted)):
        table = Record.metadata.tables[name]
        there = connection.scalar(select(table.c.id).where(table.c.id == row_id))
        demand(there is None, f"{name} {row_id.hex[-4:]} was deleted and is back")
