"""What lies on the laptop itself and is read back: drafts out of the database, and the program's own data."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from desktop_app.households import vocabulary
from desktop_app.ledger import chart, templates
from desktop_app.ledger.entries import VoucherEntry, draft_body, entry_of, typed_balances, typed_lines
from desktop_app.notices import wording
from desktop_app.relief import policies
from desktop_app.storage import shelf
from desktop_app.storage.drafts import DraftStore
from tests.fuzz.door import Door, Start
from tests.fuzz.mutations import changed_bytes, changed_json
from village_core.domain.clock import SystemClock
from village_core.domain.ledger.accounts import Chart, Side
from village_core.domain.ledger.checks import check_voucher
from village_core.domain.ledger.voucher import Posting
from village_core.domain.relief.grants import year_basis
from village_core.domain.relief.steps import MEETING_STEPS
from village_core.domain.staff.rights import Duties, Right
from village_core.exchange import judges, seats, staff_roles
from village_core.exchange.change_log import draft
from village_core.resource_shapes import SHAPES
from village_core.resources import resource_path

DAY = date(2026, 11, 23)
_RESOURCES = resource_path()


# --- drafts


@cache
def _database() -> Engine:
    engine = create_engine("sqlite://")
    draft.create(engine)
    return engine


def _read_drafts(data: bytes) -> object:
    """A form's draft and a voucher's, as they lie in the database, whatever bytes these are."""
    engine = _database()
    with engine.begin() as connection:
        connection.execute(
            text("INSERT OR REPLACE INTO draft VALUES ('a/b', CAST(:body AS TEXT), '2026')"), {"body": data}
        )
    kept = DraftStore(engine, SystemClock(), owner="a").load("b")
    assert kept is None or all(isinstance(key, str) and isinstance(one, str) for key, one in kept.items())
    typed = data.decode("utf-8", "replace")
    entry = entry_of(DAY, typed)
    assert not entry.readable or entry_of(DAY, draft_body(entry)) == entry
    check_voucher(entry.voucher(), chart=Chart(chart.national_accounts(), ()), locked=frozenset())
    return kept, entry.summary, entry.amount_fen, typed_lines(typed), typed_balances(typed)


def _drafts() -> list[bytes]:
    lines = (Posting("10201", "收租金", 500_00), Posting("50103", "收租金", 0, 500_00))
    return [
        draft_body(VoucherEntry(DAY, lines, paper_count=2, template="rent_received")).encode(),
        json.dumps({"head_name": "张梓", "group_name": "一社"}, ensure_ascii=False).encode(),
        json.dumps([["收租金", "102", "500", ""], ["", "", "", "500"]], ensure_ascii=False).encode(),
        json.dumps({"10201": ["500", ""], "101": ["", "3"]}).encode(),
    ]


# --- the program's own data


_CACHED: tuple[Any, ...] = (
    vocabulary.load_vocabulary,
    vocabulary.load_relations,
    vocabulary.wanted_headers,
    chart.national_accounts,
    chart.offered_accounts,
    chart.old_accounts,
    templates.entry_templates,
    policies.relief_packs,
    policies.work_calendar,
    wording.notice_texts,
    wording.illness_words,
    shelf.rules,
    seats.lease_terms,
    staff_roles.role_list,
    judges._first_level_chart,
    judges._policy,
)


def _use_policy() -> None:
    pack = policies.relief_pack()
    year_basis(pack, DAY)
    for meeting in MEETING_STEPS.values():
        pack.quorum.list_for(pack.bodies(meeting, DAY), DAY)
    for rule in pack.rules:
        rule.finding("试")
    notice = pack.rule("NOTICE-4", DAY)
    pack.rule("CRELIEF-5", DAY).ratio("share")
    pack.rule("CRELIEF-14", DAY).lists("papers")
    pack.rule("QUORUM-5", DAY).share("attendance").minimum(60)
    assert notice.integer("minimum_workdays") >= 0


def _use_roles() -> None:
    roles = staff_roles.role_list()
    for role in roles.roles:
        duties = Duties("张三", (role,), False, roles)
        for right in Right:
            duties.why_not_words(right)


def _use_words() -> None:
    texts = wording.notice_texts()
    for kind in texts.kinds.values():
        kind.opening.format(**dict.fromkeys(_FACTS, "试"))
    texts.period.format(first="今天", last="明天"), texts.open_end.format(first="今天"), texts.note.format(note="试")


_FACTS = (
    *("document", "held_on", "body", "eligible", "present"),
    *("votes_for", "votes_against", "abstained", "paid_on", "voucher"),
)


def _use_templates() -> None:
    known = Chart(chart.national_accounts(), ())
    for template in templates.entry_templates():
        for slot in template.slots:
            templates.choices_for(slot, known), templates.default_choice(slot, known)
        accounts = {slot.side: slot.accounts[0] for slot in template.slots}
        templates.fill_template(template, accounts=accounts, amount_fen=1, summary=template.summary)
    assert {slot.side for template in templates.entry_templates() for slot in template.slots} <= set(Side)


def _use_calendar() -> None:
    policies.work_calendar().last_of_workdays(DAY, 5, counts_start=True)


def _use_shelf() -> None:
    shelf.superfluous([], newest=Path("a"))
    assert shelf.rules().reserve >= 0


_USES: tuple[Callable[[], None], ...] = (_use_policy, _use_roles, _use_words, _use_templates, _use_calendar, _use_shelf)


@contextmanager
def _another_program(folder: Path) -> Iterator[None]:
    """As if the program had been unpacked into this folder."""
    for one in _CACHED:
        one.cache_clear()
    sys._MEIPASS = str(folder)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del sys._MEIPASS  # type: ignore[attr-defined]
        for one in _CACHED:
            one.cache_clear()


@cache
def _unpacked() -> tuple[Path, tempfile.TemporaryDirectory[str]]:
    folder = tempfile.TemporaryDirectory()
    for name in SHAPES:
        place = Path(folder.name) / "resources" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_RESOURCES / name, place)
    return Path(folder.name), folder


def _read_resources(data: bytes) -> object:
    """The name of a file of `resources/`, a line break, and what stands in it: read and used by all that do."""
    name, _, content = data.partition(b"\n")
    named = name.decode("utf-8", "replace")
    if named not in SHAPES:
        return None
    folder, _ = _unpacked()
    place = folder / "resources" / named
    place.write_bytes(content)
    try:
        with _another_program(folder):
            for read in (*_CACHED, vocabulary.load_code_lists, *_USES):
                read()
    finally:
        shutil.copy(_RESOURCES / named, place)
    return named


def _resource(name: str) -> Start:
    return Start(changed_json, lambda: [(_RESOURCES / name).read_bytes()], lambda plain: name.encode() + b"\n" + plain)


DESK_DOORS = {
    "drafts": Door(_read_drafts, (Start(changed_json, _drafts), Start(changed_bytes, _drafts))),
    "resources": Door(_read_resources, tuple(_resource(name) for name in SHAPES)),
}
