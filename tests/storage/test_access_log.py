"""What changes nothing is on record all the same."""

from __future__ import annotations

import pytest

from desktop_app.storage.access_log import list_access
from desktop_app.storage.workspace import Workspace
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
