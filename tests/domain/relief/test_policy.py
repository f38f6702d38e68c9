"""The pack is data: complete, dated, sourced; a broken one is refused; payloads survive their JSON."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.domain.relief.builder import PACK, PAYLOADS, conclusion, step
from village_core.domain.relief.payload_codec import read_payload, write_payload
from village_core.domain.relief.payloads import Application, ObjectionOutcome, Recusal
from village_core.domain.relief.policy import REQUIRED_RULES, Certainty, load_pack
from village_core.domain.relief.steps import StepKind
from village_core.resources import read_json

DATA: dict[str, Any] = read_json("policies", "collective_relief_2021.json")


def test_every_rule_of_the_catalogue_is_there_with_wording_and_source() -> None:
    assert {rule.id for rule in PACK.rules} == REQUIRED_RULES
    for rule in PACK.rules:
        assert rule.title
        if rule.certainty is not Certainty.OURS:
            assert rule.clause, rule.id
            assert rule.source, rule.id
        else:
            assert rule.note, rule.id


def test_what_is_not_confirmed_says_so_and_why() -> None:
    for rule in PACK.rules:
        if rule.certainty is Certainty.TO_VERIFY:
            assert rule.note, rule.id
            assert rule.cited_source.endswith("（待核实）")


@pytest.mark.parametrize(
    ("on", "types"),
    [
        (date(2020, 1, 1), 4),
        (date(2021, 1, 19), 4),
        (date(2023, 1, 1), 5),
        (date(2026, 1, 1), 6),
        (date(2040, 1, 1), 6),
    ],
)
def test_a_rule_is_that_of_its_day(on: date, types: int) -> None:
    assert len(PACK.rule("CRELIEF-1", on).texts("household_types")) == types


def break_pack(change: Callable[[dict[str, Any]], None]) -> object:
    data = copy.deepcopy(DATA)
    change(data)
    return data


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("rules"),
        lambda data: data["rules"].pop(),
        lambda data: data["rules"][0].update(kind="maybe"),
        lambda data: data["rules"][0].update(in_force_from="soon"),
        lambda data: data["rules"][0].update(parameters=[]),
        lambda data: data["meetings"].append(data["meetings"][0]),
        lambda data: data["meetings"][0].update(body="nobody"),
        lambda data: data.update(meetings={}),
    ],
)
def test_a_broken_pack_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises((ValueError, KeyError)):
        load_pack(break_pack(change))


def test_parameters_are_read_as_what_they_are() -> None:
    rule = PACK.rule("CRELIEF-5", date(2026, 1, 1))
    assert rule.ratio("share") == (30, 100)
    with pytest.raises(ValueError, match="not an integer"):
        rule.integer("share")
    with pytest.raises(ValueError, match="not a text"):
        rule.text("share")
    with pytest.raises(ValueError, match="not true or false"):
        rule.flag("share")
    with pytest.raises(ValueError, match="not a ratio"):
        PACK.rule("CRELIEF-4", date(2026, 1, 1)).ratio("limit_fen")


@pytest.mark.parametrize("kind", list(PAYLOADS))
def test_a_payload_survives_its_json(kind: StepKind) -> None:
    text = write_payload(PAYLOADS[kind])
    assert read_payload(kind, text) == PAYLOADS[kind]
    assert write_payload(read_payload(kind, text)) == text


def test_a_payload_with_ids_and_people_survives_its_json() -> None:
    ended = conclusion(step(StepKind.OBJECTION_RECEIVED), ObjectionOutcome.STILL_ELIGIBLE, reason="借的车")
    assert read_payload(ended.kind, write_payload(ended.payload)) == ended.payload
    meeting = step(StepKind.PARTY_PROPOSAL, recused=(Recusal("罗明", "弟弟"),), noticed_on=date(2026, 10, 9))
    assert read_payload(meeting.kind, write_payload(meeting.payload)) == meeting.payload


def test_a_field_of_a_newer_version_is_passed_over() -> None:
    text = write_payload(PAYLOADS[StepKind.APPLICATION])
    newer = text[:-1] + ',"zodiac":"猪"}'
    payload = read_payload(StepKind.APPLICATION, newer)
    assert isinstance(payload, Application)
    assert payload == PAYLOADS[StepKind.APPLICATION]


@pytest.mark.parametrize("text", ["[]", "{}", '{"cause":"boredom"}', '{"taken_by":5}', "{"])
def test_a_payload_that_cannot_be_read_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        read_payload(StepKind.APPLICATION if "cause" in text else StepKind.NOTICE_TAKEN_DOWN, text)


def test_a_record_holds_only_the_payload_of_its_kind() -> None:
    with pytest.raises(TypeError):
        step(StepKind.PAYMENT, payload=PAYLOADS[StepKind.ARCHIVE])
