"""A village that may grant, its household that may apply, and the household's case."""

from __future__ import annotations

from uuid import UUID

import pytest

from desktop_app.storage.workspace import Workspace
from tests.relief.village import add_household, furnish, start_case


@pytest.fixture
def village(workspace: Workspace) -> Workspace:
    furnish(workspace)
    return workspace


@pytest.fixture
def household(village: Workspace) -> UUID:
    """罗铉's."""
    return add_household(village)


@pytest.fixture
def case_id(village: Workspace, household: UUID) -> UUID:
    """Only the application is there."""
    return start_case(village, household)
