"""The commands about people and keys: who opens this laptop, their passphrases, the recovery key."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from uuid import UUID

from desktop_app.commands import Json, ask_passphrase, folder_of, opened, say
from desktop_app.storage.workspace import Workspace
from village_core.domain.errors import ProblemOutsideError, RefusedError

_RECOVERY_VARIABLE = "TIANGENG_RECOVERY_KEY"
_NEW_VARIABLE = "TIANGENG_NEW_PASSPHRASE"


def change_passphrase(options: argparse.Namespace) -> Json:
    """Also in place of a passphrase for one use, which opens nothing else."""
    from desktop_app.staff.keys import change_own_passphrase

    old = ask_passphrase(options)
    new = _new_passphrase(options)
    with opened(options, passphrase=old, must_change=True) as workspace:
        change_own_passphrase(workspace, old, new=new)
        person = workspace.actor.name
    say(options, f"{person} 的口令换好了。")
    return {"person": person}


def list_people(options: argparse.Namespace) -> Json:
    from desktop_app.staff.keys import list_key_people

    with opened(options) as workspace:
        people = list_key_people(workspace)
    for one in people:
        say(options, one.words if one.slot else f"{one.words}　不用这台电脑")
    return {
        "people": [
            {
                "name": one.person.name,
                "roles": list(one.person.roles),
                "opens": bool(one.slot),
                "must_change": one.must_change,
            }
            for one in people
        ]
    }


def reset_person(options: argparse.Namespace) -> Json:
    """Add somebody, or help who forgot: a passphrase for one use, told once."""
    from desktop_app.staff.keys import make_one_time_passphrase

    with opened(options) as workspace:
        passphrase = make_one_time_passphrase(workspace, _person(workspace, options.name))
    say(options, f"{options.name} 的一次性口令：{passphrase}\n第一次打开时要换成自己的。请当面交给本人。")
    return {"person": options.name, "passphrase": passphrase}


def remove_person(options: argparse.Namespace) -> Json:
    from desktop_app.staff.keys import remove_person as remove

    with opened(options) as workspace:
        remove(workspace, _person(workspace, options.name))
    say(options, f"{options.name} 不能再打开这台电脑上的资料。")
    return {"person": options.name}


def print_recovery_key(options: argparse.Namespace) -> Json:
    """Make a new one, put it on paper and forget it; one that was made before is void from then on."""
    from desktop_app.staff.recovery_paper import write_recovery_paper

    with opened(options) as workspace:
        pages, sha256 = write_recovery_paper(workspace, options.out)
    say(options, "恢复钥匙写成了 PDF。请马上打印、封存到乡镇，然后删掉这个文件。")
    return {"pages": pages, "sha256": sha256}


def recover(options: argparse.Namespace) -> Json:
    """Open with the recovery key and set a new passphrase: `--passphrase-file` and TIANGENG_PASSPHRASE give that."""
    from desktop_app.bootstrap import recover_workspace

    key = _recovery_key(options)
    passphrase = ask_passphrase(options, new=True)
    workspace = recover_workspace(folder_of(options), key, passphrase=passphrase, user=options.user or "")
    person = workspace.actor.name
    workspace.close()
    say(options, f"{person} 的口令重设好了。这把恢复钥匙已经拆封，请另做一把封存：tiangeng recovery-key print。")
    return {"person": person}


def _person(workspace: Workspace, name: str) -> UUID:
    from desktop_app.staff.queries import list_staff

    with workspace.reader() as reader:
        people = [one for one in list_staff(reader) if one.name == name]
    if len(people) != 1:
        what = f"在岗的人里没有“{name}”。" if not people else f"在岗的人里有 {len(people)} 个“{name}”。"
        raise RefusedError(what, safe="资料没有改动。", next_step="请在“设置 → 使用的人”里选。")
    return people[0].id


def _new_passphrase(options: argparse.Namespace) -> str:
    if options.new_passphrase_file is not None:
        return _read(options.new_passphrase_file)
    given = os.environ.get(_NEW_VARIABLE)
    if given is not None:
        return given
    _require_terminal(f"请用 --new-passphrase-file，或环境变量 {_NEW_VARIABLE}。")
    first = getpass.getpass("新口令：")
    if first != getpass.getpass("再输一遍："):
        raise RefusedError("两遍口令不一样。", next_step="请再来一次。")
    return first


def _recovery_key(options: argparse.Namespace) -> str:
    if options.recovery_file is not None:
        return _read(options.recovery_file)
    given = os.environ.get(_RECOVERY_VARIABLE)
    if given is not None:
        return given
    _require_terminal(f"请用 --recovery-file，或环境变量 {_RECOVERY_VARIABLE}。")
    return getpass.getpass("恢复钥匙（8 组）：")


def _require_terminal(next_step: str) -> None:
    if not sys.stdin.isatty():
        raise RefusedError("没有给出口令。", next_step=next_step)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemOutsideError("口令文件读不出来。", next_step="请检查文件名和编码（UTF-8）。") from error
