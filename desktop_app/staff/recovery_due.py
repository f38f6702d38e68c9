"""Reminds gently of the recovery key: none was made for some days, none came onto paper, or its envelope is open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from desktop_app.shell.due import DueItem
from desktop_app.storage.recovery_key import KEPT, SHOWN, STANDING
from desktop_app.storage.shelf import rules
from desktop_app.storage.unit_of_work import Reader
from village_core.domain.clock import CHINA
from village_core.exchange.change_log import change_log, device_state

PAGE = "settings_recovery"
_CLOCK_SHIFT = 16


def list_recovery_due(reader: Reader) -> list[DueItem]:
    """At most one line; its button leads to where one press makes it."""
    standing = reader.session.scalar(select(device_state.c.value).where(device_state.c.key == STANDING))
    if standing == KEPT or (not standing and _days_of_work(reader) < rules().recovery_key_days):
        return []
    if not standing:
        title = "印一把恢复钥匙，封好交乡镇"
        detail = "口令都忘了，只有它能打开村里的资料。现在还没有，印一张纸就好。"
    elif standing == SHOWN:
        title = "恢复钥匙还没有印出来"
        detail = "做过一把，没有打印，也没有存下来，等于没有。另做一把，印好封存。"
    else:
        title = "另做一把恢复钥匙"
        detail = "原来封存的那一把拆开用过了。另做一把，印好重新封存，旧的就作废。"
    return [DueItem(title=title, detail=detail, page=PAGE, action="去印一把")]


def _days_of_work(reader: Reader) -> int:
    """Days since the first deed in this workspace."""
    clock = reader.session.scalar(select(change_log.c.clock).order_by(change_log.c.seq).limit(1))
    if clock is None:
        return 0
    begun = datetime.fromtimestamp((clock >> _CLOCK_SHIFT) / 1000, CHINA).date()
    days = (reader.today - begun).days
    return days if days >= 0 else rules().recovery_key_days  # it began with a clock ahead: nobody knows how long ago
