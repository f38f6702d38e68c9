"""What operators decide about the people of a village: who works there, in which roles, with 兼任 on record or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from county_server.auth.people import StoredPerson, load_people, write_person
from county_server.engine import writing
from county_server.tables import village
from village_core.domain.clock import Clock, today
from village_core.domain.errors import RefusedError, RuleRefusedError
from village_core.domain.ids import new_id
from village_core.exchange.earlier_names import with_name_from_before
from village_core.exchange.staff_roles import role_list
from village_core.exchange.values import Value

_SAFE = "没有改动。"


@dataclass(frozen=True)
class ListedPerson:
    """A person as `staff list` shows one."""

    id: str
    name: str
    roles: tuple[str, ...]
    combines: bool
    left_on: str | None


def list_people(engine: Engine, code: str) -> list[ListedPerson]:
    """Everybody who works or worked there."""
    with engine.connect() as connection:
        _require_village(connection, code)
        return [_listed(one) for one in load_people(connection, code)]


def add_person(
    engine: Engine, code: str, *, name: str, roles: Sequence[str], combines: bool, note: str, clock: Clock
) -> UUID:
    """List a new person; the laptops know at their next contact."""
    if not name.strip():
        raise RefusedError("姓名还没有写。", safe=_SAFE, next_step="请用 --name 写上姓名。")
    _check_roles(roles, combines=combines, note=note)
    person_id = new_id()
    values: dict[str, Value] = {
        "name": name.strip()[:60],
        "roles": ",".join(dict.fromkeys(roles)),
        "may_combine_duties": combines,
        "left_on": None,
        "note": note.strip() or None,
        "relatives": None,
    }
    with writing(engine) as connection:
        _lock_village(connection, code)
        write_person(connection, code, person_id, values, reason="县里登记人员", clock=clock)
    return person_id


def set_roles(
    engine: Engine, code: str, who: str, *, roles: Sequence[str], combines: bool, note: str = "", clock: Clock
) -> None:
    """Give a person, by id or by a name that only one bears, these roles and no others.

    兼任 (`combines`) needs a `note`: why, since when, who agreed.
    """
    with writing(engine) as connection:
        person = _find(connection, code, who)
        noted = note.strip() or str(person.row.values["note"] or "")
        _check_roles(roles, combines=combines, note=noted)
        values: dict[str, Value] = {
            "roles": ",".join(dict.fromkeys(roles)),
            "may_combine_duties": combines,
            **({"note": noted} if noted else {}),
        }
        write_person(connection, code, person, values, reason="县里定岗位", clock=clock)


def rename(engine: Engine, code: str, who: str, *, name: str, clock: Clock) -> None:
    """Write a person's name as it is now; the one from before stays with the near relatives, where 回避 finds it."""
    if not name.strip():
        raise RefusedError("姓名还没有写。", safe=_SAFE, next_step="请用 --name 写上姓名。")
    with writing(engine) as connection:
        person = _find(connection, code, who)
        before = person.row.values["name"]
        person.row.values["name"] = name.strip()[:60]
        values: dict[str, Value] = {"name": name.strip()[:60], **with_name_from_before(person.row, before)}
        write_person(connection, code, person, values, reason="县里改姓名", clock=clock)


def mark_left(engine: Engine, code: str, who: str, *, on: date | None, clock: Clock) -> None:
    """The person works there no longer: no rights on any laptop from its next contact on."""
    with writing(engine) as connection:
        person = _find(connection, code, who)
        day = (on or today(clock)).isoformat()
        write_person(connection, code, person, {"left_on": day}, reason="县里记离任", clock=clock)


def _check_roles(roles: Sequence[str], *, combines: bool, note: str) -> None:
    unknown = [role for role in roles if role not in role_list().roles]
    if unknown or not roles:
        shown = "、".join(role_list().roles)
        raise RefusedError(f"没有“{'、'.join(unknown)}”这个岗位。", safe=_SAFE, next_step=f"请从这些里选：{shown}。")
    if combines and not note.strip():
        raise RefusedError(
            "兼任要写明原因、日期和谁同意的。",
            safe=_SAFE,
            next_step="请用 --note 写上，例如：只有一人，2026年1月村两委定。",
        )
    conflicts = role_list().conflicts(roles, combines=combines)
    if conflicts:
        raise RuleRefusedError(conflicts, next_step="请改岗位。")


def _find(connection: Connection, code: str, who: str) -> StoredPerson:
    _lock_village(connection, code)
    found = [one for one in load_people(connection, code) if who in (str(one.id), one.id.hex, one.name)]
    if len(found) == 1:
        return found[0]
    what = f"没有“{who}”这个人。" if not found else f"有 {len(found)} 个人叫“{who}”。"
    raise RefusedError(what, safe=_SAFE, next_step="请用 tiangeng-county staff list 看编号，照编号写。")


def _lock_village(connection: Connection, code: str) -> None:
    """Before a row is read that shall be written: a laptop's batch may be writing to the same one."""
    _require_village(connection, code, locked=True)


def _require_village(connection: Connection, code: str, *, locked: bool = False) -> None:
    query = select(village.c.code).where(village.c.code == code)
    if connection.scalar(query.with_for_update() if locked else query) is None:
        raise RefusedError(f"还没有登记 {code} 这个村。", next_step="请先用 tiangeng-county village add 登记这个村。")


def _listed(one: StoredPerson) -> ListedPerson:
    values = one.row.values
    left_on = values["left_on"]
    return ListedPerson(
        str(one.id),
        one.name,
        tuple(role for role in one.roles.split(",") if role),
        bool(values["may_combine_duties"]),
        str(left_on) if left_on else None,
    )
