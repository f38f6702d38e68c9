"""Puts a part on a stick so that under its name there is a whole and checked file, or none.

Written beside, flushed, read back from the stick, and only then named: a full or pulled stick leaves nothing half.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from village_core.exchange.bundle import SUFFIX, check_envelope
from village_core.exchange.bundle_frames import BundleError, Fault, Sink

_BESIDE = ".part"


def write_checked(path: Path, fill: Callable[[Sink], bytes], *, expected_bytes: int) -> int:
    """Let `fill` write the file (it returns the digest) and put it at `path`; returns its size.

    Raises `OSError` when the stick is full or gone, `BundleError` when it reads back otherwise than it was written.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder", str(path))
    if shutil.disk_usage(path.parent).free < expected_bytes:
        raise OSError(errno.ENOSPC, "no room", str(path))
    beside = path.with_name(f".{path.name}.{os.getpid()}{_BESIDE}")
    try:
        with beside.open("wb") as file:
            digest = fill(file)
            file.flush()
            os.fsync(file.fileno())
            _forget_cache(file.fileno())
        with beside.open("rb") as file:
            if check_envelope(file) != digest:
                raise BundleError(Fault.DAMAGED)
        size = beside.stat().st_size
        beside.replace(path)
        _flush_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    return size


def sweep(folder: Path) -> None:
    """Take away what a power cut or a pulled stick left beside earlier."""
    for left in folder.glob(f".*{SUFFIX}.*{_BESIDE}"):
        left.unlink(missing_ok=True)


def _forget_cache(handle: int) -> None:
    """So that reading back reads the stick, where the system can be told."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
