"""The published description fits the program, and nothing that fits it, or does not, brings a defect to light."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck

from county_server.serving.openapi import describe_api
from county_server.serving.rules import RULES, Who
from tests.counties import serving
from tests.devices_at_county import Device, enrolled, request_of

PUBLISHED = Path(__file__).parents[2] / "docs" / "openapi.json"
EXAMPLES = int(os.environ.get("TIANGENG_API_EXAMPLES", "8"))

schema = schemathesis.openapi.from_dict(describe_api())


def test_the_published_description_is_that_of_the_program() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == describe_api()


def test_every_rule_is_described() -> None:
    described = {f"{method.upper()} {path}" for path, methods in describe_api()["paths"].items() for method in methods}
    assert described == {rule.key for rule in RULES}


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
    answer = case.call(base_url=url)
    check(case, answer)
    rule = next(one for one in RULES if one.key == f"{case.operation.method.upper()} {case.operation.path}")
    if rule.who in (Who.TICKET, Who.CONTENT_TICKET):
        # Once more from somebody who is let in.
        known = request_of(rule, device)
        case.headers = {**(case.headers or {}), "Authorization": known.ticket}
        check(case, case.call(base_url=url))


def check(case: Any, answer: Any) -> None:
    assert answer.status_code < 500 or answer.status_code == 503
    case.validate_response(answer, checks=[schemathesis.checks.not_a_server_error] if answer.status_code != 503 else [])
    responses = case.operation.definition.raw["responses"]
    assert str(answer.status_code) in responses, answer.status_code
    assert answer.headers["x-content-type-options"] == ["nosniff"]
