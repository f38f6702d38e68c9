"""The one table that a run of the benchmarks prints."""

from __future__ import annotations

from collections.abc import Iterable

from bench.measures import Measure

_HEAD = ("what", "figure", "floor", "ratio", "bar", "")


def show_table(measures: Iterable[Measure], *, markdown: bool = False) -> None:
    """Print the measures as columns, one a line; a line with `OVER` did not pass its bar."""
    lines = [_HEAD, *(_cells(measure) for measure in measures)]
    if markdown:
        lines.insert(1, ("---",) * len(_HEAD))
        for line in lines:
            print("| " + " | ".join(line) + " |")
        return
    widths = [max(len(line[place]) for line in lines) for place in range(len(_HEAD))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cells(measure: Measure) -> tuple[str, ...]:
    ratio = measure.ratio
    floor = "" if measure.floor is None else f"{_number(measure.floor)} {measure.unit} ({measure.floor_name})"
    unit = f" {measure.unit}" if ratio is None else "×"
    bar = "" if measure.bar is None else f"≤ {measure.bar:g}{unit}"
    verdict = {None: "", True: "ok", False: "OVER"}[measure.passes]
    return (
        measure.name,
        f"{_number(measure.value)} {measure.unit}",
        floor,
        "" if ratio is None else f"{ratio:.2f}×",
        bar,
        verdict,
    )


def _number(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f}" if value < 10 else f"{value:,.1f}"
