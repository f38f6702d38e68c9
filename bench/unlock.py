"""Unlocking a workspace: the passphrase is stretched once, and each connection takes the key as it is.

Also what a person waits for: from Enter behind the passphrase to the window that has come to rest, and the same on a
laptop of five people for the one who used it last.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw

from bench.measures import Measure, Size, in_turns, timed
from bench.start import start_once
from bench.villages import PASSPHRASE, empty_village
from desktop_app.bootstrap import open_with_key
from desktop_app.staff.keys import add_person
from desktop_app.staff.service import save_person
from desktop_app.storage.key_file import ARGON2, WrongPassphraseError, unlock_key
from village_core.domain.ids import new_id


def measure(size: Size, work: Path) -> list[Measure]:
    """From the passphrase to the key, and from the key to the open workspace."""
    folder = work / "village"
    workspace = empty_village(folder)
    key = workspace.key
    workspace.close()

    def stretch() -> object:
        return hash_secret_raw(
            PASSPHRASE.encode(),
            b"0123456789abcdef",
            time_cost=ARGON2["time_cost"],
            memory_cost=ARGON2["memory_cost"],
            parallelism=ARGON2["parallelism"],
            hash_len=32,
            type=Type.ID,
        )

    told = in_turns(
        size.rounds,
        key=timed(lambda: unlock_key(folder / "key.json", PASSPHRASE)),
        floor=timed(stretch),
        open=timed(lambda: open_with_key(folder, key).engine.dispose()),
    )
    cost = f"Argon2id {ARGON2['time_cost']} × {ARGON2['memory_cost'] // 1024} MiB"
    one = _unlock_to_rest(folder, size)
    _add_people(folder, key)
    five = _unlock_to_rest(folder, size)
    wrong = in_turns(size.rounds, wrong=timed(lambda: _try_wrong(folder)))["wrong"]
    return [
        Measure(f"unlock → settled window, one person, {cost}", one, "s", bar=1.2),
        Measure("unlock → settled window, the last of five people", five, "s", bar=1.2),
        Measure("a wrong passphrase, five people", wrong, "s"),
        Measure("passphrase to key", told["key"], "s", floor=told["floor"], floor_name="Argon2id alone", bar=1.5),
        Measure("key to open workspace", told["open"], "s"),
    ]


def _unlock_to_rest(folder: Path, size: Size) -> float:
    command = [sys.executable, "-m", "bench.start_product", str(folder), "unlock"]
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = plain | {"QT_QPA_PLATFORM": "offscreen"}
    start_once(command, environment, PASSPHRASE)
    return min(start_once(command, environment, PASSPHRASE).seconds for _ in range(size.rounds))


def _add_people(folder: Path, key: bytes) -> None:
    workspace = open_with_key(folder, key)
    people = [new_id() for _ in range(4)]
    with workspace.unit_of_work(reason="登记人员") as uow:
        for number, person in enumerate(people):
            save_person(uow, person, name=f"同事{number}", roles=["只读"])
        uow.commit()
    for number, person in enumerate(people):
        add_person(workspace, person, passphrase=f"第 {number} 个人的口令")
    workspace.close()


def _try_wrong(folder: Path) -> None:
    try:
        unlock_key(folder / "key.json", "没有这句口令")
    except WrongPassphraseError:
        return
    raise AssertionError("a wrong passphrase opened it")
