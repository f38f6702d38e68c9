"""What changes nothing is on record all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_app.storage.access_log import list_access
from desktop_app.storage.automatic_backup import KEPT, back_up_daily
from desktop_app.storage.backup import check_container
from desktop_app.storage.workspace import BACKUP_FOLDER, Workspace
from village_core.domain.clock import FixedClock
from village_core.domain.errors import Finding, RuleRefusedError


def test_a_refusal_by_a_rule_is_noted_with_its_rule(workspace: Workspace) -> None:
    finding = Finding(
        "CRELIEF-11", hard=True, message="救助金不能发现金。", clause="不得以现金方式发放", source="附件3"
    )
    with pytest.raises(RuleRefusedError, match="不得以现金方式发放"), workspace.unit_of_work(reason="发放救助金"):
        raise RuleRefusedError((finding,))
    with workspace.reader() as reader:
        (entry,) = list_access(reader.session)
    assert (entry.kind, entry.subject, entry.actor_name) == ("refusal", "发放救助金", "李琼仙")
    assert "CRELIEF-11" in entry.detail


def test_an_export_is_noted(workspace: Workspace) -> None:
    workspace.log_access("export", "农户", "212 户")
    with workspace.reader() as reader:
        (entry,) = list_access(reader.session)
    assert (entry.kind, entry.subject, entry.detail) == ("export", "农户", "212 户")


def test_one_backup_a_day_is_written_and_seven_are_kept(workspace: Workspace, clock: FixedClock) -> None:
    for _ in range(KEPT + 2):
        path = back_up_daily(workspace)
        assert path is not None
        check_container(path)
        assert back_up_daily(workspace) is None
        clock.moment += timedelta(days=1)
    names = sorted(path.name for path in (workspace.folder / BACKUP_FOLDER).iterdir())
    assert len(names) == KEPT
    assert names[-1] == "auto-2026-11-30.tgb"
    assert workspace.state("backup.last_at") is not None
