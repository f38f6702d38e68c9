"""A picture as the PDF stores it. Reading photos and scans is `scans.py`, which alone loads Pillow."""

from __future__ import annotations

from dataclasses import dataclass

# For each EXIF orientation, where the picture's right and up vectors and its origin lie in a unit square.
TURNS: dict[int, tuple[int, int, int, int, int, int]] = {
    1: (1, 0, 0, 1, 0, 0),
    2: (-1, 0, 0, 1, 1, 0),
    3: (-1, 0, 0, -1, 1, 1),
    4: (1, 0, 0, -1, 0, 1),
    5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1),
    7: (0, 1, 1, 0, 0, 0),
    8: (0, 1, -1, 0, 1, 0),
}


@dataclass(frozen=True)
class Picture:
    """A picture as the PDF stores it, with the turn that sets it upright."""

    key: str
    data: bytes
    entries: str
    size: tuple[int, int]
    orientation: int = 1

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height in pixels as people see it."""
        width, height = self.size
        return (height, width) if self.orientation >= 5 else (width, height)

    def placed(self, x: float, bottom: float, *, width: float, height: float) -> tuple[float, ...]:
        """The PDF matrix that shows the picture upright in this box."""
        a, b, c, d, e, f = TURNS[self.orientation]
        return (a * width, b * height, c * width, d * height, x + e * width, bottom + f * height)
