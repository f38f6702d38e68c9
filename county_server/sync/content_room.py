"""How much room contents may take at the county: those of one village, of all together, and what stays free of the
disk for operations. Contents stop first; operations never ask."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from county_server.tables import blob, blob_upload
from village_core.domain.errors import RefusedError

VILLAGE_PHOTOS, PHOTOS = "TIANGENG_VILLAGE_PHOTOS", "TIANGENG_PHOTOS"
DISK, DISK_RESERVE = "TIANGENG_DISK", "TIANGENG_DISK_RESERVE"
"""Names in the environment: of `serve`, of its workers, and of the commands that read sticks and tell how it stands."""

LARGEST_COPY = 400_000
"""Bytes. Copies are not larger, nor originals that travel without them: the last tenth of the room is theirs."""

_RESERVE = 10 << 30
_RESERVED_PART = 10
_KEPT_BY_POSTGRESQL = text("SELECT pg_total_relation_size('blob')")
_PROMISED = select(func.coalesce(func.sum(blob_upload.c.size), 0))


@dataclass(frozen=True)
class ContentLimits:
    """Bytes of contents of a village and of all together, and how many unfinished ones a device may have.

    `reserve_bytes` of the disk stay free; None: 10 GiB, or a tenth of a smaller disk. `disk` is any folder on the disk
    of the database, None where that is not known; of a SQLite file it is.
    """

    village_bytes: int = 20 << 30
    unfinished: int = 32
    all_bytes: int = 50 << 30
    reserve_bytes: int | None = None
    disk: Path | None = None


@dataclass(frozen=True)
class ContentRoom:
    """How it stands. `kept`: what contents take now and what was begun; `free` of the disk, None where not known."""

    kept: int
    most: int
    free: int | None
    reserve: int

    def left_for(self, size: int) -> int:
        """How many bytes may still come, for a content of this size."""
        most = self.most if size <= LARGEST_COPY else self.most - self.most // 10
        left = most - self.kept
        return left if self.free is None else min(left, self.free - self.reserve)


def configured_limits() -> ContentLimits:
    """What the operator set in the environment, in GB (2^30 bytes)."""
    usual = ContentLimits()
    disk = os.environ.get(DISK)
    if disk and not Path(disk).is_dir():
        raise RefusedError(f"没有 {disk} 这个文件夹。", next_step=f"请在 {DISK} 里写数据库所在的盘上的一个文件夹。")
    reserve = _gib(DISK_RESERVE)
    return ContentLimits(
        village_bytes=_gib(VILLAGE_PHOTOS) or usual.village_bytes,
        all_bytes=_gib(PHOTOS) or usual.all_bytes,
        reserve_bytes=reserve,
        disk=Path(disk) if disk else None,
    )


def measure_room(connection: Connection, limits: ContentLimits) -> ContentRoom:
    """Cheap enough for every content that is begun: PostgreSQL is asked how large its files are, no row is counted."""
    promised = connection.scalar(_PROMISED) or 0
    disk = limits.disk
    if connection.dialect.name == "postgresql":
        kept = connection.scalar(_KEPT_BY_POSTGRESQL) or 0
    else:
        kept = connection.scalar(select(func.coalesce(func.sum(blob.c.size), 0))) or 0
        file = connection.engine.url.database
        disk = disk or (Path(file).parent if file else None)
    if disk is None:
        return ContentRoom(kept + promised, limits.all_bytes, None, 0)
    usage = shutil.disk_usage(disk)
    reserve = min(_RESERVE, usage.total // _RESERVED_PART) if limits.reserve_bytes is None else limits.reserve_bytes
    return ContentRoom(kept + promised, limits.all_bytes, usage.free, reserve)


def _gib(name: str) -> int | None:
    given = os.environ.get(name)
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= 1_000_000):
        raise RefusedError(f"{name} 应是 1 到 1000000 的整数（GB），现在是“{given}”。", next_step="请改好再开。")
    return int(given) << 30
