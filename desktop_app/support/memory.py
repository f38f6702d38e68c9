"""What lies in memory must not be written to the disk by the system when the program dies."""

from __future__ import annotations

import sys
from contextlib import suppress


def forbid_core_dumps() -> None:
    """Keys and open pages would be in a core file. Windows has no such limit for one process."""
    if sys.platform == "win32":
        return
    import resource

    with suppress(OSError, ValueError):  # where even lowering is forbidden, the system has decided otherwise
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
