"""Forms that stay open for long, and questions that were looked at long ago: what was seen is older than what is so."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from desktop_app.sync.decisions import decide_question
from desktop_app.sync.questions import Question, get_full_question
from tests.sim.actions import action
from tests.sim.deeds import PLAIN, SENSITIVE, draw_row, draw_values
from tests.sim.generic import as_decided
from tests.sim.world import SimLaptop, World, draw
from village_core.exchange.change_log import change_log
from village_core.exchange.questions import CHOICES, NEITHER, STANDING
from village_core.records import Record
from village_core.records.held import HeldChange

_HELD = Record.metadata.tables["held_change"]
_MOST_OPEN = 3


@dataclass(frozen=True)
class OpenForm:
    """What stands on the screen of a form, and the county's number that the laptop had heard of by then."""

    record: type[Any]
    row_id: UUID
    seen: int
    shown: dict[str, Any]
    restores: int


@action("deed", weight=2)
def open_form(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """Somebody opens a household or a person, and the telephone rings."""
    found = draw_row(laptop, rng)
    if found is None:
        return None
    record, row_id = found
    names = (*PLAIN[record.__tablename__], *SENSITIVE[record.__tablename__])
    with laptop.workspace.reader() as reader:
        row = reader.session.get(record, (reader.village, row_id))
        shown = {name: getattr(row, name) for name in names}
        form = OpenForm(record, row_id, reader.seen, shown, world.county.restores)
    laptop.forms = [*laptop.forms[1 - _MOST_OPEN :], form]
    return f"opens {record.__tablename__} {row_id.hex[-4:]}"


@action("deed", weight=2)
def save_form(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """Fields that nobody touched are not written, whatever arrived meanwhile."""
    form: OpenForm | None = draw(rng, laptop.forms)
    if form is None:
        return None
    values = draw_values(rng, tuple(form.shown))
    values = {name: value for name, value in values.items() if value != form.shown[name]}
    newest = select(func.max(change_log.c.device_seq))
    with laptop.workspace.unit_of_work(reason="试", seen=form.seen) as uow:
        before = uow.session.scalar(newest)
        row = uow.session.get(form.record, (uow.village, form.row_id))
        for name, value in values.items() if row is not None else ():
            setattr(row, name, value)
        uow.session.flush()
        number = uow.session.scalar(newest)
        uow.commit()
    laptop.forms = [one for one in laptop.forms if one is not form]
    if number is not None and number != before:
        # What stood before the county went back is no measure for what stands there now.
        laptop.shown[number] = form.shown if form.restores == world.county.restores else {}
    return f"saves the form of {form.record.__tablename__} {form.row_id.hex[-4:]}: {values}"


@action("deed", weight=1)
def look_at_questions(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """Somebody opens 要您拿主意 and leaves it open."""
    found = [_read_question(laptop, rng) for _ in range(_MOST_OPEN)]
    laptop.questions = [one for one in found if one is not None]
    return f"looks at {len(laptop.questions)} questions" if laptop.questions else None


def _read_question(laptop: SimLaptop, rng: Random) -> Question | None:
    chosen = draw(rng, laptop.ids(_HELD))
    with laptop.workspace.reader() as reader:
        return None if chosen is None else get_full_question(reader, chosen)


@action("deed", weight=4)
def decide(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """Somebody says which side of a question stands, or that neither does; now and then from a page opened long ago."""
    question: Question | None = draw(rng, laptop.questions)
    if question is None or rng.random() < 0.7:
        question = _read_question(laptop, rng)
    if question is None:
        return None
    choice = rng.choice([one.choice for one in question.options] or [STANDING])
    if rng.random() < 0.1:
        choice = rng.choice(CHOICES)
    value = _right_value(laptop, question, rng) if choice == NEITHER else None
    laptop.do(
        lambda uow: decide_question(
            uow,
            question.id,
            choice,
            seen=question.seen,
            offered=question.offered,
            value=value,
            reason="代表会议定的",
        )
    )
    return f"decides question {question.id.hex[-4:]}: {choice} {value or ''}"


def _right_value(laptop: SimLaptop, question: Question, rng: Random) -> Any:
    row = laptop.get(HeldChange, question.id)
    if row is None:  # the county went back, and asks nothing like it any more
        return None
    columns = Record.metadata.tables[row.subject_table].columns
    return as_decided(columns[row.field], laptop, rng) if row.field in columns else None
