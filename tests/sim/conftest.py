"""Counties for the comparison of both databases; what is made once is left out of every later collection."""

from __future__ import annotations

import gc

import pytest

from tests.counties import postgres, sqlite_template
from tests.sim.world import template

__all__ = ["postgres", "sqlite_template"]


@pytest.fixture(scope="module", autouse=True)
def village_template() -> None:
    """The enrolled village from which each world is copied."""
    template()
    gc.freeze()
