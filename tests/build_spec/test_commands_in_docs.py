"""Every command of both programs stands in the table of `docs/operations.md`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from county_server import cli as county
from desktop_app import cli as laptop

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    """`seat take-over` and so on, those without a part of their own only."""
    parts = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not parts:
        yield before.strip()
    for action in parts:
        for name, part in action.choices.items():
            yield from commands(part, f"{before} {name}")


@pytest.mark.parametrize(("program", "heading"), [(laptop, "on the laptop"), (county, "at the county")])
def test_a_command_is_told_where_operators_look(program: object, heading: str) -> None:
    table = _PAGE.read_text(encoding="utf-8").partition("## Every command")[2].partition(f"| {heading}")[2]
    listed = set(re.findall(r"`([a-z- ]+)`", "\n".join(line for line in _rows(table))))
    existing = set(commands(program._parser()))  # type: ignore[attr-defined]
    assert existing - listed == set()
    assert {one for one in listed - existing if one != "backup drill"} == set()


def _rows(table: str) -> Iterator[str]:
    """The first cells, up to the end of the table."""
    for line in table.splitlines()[2:]:
        if not line.startswith("|"):
            return
        yield line.split("|")[1]
