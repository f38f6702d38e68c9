"""What operators change: villages, enrolment codes, revocation. Works while the server runs."""

from __future__ import annotations

import re

from sqlalchemy import Engine, insert, select, update

from county_server.auth.enrolment import make_code
from county_server.auth.seats import free_seats
from county_server.engine import writing
from county_server.tables import device, village
from village_core.domain.clock import Clock, SystemClock, stamp
from village_core.domain.errors import RefusedError
from village_core.exchange.staff_roles import role_list

ROLES = tuple(role_list().roles)


def add_village(engine: Engine, code: str, name: str, *, clock: Clock) -> bool:
    """Register a village. Returns False when it was there already under this name."""
    if not re.fullmatch(r"\d{12}", code):
        raise RefusedError(
            f"村的区划代码应是 12 位数字，现在是“{code}”。", next_step="请照统计用区划代码填写，例如 532327101201。"
        )
    if not name.strip():
        raise RefusedError("村名还没有填。", next_step="请写上村名，例如 太平村。")
    with writing(engine) as connection:
        known = connection.scalar(select(village.c.name).where(village.c.code == code))
        if known == name:
            return False
        if known is not None:
            raise RefusedError(f"{code} 已经登记为“{known}”。", safe="没有改动。", next_step="请核对代码。")
        connection.execute(insert(village).values(code=code, name=name, counter=0, epoch=1, added_at=stamp(clock)))
    return True


def issue_code(engine: Engine, code: str, *, role: str, clock: Clock) -> str:
    """A one-time enrolment code for one device of the village."""
    if role not in ROLES:
        raise RefusedError(f"没有“{role}”这个角色。", next_step=f"请从这些里选一个：{'、'.join(ROLES)}。")
    with writing(engine) as connection:
        if connection.scalar(select(village.c.code).where(village.c.code == code)) is None:
            raise RefusedError(
                f"还没有登记 {code} 这个村。", next_step="请先用 tiangeng-county village add 登记这个村。"
            )
        return make_code(connection, code, role=role, clock=clock)


def revoke_device(engine: Engine, number: int, *, clock: Clock | None = None) -> None:
    """Take a device out. What it sends from now on is kept but not applied; its rights go to the next one."""
    with writing(engine) as connection:
        row = connection.execute(select(device).where(device.c.number == number)).first()
        if row is None:
            raise RefusedError(f"没有 {number} 号电脑。", next_step="请用 tiangeng-county status 查看电脑编号。")
        connection.execute(select(village.c.code).where(village.c.code == row.village).with_for_update()).one()
        connection.execute(update(device).where(device.c.number == number).values(revoked=True))
        free_seats(connection, row.village, number, clock=clock or SystemClock())
