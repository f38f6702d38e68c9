"""One try at a door: taken, refused in words, or a finding."""

from __future__ import annotations

import resource
import sys
import time
import warnings

from tests.fuzz.door import Door


class FindingError(Exception):
    """A door did something else than to take or to refuse."""


def try_door(door: Door, data: bytes) -> bool:
    """Whether it was taken. Raises `FindingError` for any other exception, for too much time or too much memory."""
    before = _peak()
    begun = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            door.read(data)
        taken = True
    except door.says_no:
        taken = False
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise FindingError(f"{type(error).__name__}: {str(error)[:200]}") from error
    seconds, megabytes = time.process_time() - begun, (_peak() - before) >> 10
    if seconds > door.seconds:
        raise FindingError(f"took {seconds:.1f} s")
    if megabytes > door.megabytes:
        raise FindingError(f"took {megabytes} MB")
    return taken


def _peak() -> int:
    """The most memory this process ever had, in KiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most >> 10 if sys.platform == "darwin" else most
