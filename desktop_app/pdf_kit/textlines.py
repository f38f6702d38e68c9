"""Breaks Chinese text into lines: no closing mark begins a line, no opening one ends it, numbers stay whole.

A full line may let one comma or full stop hang into the margin, as the office programs do by default: only so do 28
characters stand on each line of an official paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from desktop_app.pdf_kit.faces import Face, Glyph, glyphs_of

_NOT_FIRST = frozenset("。，、；：？！）〕】》〉」』”’…—％‰℃·～々ー)]},.;:?!%")
_NOT_LAST = frozenset("（〔【《〈「『“‘([{￥¥$№")
_HANGING = frozenset("。，、；：")
_UNITS = frozenset("年月日号元角分户人条款项页张个天")
_SLACK = 0.01
_MOST_AIR = 0.5
"""At most half an em of air between two characters of a line set to both margins."""


@dataclass(frozen=True)
class Span:
    """A stretch of text in one face. `field` names it to the user should a character be in no font."""

    text: str
    face: Face = Face.BODY
    field: str = "正文"


@dataclass(frozen=True)
class Line:
    """Glyphs of one printed line, the air after each (points) and the width they take (points).

    `opens` tells that the line begins a paragraph and is indented.
    """

    glyphs: tuple[Glyph, ...]
    gaps: tuple[float, ...]
    width: float
    opens: bool = False

    @property
    def text(self) -> str:
        """What the line says."""
        return "".join(glyph.character for glyph in self.glyphs)


@dataclass(frozen=True)
class Setting:
    """How lines are filled: the measure and type size in points, the indent in ems, what happens at the right."""

    width: float
    size: float
    indent: float = 0.0
    tracking: float = 0.0
    justify: bool = False
    hang: bool = False


def break_text(spans: Iterable[Span], setting: Setting) -> list[Line]:
    """The lines of a text; a line feed in it begins a new line with the indent.

    Raises:
        RefusedError: a character is in no font.
    """
    lines: list[Line] = []
    for paragraph in _paragraphs(spans):
        lines.extend(_break_paragraph(paragraph, setting))
    return lines


def text_width(glyphs: Sequence[Glyph], size: float) -> float:
    """The width of glyphs set without air, in points."""
    return sum(glyph.width for glyph in glyphs) * size / 1000


def _paragraphs(spans: Iterable[Span]) -> list[list[Glyph]]:
    found: list[list[Glyph]] = [[]]
    for span in spans:
        first, *others = span.text.splitlines() or [""]
        found[-1].extend(glyphs_of(first, span.face, field=span.field))
        found.extend(list(glyphs_of(other, span.face, field=span.field)) for other in others)
        if span.text.endswith("\n"):
            found.append([])
    return found


def _break_paragraph(glyphs: Sequence[Glyph], setting: Setting) -> list[Line]:
    starts = _line_starts(glyphs, setting)
    ends = [*starts[1:], len(glyphs)]
    lines = []
    for start, end in zip(starts, ends, strict=True):
        while end > start and glyphs[end - 1].character == " ":
            end -= 1
        measure = setting.width - (setting.indent * setting.size if start == 0 else 0)
        line = _set_line(glyphs[start:end], setting, measure=measure, last=end >= len(glyphs))
        lines.append(replace(line, opens=start == 0))
    return lines


def _line_starts(glyphs: Sequence[Glyph], setting: Setting) -> list[int]:
    starts = [0]
    while True:
        start = starts[-1]
        measure = setting.width - (setting.indent * setting.size if start == 0 else 0)
        end = _line_end(glyphs, start, setting, measure=measure)
        while end < len(glyphs) and glyphs[end].character == " ":
            end += 1
        if end >= len(glyphs):
            break
        starts.append(end)
    _feed_short_last_line(glyphs, starts)
    return starts


def _line_end(glyphs: Sequence[Glyph], start: int, setting: Setting, *, measure: float) -> int:
    """Where the line that begins at `start` ends: as late as the measure and the marks allow."""
    used, chance = 0.0, 0
    for at in range(start, len(glyphs)):
        if at > start and may_break(glyphs, at):
            chance = at
        used += glyphs[at].width * setting.size / 1000 + (setting.tracking if at > start else 0)
        if used <= measure + _SLACK:
            continue
        if setting.hang and _may_hang(glyphs, at) and at > start:
            return at + 1
        return chance or max(at, start + 1)
    return len(glyphs)


def _may_hang(glyphs: Sequence[Glyph], at: int) -> bool:
    return glyphs[at].character in _HANGING and (at + 1 == len(glyphs) or may_break(glyphs, at + 1))


def _feed_short_last_line(glyphs: Sequence[Glyph], starts: list[int]) -> None:
    """A last line of a single character takes one more from the line above."""
    if len(starts) < 2 or sum(glyph.character not in _NOT_FIRST for glyph in glyphs[starts[-1] :]) > 1:
        return
    for earlier in range(starts[-1] - 1, starts[-2], -1):
        if may_break(glyphs, earlier) and starts[-1] - earlier <= 4:
            starts[-1] = earlier
            return


def may_break(glyphs: Sequence[Glyph], at: int) -> bool:
    """Whether a line may begin with glyph `at`."""
    before, after = glyphs[at - 1].character, glyphs[at].character
    if after in _NOT_FIRST or before in _NOT_LAST or after == " ":
        return False
    if before.isascii() and before.isdigit() and after in _UNITS:
        return False
    if before == "〕" and after.isascii() and after.isdigit():
        return False
    return not (_is_western(before) and _is_western(after))


def _is_western(character: str) -> bool:
    """Letters, digits and what stands inside numbers and addresses; blanks part words."""
    return "!" <= character <= "~" or "\u00a0" <= character < "\u0250"


def _set_line(glyphs: Sequence[Glyph], setting: Setting, *, measure: float, last: bool) -> Line:
    gaps = [setting.tracking] * len(glyphs)
    natural = text_width(glyphs, setting.size) + setting.tracking * max(0, len(glyphs) - 1)
    hung = setting.hang and glyphs and glyphs[-1].character in _HANGING and natural > measure + _SLACK
    inner = natural - (glyphs[-1].width * setting.size / 1000 + setting.tracking if hung else 0)
    if setting.justify and not last:
        end = len(glyphs) - (2 if hung else 1)
        open_places = [i for i in range(end) if _may_widen(glyphs[i].character, glyphs[i + 1].character)]
        air = (measure - inner) / len(open_places) if open_places else 0.0
        if 0 < air <= _MOST_AIR * setting.size:
            for place in open_places:
                gaps[place] += air
            inner = measure
    return Line(tuple(glyphs), tuple(gaps), inner)


def _may_widen(before: str, after: str) -> bool:
    return not (_is_western(before) and _is_western(after)) and not (before == after and before in "—…")
