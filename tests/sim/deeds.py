"""What people do at a laptop, through the program's own services where there are rules, and through plain rows."""

from __future__ import annotations

import json
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from desktop_app.ledger.entries import VoucherEntry
from desktop_app.ledger.service import delete_draft, lock_month, post_voucher, reverse_voucher, save_draft
from tests.domain.relief.builder import ROAD
from tests.ledger.books import entry, open_accounts, post
from tests.relief.village import start_case, usual_step
from tests.sim.actions import action
from tests.sim.world import SimLaptop, World, draw
from village_core.domain.ids import new_id
from village_core.domain.relief.steps import StepKind
from village_core.records import Record
from village_core.records.attachments import Attachment
from village_core.records.households import Household, Person
from village_core.records.ledger import Posting, Voucher, VoucherDraft
from village_core.records.relief import ReliefCase, ReliefStep

NUMBERS = ("0001", "0002", "0003", "0004")
IDENTITIES = ("53232719700101001X", "532327198002020022", "532327199003030033")
_HEADS = ("甲", "乙")
_TEXTS = ("", "一", "二", "三")
PLAIN = {"household": ("phone", "note", "group_name", "bank_name"), "person": ("phone", "note", "health")}
SENSITIVE = {
    "household": ("bank_account", "head_name", "kind", "number", "per_capita_fen"),
    "person": ("name", "id_number", "relation"),
}
_HOUSEHOLD, _PERSON = Record.metadata.tables["household"], Record.metadata.tables["person"]


@action("deed", weight=3)
def register_household(world: World, laptop: SimLaptop, rng: Random) -> str:
    number, head = rng.choice((*NUMBERS, None)), rng.choice(_HEADS)
    columns = {"bank_account": rng.choice(_TEXTS[1:])} if rng.random() < 0.5 else {}
    laptop.add_household(number=number, head_name=head, phone=rng.choice(_TEXTS), **columns)
    return f"registers household {number} of {head}"


