"""The one reader of `resources/`, in the source tree and in the frozen build alike."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def resource_path(*parts: str) -> Path:
    """Where a file of `resources/` lies, e.g. `resource_path("fonts", "NotoSansSC-Regular.ttf")`."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return root.joinpath("resources", *parts)


def read_json(*parts: str) -> Any:
    """The parsed content of a JSON file below `resources/`."""
    return json.loads(resource_path(*parts).read_text(encoding="utf-8"))
