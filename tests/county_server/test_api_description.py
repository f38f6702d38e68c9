"""The published description fits the program, and nothing that fits it, or does not, brings a defect to light."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from nacl.signing import SigningKey

from county_server.serving.openapi import describe_api
from county_server.serving.rules import RULES, Rule, Who
from tests.counties import County, serving
from tests.devices_at_county import Device, Sent, check_answer, enrolled, enrolment_body, send, ticket_of
from village_core.exchange.messages import Problem

PUBLISHED = Path(__file__).parents[2] / "docs" / "openapi.json"
EXAMPLES = int(os.environ.get("TIANGENG_API_EXAMPLES", "8"))

schema = schemathesis.openapi.from_dict(describe_api())


def test_the_published_description_is_that_of_the_program() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == describe_api()


def test_every_rule_is_described() -> None:
    described = {f"{method.upper()} {path}" for path, methods in describe_api()["paths"].items() for method in methods}
    assert described == {rule.key for rule in RULES}


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.key) for rule in RULES])
def test_the_description_says_what_each_answer_holds(rule: Rule) -> None:
    api = describe_api()
    for status, answer in api["paths"][rule.path][rule.method.lower()]["responses"].items():
        message = rule.message if int(status) in rule.answers else Problem
        if status == "204":
            assert "content" not in answer
            continue
        (body,) = answer["content"].values()
        assert ("contentSchema" in body["schema"]) == (message is not None)
        if message is not None:
            name = body["schema"]["contentSchema"]["$ref"].removeprefix("#/components/schemas/")
            places = api["components"]["schemas"][name]["prefixItems"]
            assert [place["title"] for place in places] == list(message.__struct_fields__)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[str, Device]]:
    from tests.counties import new_sqlite, opened_county

    with opened_county(new_sqlite(sqlite_template, tmp_path_factory.mktemp("api"))) as county, serving(county) as url:
        yield url, enrolled(county)


@schema.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_request_brings_a_defect_or_an_undescribed_answer(case: Any, place: tuple[str, Device]) -> None:
    url, device = place
    rule = next(one for one in RULES if one.key == f"{case.operation.method.upper()} {case.operation.path}")
    check(rule, case, case.call(base_url=url))
    if rule.who in (Who.TICKET, Who.CONTENT_TICKET):
        # Once more from somebody who is let in.
        ticket = ticket_of(rule, device, unquote(case.formatted_path))
        case.headers = {**(case.headers or {}), "Authorization": ticket}
        check(rule, case, case.call(base_url=url))


def check(rule: Rule, case: Any, answer: Any) -> None:
    """A 503 tells a device that comes too often when to come again; any other from 500 on is a defect."""
    assert answer.status_code < 500 or answer.status_code == 503
    assert str(answer.status_code) in case.operation.definition.raw["responses"], answer.status_code
    assert ("retry-after" in answer.headers) == (answer.status_code == 503)
    assert answer.headers["x-content-type-options"] == ["nosniff"]
    check_answer(rule, answer.status_code, answer.content)


def test_who_comes_in_with_a_code_is_answered_as_described(small_county: County, small_county_url: str) -> None:
    (rule,) = (rule for rule in RULES if rule.who is Who.CODE)
    body = enrolment_body(small_county.code(), SigningKey.generate())
    status, answer = send(small_county_url, Sent(rule.method, rule.path, body))
    assert status in rule.answers
    check_answer(rule, status, answer)
