"""`python -m tests.fuzz.guided DOOR SECONDS`: one door under atheris, which sees what of our code each try reaches.

What reached something new is kept in `.fuzz/DOOR` and tried first next time. A finding goes to the corpus that the
other engine uses too. Run by `tests.fuzz`; a process of its own because libFuzzer ends the one it runs in.
"""

from __future__ import annotations

import hashlib
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["village_core", "desktop_app", "county_server"]):
    from tests.fuzz.door import CORPUS, Door, corpus
    from tests.fuzz.doors import DOORS
    from tests.fuzz.mutations import change_once
    from tests.fuzz.trying import FindingError, try_door

KEPT = Path(__file__).parents[2] / ".fuzz"
"""Beside the program, not in the repository: it grows with every run."""

_LONGEST = 64 << 10
_QUICK = 0.3


def unpacked(door: Door, data: bytes) -> bytes:
    """What is tried: the first byte names the start whose seal is put on the rest; 0 means none."""
    start = data[0] % (len(door.starts) + 1) if data else 0
    return door.starts[start - 1].seal(data[1:]) if start else data[1:]


def keep_finding(name: str, data: bytes) -> Path:
    path = CORPUS / name / f"found-{hashlib.sha256(data).hexdigest()[:12]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def plant(name: str) -> Path:
    """The folder of what is kept, with the good input and the corpus in it."""
    folder = KEPT / name
    folder.mkdir(parents=True, exist_ok=True)
    planted = [b"\0" + one for one in corpus(name)]
    for number, start in enumerate(DOORS[name].starts, start=1):
        planted += [bytes([number]) + one for one in start.seeds()]
    for one in filter(lambda one: _is_quick(DOORS[name], one), planted):
        (folder / hashlib.sha1(one).hexdigest()).write_bytes(one)
    return folder


def _is_quick(door: Door, one: bytes) -> bool:
    """Bombs that take their time are tried by the other engine; here they would take everybody's."""
    begun = time.process_time()
    with suppress(Exception):
        try_door(door, unpacked(door, one))
    return time.process_time() - begun < _QUICK


def main(name: str, seconds: int) -> None:
    door = DOORS[name]
    told: set[str] = set()

    def once(data: bytes) -> None:
        try:
            tried = unpacked(door, data)
        except Exception:  # noqa: BLE001 - what no seal can be put on is nothing to try
            return
        try:
            try_door(door, tried)
        except FindingError as finding:
            if str(finding) not in told:
                told.add(str(finding))
                sys.stdout.write(f"{name}: {finding} → {keep_finding(name, tried)}\n")
                sys.stdout.flush()

    def change(data: bytes, most: int, seed: int) -> bytes:
        """Half of the time a part of the message or of the JSON is replaced, as the other engine does it."""
        random = Random(seed)
        start = data[0] % (len(door.starts) + 1) if data else 0
        if start and random.random() < 0.5:
            changed = change_once(door.starts[start - 1].change, data[1:], random)
            if len(changed) < most and changed != data[1:]:
                return data[:1] + changed
        return bytes(atheris.Mutate(data, most))

    folder = plant(name)
    arguments = [
        *("guided", str(folder), f"-max_total_time={seconds}", f"-max_len={_LONGEST}", "-print_final_stats=1"),
        *("-timeout=60", "-rss_limit_mb=3000", "-close_fd_mask=0", f"-artifact_prefix={folder.parent}/{name}-"),
    ]
    atheris.Setup(arguments, once, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
