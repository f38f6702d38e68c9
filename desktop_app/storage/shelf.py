"""The backups that lie in a folder: what they are called, which is the newest, which are kept. The rules are data.

Which is newer says the number in each, never the day in its name: that is what some clock said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from desktop_app.storage.container import opened_container, read_manifest
from village_core.domain.clock import CHINA
from village_core.domain.errors import UserError
from village_core.resources import read_resource

DAILY, BEFORE_IMPORT, BEFORE_RESTORE, BEFORE_UPGRADE = "auto", "before-import", "before-restore", "before-upgrade"
WORDS = {
    DAILY: "每天的自动备份",
    BEFORE_IMPORT: "导入以前",
    BEFORE_RESTORE: "恢复以前",
    BEFORE_UPGRADE: "升级以前",
}
_NAME = re.compile(rf"({'|'.join(WORDS)})-(\d{{4}})-?(\d\d)-?(\d\d)(?:-(\d{{6}}))?\.tgb")


@dataclass(frozen=True)
class Rules:
    """How many are kept and when is reminded, in `resources/backup/rules.json`."""

    daily: int
    weekly: int
    monthly: int
    before_upgrade: int
    before_import: int
    before_restore: int
    reserve_megabytes: int
    second_place_days: int
    drill_days: int
    recovery_key_days: int

    @property
    def reserve(self) -> int:
        """Bytes that an automatic backup leaves free, so that it never stands in the way of saving."""
        return self.reserve_megabytes << 20


@dataclass(frozen=True)
class KnownBackup:
    """A backup that the program made by itself. `at` is when, by the laptop's clock, in China's time; a daily one has
    a day only. `number` counts them; 0 in those from before there were numbers."""

    path: Path
    kind: str
    at: datetime
    bytes: int
    number: int = 0

    def words_on(self, today: date) -> str:
        """Its name in the list; a day that is still to come is said to be none."""
        day = f"{self.at.year}年{self.at.month}月{self.at.day}日"
        if self.at.date() > today:
            return f"日子不清楚（当时电脑的日期是{day}）　{WORDS[self.kind]}"
        time = "" if self.kind == DAILY else f" {self.at:%H:%M}"
        return f"{day}{time}　{WORDS[self.kind]}"


@lru_cache
def rules() -> Rules:
    return read_resource(lambda data: Rules(**data), "backup", "rules.json")


def daily_name(day: date) -> str:
    return f"{DAILY}-{day:%Y-%m-%d}.tgb"


def backup_name(kind: str, moment: datetime) -> str:
    """Of a backup before a deed, e.g. `before-import-20261122-100000.tgb`."""
    return f"{kind}-{moment.astimezone(CHINA):%Y%m%d-%H%M%S}.tgb"


def list_backups(folder: Path) -> list[KnownBackup]:
    """The newest first; files of other names are nobody's business."""
    found = []
    for path in folder.glob("*.tgb"):
        known = _read_name(path)
        if known is not None:
            found.append(known)
    return sorted(found, key=_age, reverse=True)


def newest_daily(folder: Path) -> KnownBackup | None:
    """The daily backup that was written last."""
    return next((one for one in list_backups(folder) if one.kind == DAILY), None)


def next_number(folder: Path, *, above: int = 0) -> int:
    """The number for the next backup in `folder`, above all that are known."""
    return 1 + max([above, *(one.number for one in list_backups(folder))])


def number_of(path: Path) -> int:
    """The number in a backup; 0 where there is none or nothing to read."""
    try:
        known = path.stat()
        return _read_number(path, known.st_size, known.st_mtime_ns)
    except (OSError, UserError):
        return 0


def superfluous(backups: Iterable[KnownBackup], *, newest: Path) -> list[KnownBackup]:
    """Which may go: of the daily ones all but those of the last days, weeks and months that have one. Never
    `newest`, whatever the laptop's clock said when it was written.

    Days later than that of `newest` are nobody's: some clock was wrong. Such backups age with the others, by their
    numbers, but take no place from them. While the clock is too early that is all of them, and none goes.
    """
    backups = sorted(backups, key=_age, reverse=True)
    daily = [one for one in backups if one.kind == DAILY]
    latest = max((one.at.date() for one in backups if one.path == newest), default=None)
    kept = {newest}
    for most, period in (
        (rules().daily, lambda at: at.date().toordinal()),
        (rules().weekly, lambda at: at.isocalendar()[:2]),
        (rules().monthly, lambda at: (at.year, at.month)),
    ):
        seen: set[object] = set()
        nobodys: set[object] = set()
        for one in daily:
            marks = seen if latest is None or one.at.date() <= latest else nobodys
            mark = period(one.at)
            if mark not in marks and len(seen) < most:
                marks.add(mark)
                kept.add(one.path)
    for kind, most in (
        (BEFORE_IMPORT, rules().before_import),
        (BEFORE_RESTORE, rules().before_restore),
        (BEFORE_UPGRADE, rules().before_upgrade),
    ):
        kept |= {one.path for one in [one for one in backups if one.kind == kind][:most]}
    return [one for one in backups if one.path not in kept]


def _read_name(path: Path) -> KnownBackup | None:
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    kind, year, month, day, time = match.groups()
    try:
        at = datetime.strptime(f"{year}{month}{day}{time or '235959'}", "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
        return KnownBackup(path, kind, at, path.stat().st_size, number_of(path))
    except (ValueError, OSError):
        return None


def _age(one: KnownBackup) -> tuple[int, datetime, str]:
    """The larger, the newer."""
    return (one.number, one.at, one.path.name)


@lru_cache(maxsize=256)
def _read_number(path: Path, _size: int, _written: int) -> int:
    with opened_container(path) as container:
        return read_manifest(container).number
