"""What the window remembers on this laptop: its place on the screen and the type size. Nothing of the village."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = "window.json"


@dataclass
class WindowState:
    """`geometry` is Qt's own, in base64."""

    percent: int = 100
    geometry: str = ""


def read_window_state(folder: Path) -> WindowState:
    """The state kept in this folder; the usual one when there is none or it cannot be read."""
    try:
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return WindowState()
    percent, geometry = kept.get("percent"), kept.get("geometry")
    return WindowState(
        percent=percent if percent in (100, 125, 150) else 100,
        geometry=geometry if isinstance(geometry, str) else "",
    )


def write_window_state(folder: Path, state: WindowState) -> bool:
    """Keep the state; False when the disk does not take it, which is no reason to trouble anybody."""
    try:
        (folder / _FILE).write_text(json.dumps(asdict(state)), encoding="utf-8")
    except OSError:
        return False
    return True
