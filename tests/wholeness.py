"""Everything that `verify` knows, on a workspace whose digests are up to date: else it would pass them over."""

from __future__ import annotations

from desktop_app.storage.workspace import Workspace
from desktop_app.sync.proof import refresh_digests, verify_all


def find_problems(workspace: Workspace) -> list[str]:
    """What the log names since the last time is counted in, as an exchange does it; then all rows are counted anew."""
    with workspace.engine.execution_options(write=True).begin() as connection:
        refresh_digests(connection, workspace.village)
    return verify_all(workspace).problems


def is_whole(workspace: Workspace) -> bool:
    return find_problems(workspace) == []
