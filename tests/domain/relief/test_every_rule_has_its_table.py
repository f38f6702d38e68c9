"""CRELIEF-1…23 and QUORUM-1…5 are each tested under their own name."""

from __future__ import annotations

import re
from pathlib import Path

RULES = {f"crelief_{number}" for number in range(1, 24)} | {f"quorum_{number}" for number in range(1, 6)}


def test_every_rule_is_named_by_a_test() -> None:
    named: set[str] = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        for family, numbers in re.findall(r"def test_(crelief|quorum)((?:_\d+)+)_", file.read_text("utf-8")):
            named.update(f"{family}_{number}" for number in numbers.split("_")[1:])
    assert RULES - named == set()
