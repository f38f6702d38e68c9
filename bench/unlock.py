"""Unlocking a workspace: the passphrase is stretched once, and each connection takes the key as it is."""

from __future__ import annotations

from pathlib import Path

from argon2.low_level import Type, hash_secret_raw

from bench.measures import Measure, Size, in_turns, timed
from bench.villages import PASSPHRASE, empty_village
from desktop_app.bootstrap import open_with_key
from desktop_app.storage.key_file import ARGON2, unlock_key


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
    return [
        Measure("passphrase to key", told["key"], "s", floor=told["floor"], floor_name="Argon2id alone", bar=1.5),
        Measure("key to open workspace", told["open"], "s"),
    ]
