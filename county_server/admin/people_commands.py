"""`tiangeng-county staff …`: the people of a village and their roles, from the command line."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date
from typing import Any

from county_server.admin.people import ListedPerson, add_person, list_people, mark_left, rename, set_roles
from county_server.migrate import open_migrated
from village_core.domain.clock import SystemClock


def add_staff_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """`staff` with its actions."""
    staff = commands.add_parser("staff", parents=[common], help="村里的人员和岗位：看、增加、定岗位、记离任")
    actions = staff.add_subparsers(dest="action", required=True, metavar="动作")
    for action, words in (
        ("list", "看有哪些人、什么岗位"),
        ("add", "增加一个人"),
        ("roles", "定一个人的岗位"),
        ("rename", "改一个人的姓名，以前的名字回避时也算"),
        ("leave", "记一个人离任"),
    ):
        one = actions.add_parser(action, parents=[common], help=words)
        one.add_argument("village", metavar="区划代码")
        if action in ("add", "rename"):
            one.add_argument("--name", required=True, help="姓名")
        if action in ("roles", "rename", "leave"):
            one.add_argument("person", metavar="谁", help="编号，或没有重名的姓名")
        if action in ("add", "roles"):
            one.add_argument("--roles", required=True, metavar="岗位,岗位", help="第一个写在名字后面")
            one.add_argument("--combine", action="store_true", help="兼任，要同时写 --note")
            one.add_argument("--note", default="", help="兼任的原因、日期、谁同意的")
        if action == "leave":
            one.add_argument("--on", type=date.fromisoformat, help="哪天离任，例如 2026-11-30；不写就是今天")


def run_staff(options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Do it, then say who works there: as a document, and in words."""
    engine, clock = open_migrated(options.db), SystemClock()
    if options.action in ("add", "roles"):
        roles = [role.strip() for role in options.roles.replace("，", ",").split(",") if role.strip()]
        given: dict[str, Any] = {"roles": roles, "combines": options.combine, "note": options.note, "clock": clock}
        if options.action == "add":
            add_person(engine, options.village, name=options.name, **given)
        else:
            set_roles(engine, options.village, options.person, **given)
    elif options.action == "rename":
        rename(engine, options.village, options.person, name=options.name, clock=clock)
    elif options.action == "leave":
        mark_left(engine, options.village, options.person, on=options.on, clock=clock)
    people = list_people(engine, options.village)
    lines = [_words(one) for one in people]
    if options.action != "list":
        lines.append("村里的电脑下次同步时就会知道。")
    return {"village": options.village, "people": [asdict(one) for one in people]}, lines


def _words(one: ListedPerson) -> str:
    combines = "，兼任在案" if one.combines else ""
    left = f"，{one.left_on} 离任" if one.left_on else ""
    return f"{one.name}（{'、'.join(one.roles) or '还没有岗位'}{combines}{left}）{one.id}"