@action("deed", weight=3)
def register_person(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    household = draw(rng, laptop.ids(_HOUSEHOLD))
    if household is None:
        return None
    identity, name = rng.choice((*IDENTITIES, None)), rng.choice(_HEADS)
    laptop.add_person(household, name, id_number=identity)
    return f"registers {name} {identity} in {household.hex[-4:]}"


def draw_row(laptop: SimLaptop, rng: Random) -> tuple[type[Any], UUID] | None:
    """A household or a person that is there."""
    record: type[Any] = rng.choice((Household, Household, Person))
    row_id = draw(rng, laptop.ids(record.__table__))
    return None if row_id is None else (record, row_id)


def draw_values(rng: Random, among: tuple[str, ...]) -> dict[str, Any]:
    """What somebody writes into one or two of these fields."""
    values: dict[str, Any] = {}
    for name in rng.sample(among, rng.choice((1, 1, 2))):
        if name == "number":
            values[name] = rng.choice(NUMBERS)
        elif name == "id_number":
            values[name] = rng.choice((*IDENTITIES, None))
        elif name.endswith("_fen"):
            values[name] = rng.choice((1, 2, None))
        elif name in ("head_name", "name"):
            values[name] = rng.choice(_HEADS)
        else:
            values[name] = rng.choice((*_TEXTS, None))
    return values


def _edit(laptop: SimLaptop, rng: Random, fields: dict[str, tuple[str, ...]]) -> str | None:
    row = draw_row(laptop, rng)
    if row is None:
        return None
    record, row_id = row
    values = draw_values(rng, fields[record.__tablename__])
    laptop.edit(record, row_id, **values)
    return f"edits {record.__tablename__} {row_id.hex[-4:]}: {values}"


@action("deed", weight=6)
def edit_plain(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    return _edit(laptop, rng, PLAIN)


@action("deed", weight=6)
def edit_sensitive(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    return _edit(laptop, rng, SENSITIVE)


@action("deed", weight=2)
def several_things_at_once(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """One transaction over several rows, some of them twice."""
    rows = laptop.ids(_HOUSEHOLD)
    if not rows:
        return None
    chosen = [rng.choice(rows) for _ in range(rng.randint(2, 4))]
    values = [(rng.choice(("phone", "bank_account", "note")), rng.choice(_TEXTS)) for _ in chosen]
    person = new_id()

    def deed(uow: Any) -> None:
        for row_id, (name, value) in zip(chosen, values, strict=True):
            setattr(uow.session.get(Household, (uow.village, row_id)), name, value)
            uow.session.flush()
        uow.session.add(Person(village=uow.village, id=person, household_id=chosen[0], name="丙"))

    laptop.do(deed)
    return f"changes {[one.hex[-4:] for one in chosen]} and adds a person in one transaction"


@action("deed", weight=1)
def move_person(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    person, household = draw(rng, laptop.ids(_PERSON)), draw(rng, laptop.ids(_HOUSEHOLD))
    if person is None or household is None:
        return None
    laptop.edit(Person, person, household_id=household)
    return f"moves person {person.hex[-4:]} to {household.hex[-4:]}"


@action("deed", weight=1)
def close_household(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    household = draw(rng, laptop.ids(_HOUSEHOLD))
    if household is None:
        return None
    laptop.edit(Household, household, closed_on=date(2026, 11, rng.randint(1, 20)), closed_reason="迁走")
    return f"closes household {household.hex[-4:]}"


# --- the books


def _entry(rng: Random) -> VoucherEntry:
    fen = rng.randint(1, 900)
    return entry(("10201", fen), ("50103", -fen), on=date(2026, rng.choice((9, 10, 11)), rng.randint(1, 9)))


def _prepare_books(laptop: SimLaptop) -> None:
    accounts = Record.metadata.tables["sub_account"]
    with laptop.workspace.engine.connect() as connection:
        known = set(connection.scalars(select(accounts.c.code)))
    if "50103" not in known:
        open_accounts(laptop.workspace)


@action("deed", weight=1)
def open_the_accounts(world: World, laptop: SimLaptop, rng: Random) -> str:
    _prepare_books(laptop)
    return "opens the sub-accounts"


@action("deed", weight=2)
def write_draft(world: World, laptop: SimLaptop, rng: Random) -> str:
    draft = draw(rng, laptop.ids(VoucherDraft.__table__)) if rng.random() < 0.5 else None
    voucher = _entry(rng)
    laptop.do(lambda uow: save_draft(uow, voucher, draft_id=draft))
    return f"writes draft {draft.hex[-4:] if draft else 'new'}"


@action("deed", weight=1)
def throw_draft_away(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    draft = draw(rng, laptop.ids(VoucherDraft.__table__))
    if draft is None:
        return None
    laptop.do(lambda uow: delete_draft(uow, draft))
    return f"throws draft {draft.hex[-4:]} away"


@action("deed", weight=1)
def post_draft(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    draft = draw(rng, laptop.ids(VoucherDraft.__table__))
    if draft is None:
        return None
    posted = laptop.do(lambda uow: post_voucher(uow, draft, reason="试"))
    return f"posts draft {draft.hex[-4:]} as {posted.number_text}"


@action("deed", weight=2)
def post_entry_at_once(world: World, laptop: SimLaptop, rng: Random) -> str:
    voucher = _entry(rng)
    posted = post(laptop.workspace, *((one.account, one.debit_fen - one.credit_fen) for one in voucher.postings),
                  on=voucher.voucher_date)  # fmt: skip
    return f"posts {posted.number_text}"


@action("deed", weight=0.5)
def take_voucher_back(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    voucher = draw(rng, laptop.ids(Voucher.__table__))
    if voucher is None:
        return None
    laptop.do(lambda uow: reverse_voucher(uow, voucher, reason="记错"))
    return f"takes voucher {voucher.hex[-4:]} back"


@action("rare", weight=0.4)
def write_wrong_voucher(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """What no program of ours would write: a voucher that does not balance, or a line for a posted one."""
    world.facts["nonsense"] = True
    day = date(2026, 10, rng.randint(1, 28))
    voucher = draw(rng, laptop.ids(Voucher.__table__)) if rng.random() < 0.5 else None
    line = {"summary": "错", "account": "10201", "voucher_date": day, "debit_fen": 5, "credit_fen": 0, "line": 9}
    told = "adds a line to a posted voucher"
    head = voucher or new_id()
    line_id = new_id()

    def deed(uow: Any) -> None:
        if voucher is None:
            columns = {"voucher_date": day, "period": "2026-10", "number": 77, "number_text": "记-77", "kind": "normal"}
            maker = {"prepared_by": "甲", "made_at": "2026-11-22T02:00:00.000Z", "made_by": uow.actor.person_id}
            uow.session.add(Voucher(village=uow.village, id=head, **columns, **maker))
            uow.session.flush()
        uow.session.add(Posting(village=uow.village, id=line_id, voucher_id=head, **line))

    laptop.do(deed)
    return told if voucher else "posts a voucher that does not balance"


@action("deed", weight=0.3)
def close_month(world: World, laptop: SimLaptop, rng: Random) -> str:
    period = rng.choice(("2026-08", "2026-09", "2026-10"))
    laptop.do(lambda uow: lock_month(uow, period))
    return f"locks {period}"


@action("deed", weight=0.7)
def use_stale_posting_right(world: World, laptop: SimLaptop, rng: Random) -> str:
    """The laptop was told long ago that it may post."""
    laptop.workspace.set_state("rights.may_post", "1")
    return "believes that it may post"


# --- relief


@action("deed", weight=1)
def apply_for_relief(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    household = draw(rng, laptop.ids(_HOUSEHOLD))
    if household is None:
        return None
    laptop.edit(Household, household, kind="边缘易致贫户")
    case = start_case(laptop.workspace, household, reasons=_every_reason())
    return f"opens case {case.hex[-4:]} for {household.hex[-4:]}"


@action("deed", weight=6)
def carry_case_on(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """The next step of a case, and sometimes a few of them."""
    case = draw(rng, laptop.ids(ReliefCase.__table__))
    if case is None:
        return None
    done = []
    for _ in range(rng.choice((1, 2, 5))):
        with laptop.workspace.reader() as reader:
            count = reader.session.scalar(select(func.count()).where(ReliefStep.case_id == case)) or 0
        kind = ROAD[min(count, len(ROAD) - 1)]
        if kind is StepKind.PAYMENT and not done:
            kind = rng.choice((StepKind.PAYMENT, StepKind.FOLLOW_UP))
        usual_step(laptop.workspace, case, kind, reasons=_every_reason() if rng.random() < 0.5 else {})
        done.append(kind.value)
    return f"carries case {case.hex[-4:]} on: {done}"


def _every_reason() -> dict[str, str]:
    return {f"CRELIEF-{number}": "代表会议说明了理由" for number in (1, 2, 4, 6, 7, 8)}


# --- other


@action("deed", weight=0.5)
def take_photo(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    owner = draw(rng, laptop.ids(_HOUSEHOLD))
    if owner is None:
        return None
    content = rng.randbytes(rng.choice((10, 3_000, 70_000)))
    sha256 = laptop.workspace.attachments.put(content)
    row = {"title": "照片", "media_type": "image/jpeg", "kind": "other", "made_at": "2026-11-22T02:00:00.000Z"}
    photo = new_id()

    def deed(uow: Any) -> None:
        key = {"village": uow.village, "id": photo, "owner_id": owner, "made_by": uow.actor.person_id}
        uow.session.add(Attachment(**key, **row, owner_kind="household", size=len(content), sha256=sha256))

    laptop.do(deed)
    world.facts.setdefault("photos", {})[sha256] = len(content)
    return f"takes a photo of {len(content)} bytes"


@action("deed", weight=0.5)
def change_collective_income(world: World, laptop: SimLaptop, rng: Random) -> str:
    from desktop_app.settings.service import record_income

    fen = rng.choice((20_401_300, 20_401_301, 30_000_000))
    laptop.do(lambda uow: record_income(uow, 2025, net_income_fen=fen, source=json.dumps(fen)))
    return f"says that the net income of 2025 is {fen}"
