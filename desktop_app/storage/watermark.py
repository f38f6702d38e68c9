"""Who took something out of the program and when: on every export, and on every print that is not for all eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from desktop_app.storage.unit_of_work import Reader
from desktop_app.storage.workspace import Workspace
from village_core.domain.clock import CHINA
from village_core.records.settings import VillageProfile

PROGRAM = "田埂"


@dataclass(frozen=True)
class Watermark:
    """`at` is China's time."""

    who: str
    at: datetime
    village: str

    @property
    def words(self) -> str:
        """田埂　太平村　李琼仙　2026-11-23 14:05."""
        return "　".join(part for part in (PROGRAM, self.village, self.who, f"{self.at:%Y-%m-%d %H:%M}") if part)


def watermark_of(workspace: Workspace, reader: Reader) -> Watermark:
    """For what the person at the keyboard takes out now."""
    query = select(VillageProfile.name).where(VillageProfile.village == reader.village)
    return Watermark(
        who=workspace.actor.name,
        at=workspace.clock.now().astimezone(CHINA),
        village=reader.session.scalar(query) or reader.village,
    )
