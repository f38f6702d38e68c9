"""Files that are either there whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from desktop_app.storage.problems import explain_system


def write_whole(path: Path, content: bytes) -> None:
    """Write beside, flush to the disk, rename. A power cut or a full disk leaves the old file as it was."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        error.filename = str(path)
        raise explain_system(error) from error


def flush_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system can (Windows does it by itself)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a stick or a network drive that knows no flushing of folders
            raise
    finally:
        os.close(handle)
