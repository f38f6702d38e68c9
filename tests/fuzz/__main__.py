"""`python -m tests.fuzz SECONDS [DOOR …]`: try the doors in turn, keep what was found in the corpus."""

from __future__ import annotations

import hashlib
import sys
import time

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.doors import CORPUS, DOORS
from tests.fuzz.trying import FindingError, try_door


def fuzz(name: str, seconds: float) -> tuple[int, int]:
    """Tries and findings; each finding is made as small as Hypothesis can and kept."""
    door, end = DOORS[name], time.monotonic() + seconds
    tries = found = 0
    last = b""
    told: set[str] = set()

    while time.monotonic() < end:

        @seed(time.time_ns())
        @settings(
            max_examples=2000,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(door.hostile())
        def many(data: bytes) -> None:
            nonlocal tries, last
            if time.monotonic() > end:
                return
            tries += 1
            try:
                try_door(door, data)
            except FindingError as finding:
                if str(finding) not in told:
                    last = data
                    raise

        try:
            many()
        except FindingError as finding:
            told.add(str(finding))
            found += 1
            path = CORPUS / name / f"found-{hashlib.sha256(last).hexdigest()[:12]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(last)
            sys.stdout.write(f"{name}: {finding} → {path}\n")
    return tries, found


def main(arguments: list[str]) -> int:
    seconds = float(arguments[0]) if arguments else 60
    names = arguments[1:] or list(DOORS)
    findings = 0
    for name in names:
        tries, found = fuzz(name, seconds / len(names))
        findings += found
        sys.stdout.write(f"{name:16} {tries:8,} tries, {found} findings\n")
        sys.stdout.flush()
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
