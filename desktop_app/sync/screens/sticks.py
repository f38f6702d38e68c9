"""The sticks that are plugged in, as the system sees them."""

from __future__ import annotations

import ctypes
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStorageInfo

_MOUNTED_BY_DESKTOP = ("/media/", "/run/media/")
_DRIVE_REMOVABLE = 2


@dataclass(frozen=True)
class Stick:
    """A place to write to. `free` in bytes."""

    path: Path
    name: str
    free: int
    read_only: bool = False

    @property
    def words(self) -> str:
        """Its name and what is free on it."""
        gigabytes = self.free / (1 << 30)
        free = f"{gigabytes:.1f} GB" if gigabytes >= 1 else f"{self.free / (1 << 20):.0f} MB"
        return f"{self.name}　{'写保护，只能读' if self.read_only else f'还有 {free} 空'}"


def list_sticks() -> list[Stick]:
    """Removable drives that are ready, in the order of their places."""
    sticks = [_stick(volume) for volume in QStorageInfo.mountedVolumes() if _is_removable(volume)]
    return sorted(sticks, key=lambda stick: str(stick.path))


def folder_as_stick(path: Path) -> Stick:
    """A folder that a person chose."""
    volume = QStorageInfo(str(path))
    return Stick(path, f"文件夹 {path.name or path}", max(volume.bytesAvailable(), 0), volume.isReadOnly())


def _stick(volume: QStorageInfo) -> Stick:
    path = Path(volume.rootPath())
    label = volume.name() or path.name
    shown = f"U 盘 {label}" if label else "U 盘"
    place = f"（{volume.rootPath().rstrip('/')}）" if sys.platform == "win32" else ""
    return Stick(path, shown + place, max(volume.bytesAvailable(), 0), volume.isReadOnly())


def _is_removable(volume: QStorageInfo) -> bool:
    if not (volume.isValid() and volume.isReady()) or volume.isRoot():
        return False
    root = volume.rootPath()
    if sys.platform == "win32":
        return bool(ctypes.windll.kernel32.GetDriveTypeW(root) == _DRIVE_REMOVABLE)
    return root.startswith(_MOUNTED_BY_DESKTOP) or _block_device_is_removable(bytes(volume.device().data()).decode())


def _block_device_is_removable(device: str) -> bool:
    """Linux: the disk under a partition says whether it can be pulled."""
    name = device.removeprefix("/dev/")
    if not re.fullmatch(r"[a-z]+[0-9]*", name):
        return False
    place = Path("/sys/class/block") / name
    for candidate in (place / "removable", place.resolve().parent / "removable"):
        try:
            if candidate.read_text().strip() == "1":
                return True
        except OSError:
            continue
    return False
