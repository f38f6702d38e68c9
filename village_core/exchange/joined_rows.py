"""Edits of a row that was meanwhile joined to another one reach that other one as well."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Table

from village_core.exchange.county_hand import CountyHand
from village_core.exchange.merge import FieldOutcome, Row, Stamp, judge_field
from village_core.exchange.plan import Known, survivor_of
from village_core.exchange.values import Value
from village_core.records.base import rule_of

_OWN_STATE = frozenset({"merged_into", "closed_on", "closed_reason"})
_REASON = "这一条已经并到另一条，改动跟着过去"


def follow_join(
    known: Known,
    hand: CountyHand,
    table: Table,
    *,
    row: Row,
    taken: Mapping[str, Value],
    before: Mapping[str, Value],
    stamp: Stamp,
    base: int,
) -> None:
    """Judge what `row` just took once more for the row that stands for it; nothing when it stands for itself.

    `before`: what stood in `row`. Who wrote over that did not see another account or number of the other row.
    """
    target = survivor_of(known, table.name, row)
    if target is None:
        return
    key, standing = target
    rule = rule_of(table)
    followed: dict[str, Value] = {}
    for name, value in taken.items():
        if name in rule.natural_key or name in _OWN_STATE:
            continue
        outcome = judge_field(
            standing, name, offered=value, arriving=stamp, base=base, sensitive=name in rule.sensitive
        )
        unseen = standing.values.get(name) not in (None, "", before.get(name))
        if outcome is FieldOutcome.TAKEN and unseen and name in rule.sensitive:
            outcome = FieldOutcome.HELD
        if outcome is FieldOutcome.TAKEN:
            followed[name] = value
        elif outcome is FieldOutcome.HELD:
            hand.ask_about_field(key, standing, name, offered=value)
    if followed:
        hand.update(key, followed, reason=_REASON)
