"""Gathers what the features registered for the start page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from desktop_app.shell.due import DueItem, DueProvider, sort_due
from desktop_app.shell.overview import Chart, Figure, OverviewProvider
from desktop_app.storage.unit_of_work import Reader

FIGURES = 6
CHARTS = 2


@dataclass(frozen=True)
class StartPage:
    """Everything the start page shows."""

    today: date
    due: tuple[DueItem, ...]
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]


def get_start_page(reader: Reader, due: Sequence[DueProvider], *, overviews: Sequence[OverviewProvider]) -> StartPage:
    """Ask every provider; the most urgent first, the numbers in their order."""
    items = [item for provider in due for item in provider(reader)]
    told = [provider(reader) for provider in overviews]
    figures = sorted((figure for one in told for figure in one.figures), key=lambda figure: figure.order)
    charts = sorted((chart for one in told for chart in one.charts), key=lambda chart: chart.order)
    return StartPage(
        today=reader.today,
        due=tuple(sort_due(items)),
        figures=tuple(figures[:FIGURES]),
        charts=tuple(charts[:CHARTS]),
    )
