"""Contents of attachments: sent and fetched whole, by hash, always behind the operations."""

from __future__ import annotations

import hashlib

from sqlalchemy import insert, select

from desktop_app.storage.attachments import AttachmentMissingError
from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync.state import CountyLink
from desktop_app.sync.transport import ContentMissingError, Line
from desktop_app.sync.watch import Watch
from village_core.exchange.local_tables import blob_state
from village_core.exchange.messages import BLOB_PATH, MAX_BLOB, blob_ticket
from village_core.records.attachments import Attachment


def exchange_contents(workspace: Workspace, link: CountyLink, line: Line, watch: Watch) -> None:
    """Send what the county lacks and fetch what this laptop lacks, one after the other."""
    for sha256 in list_unsettled(workspace):
        watch.check()
        if workspace.attachments.has(sha256):
            _send(workspace, link, line, sha256)
        elif not _fetch(workspace, link, line, sha256):
            continue
        watch.progressed()


def list_unsettled(workspace: Workspace) -> list[str]:
    """Contents that are not known to be on both sides, in the order in which they were taken."""
    with explained(), workspace.engine.connect() as connection:
        settled = select(blob_state.c.sha256)
        query = (
            select(Attachment.sha256)
            .where(Attachment.village == workspace.village, Attachment.sha256.not_in(settled))
            .order_by(Attachment.made_at, Attachment.id)
        )
        return list(dict.fromkeys(connection.scalars(query)))


def _send(workspace: Workspace, link: CountyLink, line: Line, sha256: str) -> None:
    try:
        content = workspace.attachments.get(sha256)
    except AttachmentMissingError:
        return
    if len(content) > MAX_BLOB:
        return
    ticket = blob_ticket(link.key, device=link.device, method="PUT", sha256=sha256)
    line.call("PUT", BLOB_PATH + sha256, content, ticket=ticket)
    _note(workspace, sha256, "sent")


def _fetch(workspace: Workspace, link: CountyLink, line: Line, sha256: str) -> bool:
    ticket = blob_ticket(link.key, device=link.device, method="GET", sha256=sha256)
    try:
        content = line.call("GET", BLOB_PATH + sha256, ticket=ticket)
    except ContentMissingError:
        return False
    if hashlib.sha256(content).hexdigest() != sha256:
        return False
    workspace.attachments.put(content)
    _note(workspace, sha256, "fetched")
    return True


def _note(workspace: Workspace, sha256: str, outcome: str) -> None:
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        known = connection.scalar(select(blob_state.c.state).where(blob_state.c.sha256 == sha256))
        if known is None:
            connection.execute(insert(blob_state).values(sha256=sha256, state=outcome))
