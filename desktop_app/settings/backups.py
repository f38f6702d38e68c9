"""What 设置 → 备份与恢复 shows, and what it reminds of. No Qt; looks at folders, so it belongs in the IO lane."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select

from desktop_app.shell.due import DueItem
from desktop_app.storage.automatic_backup import FIRST_BACKUP, LAST_BACKUP, LAST_PROBLEM
from desktop_app.storage.drill import DRILL_OK, DRILL_WORDS, LAST_DRILL
from desktop_app.storage.second_place import SECOND_PLACE, SecondPlace, find_second_place, read_second_place
from desktop_app.storage.shelf import KnownBackup, list_backups, rules
from desktop_app.storage.unit_of_work import Reader
from desktop_app.storage.workspace import BACKUP_FOLDER, Workspace
from village_core.domain.clock import CHINA
from village_core.exchange.change_log import device_state

PAGE = "settings_backup"


@dataclass(frozen=True)
class BackupView:
    """Everything the page shows. `place_now` is where the second place is plugged in, None while it is not."""

    today: date
    last_at: datetime | None
    problem: str
    backups: tuple[KnownBackup, ...]
    place: SecondPlace | None
    place_now: Path | None
    place_days: int | None
    on_place: tuple[KnownBackup, ...]
    drilled_at: datetime | None
    drill_words: str
    drill_ok: bool

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.backups)


def get_backup_view(workspace: Workspace) -> BackupView:
    """Look at the workspace's own backups and at the second place."""
    with workspace.reader() as reader:
        known = _known(reader)
        today = reader.today
    place = read_second_place(known.get(SECOND_PLACE))
    place_now = find_second_place(place) if place else None
    return BackupView(
        today=today,
        last_at=_moment(known.get(LAST_BACKUP)),
        problem=known.get(LAST_PROBLEM, ""),
        backups=tuple(list_backups(workspace.folder / BACKUP_FOLDER)),
        place=place,
        place_now=place_now,
        place_days=_days_since(place.last_at, today) if place else None,
        on_place=tuple(list_backups(place_now)) if place_now else (),
        drilled_at=_moment(known.get(LAST_DRILL)),
        drill_words=known.get(DRILL_WORDS, ""),
        drill_ok=known.get(DRILL_OK) == "1",
    )


def is_drill_due(workspace: Workspace) -> bool:
    """Whether a month has passed since the last drill, or since the first backup when there was none."""
    with workspace.reader() as reader:
        known = _known(reader)
        days = _days_since(known.get(LAST_DRILL) or known.get(FIRST_BACKUP, ""), reader.today)
    return days is not None and not 0 <= days < rules().drill_days


def list_backup_due(reader: Reader) -> list[DueItem]:
    """A gentle word when no backup has reached a second place for some days."""
    known = _known(reader)
    place = read_second_place(known.get(SECOND_PLACE))
    most = rules().second_place_days
    if place is None:
        days = _days_since(known.get(FIRST_BACKUP, ""), reader.today)
        if days is None or 0 <= days < most:
            return []
        return [
            DueItem(
                title="给备份找第二个地方",
                detail="备份现在只在这台电脑里。选一个 U 盘，插上时会自己拷一份过去。",
                page=PAGE,
                action="去选一个",
            )
        ]
    days = _days_since(place.last_at, reader.today)
    if days is not None and 0 <= days < most:
        return []
    since = "还没有拷过备份" if days is None else f"{days} 天没有拷备份了" if days > 0 else "多久没有拷备份，说不清楚"
    return [
        DueItem(
            title=f"把备份用的“{place.label}”插上",
            detail=f"那里{since}。插上等几分钟就行，不用点什么。",
            page=PAGE,
            action="去看看",
        )
    ]


def day_words(moment: datetime) -> str:
    """A moment as the page shows it."""
    there = moment.astimezone(CHINA)
    return f"{there.year}年{there.month}月{there.day}日 {there:%H:%M}"


def _known(reader: Reader) -> dict[str, str]:
    rows = reader.session.execute(
        select(device_state.c.key, device_state.c.value).where(device_state.c.key.startswith("backup."))
    )
    return {row.key: row.value for row in rows}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _days_since(text: str, today: date) -> int | None:
    """Less than nothing where the clock was wrong then, or is now: nobody knows how long, so all is due."""
    moment = _moment(text)
    return None if moment is None else (today - moment.astimezone(CHINA).date()).days
