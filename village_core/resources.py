"""The one reader of `resources/`, in the source tree and in the frozen build alike."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from village_core.domain.errors import ProblemOutsideError
from village_core.resource_shapes import SHAPES

T = TypeVar("T")

_UNREADABLE = (
    OSError,
    msgspec.MsgspecError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    StopIteration,
)
"""What reading a file may end with that is not as it was delivered."""


def resource_path(*parts: str) -> Path:
    """Where a file of `resources/` lies, e.g. `resource_path("fonts", "NotoSansSC-Regular.ttf")`."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return root.joinpath("resources", *parts)


def read_json(*parts: str) -> Any:
    """The content of a JSON file below `resources/`, of the shape that it has to have; unchanged."""
    return read_resource(lambda data: data, *parts)


def read_resource(read: Callable[[Any], T], *parts: str) -> T:
    """What `read` makes of a JSON file below `resources/`. A file that is missing, of another shape (`SHAPES`) or
    makes no sense to `read` raises `ProblemOutsideError`: it is not as it was delivered."""
    name = "/".join(parts)
    try:
        content = resource_path(*parts).read_bytes()
        msgspec.json.decode(content, type=SHAPES[name])
        return read(msgspec.json.decode(content))
    except _UNREADABLE as error:
        raise ProblemOutsideError(
            f"程序自带的资料“{name}”读不出来，可能被改动过。",
            safe="村里的数据没有动。",
            next_step="请把田埂重新装一遍（数据不会丢），还不行就请县里的技术人员看看。",
        ) from error
