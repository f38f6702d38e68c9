"""What stands under each station of the timeline, and what each station is about."""

from __future__ import annotations

from datetime import timedelta

from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.wording import day_span, short_date, summary_of
from desktop_app.widgets.look import type_percent
from desktop_app.widgets.timeline import Station as TimelineStation
from desktop_app.widgets.timeline import StationState
from village_core.domain.relief.guidance import StationStatus, StationView
from village_core.domain.relief.state import CaseState
from village_core.domain.relief.steps import MEETING_STEPS, Station, StepKind

STATION_RULES = {
    Station.APPLICATION: "CRELIEF-9",
    Station.FIRST_REVIEW: "CRELIEF-18",
    Station.FOUR_MEETINGS: "CRELIEF-8",
    Station.TOWNSHIP: "CRELIEF-19",
    Station.NOTICE: "CRELIEF-20",
    Station.PAYMENT: "CRELIEF-12",
    Station.FOLLOW_UP: "CRELIEF-13",
    Station.ARCHIVE: "CRELIEF-14",
}
"""The clause that is shown with each station."""

_LARGE = 150
_STATES = {
    StationStatus.DONE: StationState.DONE,
    StationStatus.NOW: StationState.NOW,
    StationStatus.LATER: StationState.LATER,
    StationStatus.FAILED: StationState.REFUSED,
}


def timeline_of(detail: CaseDetail) -> list[TimelineStation]:
    """The eight stations for the timeline widget."""
    return [_station(detail, view) for view in detail.stations]


def _station(detail: CaseDetail, view: StationView) -> TimelineStation:
    lines, tone = _lines(detail, view)
    if type_percent() >= _LARGE:
        lines = lines[:1]  # what is now has to stay in sight below
    return TimelineStation(str(view.station.value), view.title, _STATES[view.status], tuple(lines), tone)


def _lines(detail: CaseDetail, view: StationView) -> tuple[list[str], str]:
    if view.status is StationStatus.LATER:
        return _later(detail, view.station), ""
    days = [day_span(view.first_on, view.last_on)] if view.first_on and view.last_on else []
    if view.status is StationStatus.FAILED:
        return ["没有通过" if not _withdrawn(detail.state) else "已撤回", *days], "bad"
    if view.status is StationStatus.NOW:
        now, tone = _now(detail, view)
        return [*now, *days], tone
    return [*days, *_done(view)], ""


def _withdrawn(state: CaseState) -> bool:
    return state.ended_by is not None and state.ended_by.kind is StepKind.WITHDRAWAL


def _done(view: StationView) -> list[str]:
    if view.station is Station.FOUR_MEETINGS:
        resolution = next((one for one in view.records if one.kind is StepKind.VILLAGERS_RESOLUTION), None)
        return [summary_of(resolution)] if resolution else []
    if view.station is Station.NOTICE:
        return []
    shown = view.records[-1]
    if view.station is Station.PAYMENT:
        shown = next((one for one in view.records if one.kind is StepKind.PAYMENT), shown)
    return [summary_of(shown)]


def _now(detail: CaseDetail, view: StationView) -> tuple[list[str], str]:
    if view.station is Station.FOUR_MEETINGS:
        held = sum(record.kind in MEETING_STEPS for record in view.records)
        if not held:
            return ["等开会"], ""
        return [f"开了 {held} 次会" if held < len(MEETING_STEPS) else "等决议公开"], ""
    if view.station is Station.NOTICE:
        return _notice_now(detail)
    if view.station is Station.FOLLOW_UP and detail.state.paid_on:
        days = detail.pack.rule("CRELIEF-13", detail.state.paid_on).integer("due_within_days")
        due = detail.state.paid_on + timedelta(days=days)
        return [f"{short_date(due)}前"], "bad" if due < detail.today else "soon"
    if view.station is Station.PAYMENT and detail.state.paid_on:
        return ["等结果公开"], "soon"
    return [], ""


def _notice_now(detail: CaseDetail) -> tuple[list[str], str]:
    if detail.state.open_objections:
        return [f"{len(detail.state.open_objections)} 条异议待核查"], "soon"
    coming = next((one.earliest for one in detail.next_steps if one.kind is StepKind.NOTICE_TAKEN_DOWN), None)
    if coming is None:
        return ["等贴出"], ""
    left = (coming - detail.today).days
    return [f"还剩 {left} 天" if left > 0 else "期满，可以取下"], "soon"


def _later(detail: CaseDetail, station: Station) -> list[str]:
    if not detail.state.is_running:
        return []
    days = detail.pack.rule("CRELIEF-13", detail.today).integer("due_within_days")
    return {
        Station.TOWNSHIP: ["决议公开后"],
        Station.NOTICE: ["乡镇同意后"],
        Station.PAYMENT: ["公示期满后"],
        Station.FOLLOW_UP: [f"发放后 {days} 天内"],
    }.get(station, [])
