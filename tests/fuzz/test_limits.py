"""The limits that are written down are those that stand in the code."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

_PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
_ROWS = re.findall(r"^\|[^|]+\|\s*(\d+)\s*\|\s*`([\w.]+):(\w+)`\s*\|", _PAGE, re.MULTILINE)


def test_the_page_has_rows() -> None:
    assert len(_ROWS) == len(
        [line for line in _PAGE.splitlines() if ":" in line and "`" in line and line.startswith("| ")]
    )
    assert len(_ROWS) > 20


@pytest.mark.parametrize(("number", "module", "name"), _ROWS)
def test_a_written_limit_is_the_one_in_the_code(number: str, module: str, name: str) -> None:
    assert getattr(import_module(module), name) == int(number)
