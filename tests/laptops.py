"""Laptops of one village for tests: real encrypted workspaces, and a line to the county that can be made to fail."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest

from county_server.auth.enrolment import enrol
from county_server.problems import RequestRefusedError
from county_server.sync.service import exchange as exchange_at_county
from county_server.sync.snapshots import FAR_BEHIND
from county_server.sync.verifying import verify_village
from desktop_app.bootstrap import create_workspace, open_with_key
from desktop_app.storage.key_file import unlock_key
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import enrolment, words
from desktop_app.sync.loop import ExchangeReport, exchange_once
from desktop_app.sync.transport import Line
from tests.contents_at_county import answer_content_request
from tests.counties import County
from tests.piece_requests import PIECE_PATHS, get_piece, put_part
from tests.workspaces import NOW, PASSPHRASE, VILLAGE, do
from village_core.domain.clock import Clock, FixedClock
from village_core.domain.ids import new_id
from village_core.exchange.bisection import VERIFY_PATH
from village_core.exchange.messages import ENROL_PATH, SYNC_PATH, encode
from village_core.exchange.pieces import PART_PATH
from village_core.records.households import Household, Person

T = TypeVar("T")

PEOPLE = ("李琼仙", "王建平", "起学英")


class DirectLine(Line):
    """Calls the county without HTTP. `lose_requests` and `lose_answers` say how many of the next ones get lost;
    `cut_after`: the line is cut, once, right behind so many further bytes, whichever way they go."""

    def __init__(self, county: County, *, down_limit: int = 1_500_000, far: int = FAR_BEHIND) -> None:
        super().__init__("http://127.0.0.1:1")
        self._county = county
        self._down_limit = down_limit
        self.far = far
        self.lose_requests = 0
        self.lose_answers = 0
        self.cut_after: int | None = None

    def _turn(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        ticket: str,
        span: tuple[int, int] | None = None,
        into: bytearray | None = None,
    ) -> tuple[int, bytes]:
        through = self._passes(len(body))
        self.sent(through)
        if self.lose_requests:
            self.lose_requests -= 1
            raise words.line_cut()
        if through < len(body) or self.cut_after == 0:
            self.cut_after = None
            if path.startswith(PART_PATH):
                self._at_county(method, path, body[:through], ticket, span)
            raise words.line_cut()
        status, answer = self._at_county(method, path, body, ticket, span)
        if self.lose_answers:
            self.lose_answers -= 1
            raise words.line_cut()
        through = self._passes(len(answer))
        self.received(through)
        if status == 206 and into is not None:
            into += answer[:through]
        if through < len(answer) or self.cut_after == 0:
            self.cut_after = None
            raise words.line_cut()
        return status, b"" if into is not None and status == 206 else answer

    def _passes(self, count: int) -> int:
        if self.cut_after is None:
            return count
        through = min(count, self.cut_after)
        self.cut_after -= through
        return through

    def _at_county(
        self, method: str, path: str, body: bytes, ticket: str, span: tuple[int, int] | None = None
    ) -> tuple[int, bytes]:
        engine, clock = self._county.engine, self._county.clock
        try:
            if path == SYNC_PATH:
                answer = exchange_at_county(engine, body, clock=clock, down_limit=self._down_limit, far=self.far)
                return 200, encode(answer)
            if path == VERIFY_PATH:
                return 200, encode(verify_village(engine, body, clock=clock))
            if path == ENROL_PATH:
                return 200, encode(enrol(engine, body, clock=clock))
            if path.startswith(PART_PATH):
                return put_part(engine, path, content=body, ticket=ticket, clock=clock)
            if path.startswith(PIECE_PATHS) and span is not None:
                piece = get_piece(engine, path, span, ticket=ticket)
                self.told_size = piece.size
                return 206, piece.content
            return answer_content_request(engine, method, path, body=body, ticket=ticket, clock=clock)
        except RequestRefusedError as refusal:
            return refusal.status, encode(refusal.problem)


class Laptop:
    """A workspace with short words for what tests do with it."""

    def __init__(self, workspace: Workspace, county: County) -> None:
        self.workspace = workspace
        self.county = county
        self.line = DirectLine(county)

    def sync(self) -> ExchangeReport:
        """One try, without patience."""
        self.line.bytes_up = self.line.bytes_down = self.line.round_trips = 0
        return exchange_once(self.workspace, self.line)

    def do(self, deed: Callable[[UnitOfWork], T], *, reason: str = "试") -> T:
        return do(self.workspace, deed, reason=reason)

    def add_household(self, *, id: UUID | None = None, **columns: Any) -> UUID:
        household_id = id or new_id()
        self.do(lambda uow: uow.session.add(Household(village=uow.village, id=household_id, **columns)))
        return household_id

    def add_person(self, household_id: UUID, name: str, *, id: UUID | None = None, **columns: Any) -> UUID:
        person_id = id or new_id()
        person = {"village": self.workspace.village, "id": person_id, "household_id": household_id, "name": name}
        self.do(lambda uow: uow.session.add(Person(**person, **columns)))
        return person_id

    def edit(self, record: type[Any], row_id: UUID, **columns: Any) -> None:
        def deed(uow: UnitOfWork) -> None:
            row = uow.session.get(record, (uow.village, row_id))
            assert row is not None
            for name, value in columns.items():
                setattr(row, name, value)

        self.do(deed)

    def get(self, record: type[Any], row_id: UUID) -> Any:
        with self.workspace.reader() as reader:
            return reader.session.get(record, (reader.village, row_id))

    def all(self, record: type[Any]) -> list[Any]:
        with self.workspace.reader() as reader:
            rows = list(reader.session.query(record).order_by(record.id))
            reader.session.expunge_all()
            return rows


@pytest.fixture(scope="session")
def laptop_templates(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, bytes]]:
    """Closed workspaces of the same village, each begun by another person, and their keys."""
    made: list[tuple[Path, bytes]] = []
    for person in PEOPLE:
        folder = tmp_path_factory.mktemp("laptop") / "workspace"
        create_workspace(
            folder, village=VILLAGE, name="太平村", person=person, passphrase=PASSPHRASE, clock=FixedClock(NOW)
        ).close()
        made.append((folder, unlock_key(folder / "key.json", PASSPHRASE)))
    return made


class LaptopMaker:
    """Copies templates into `folder`; the nth laptop belongs to the nth person."""

    def __init__(self, templates: list[tuple[Path, bytes]], folder: Path) -> None:
        self._templates = templates
        self._folder = folder
        self._made: list[Laptop] = []

    def __call__(
        self, county: County, *, role: str | None = None, clock: Clock | None = None, enrolled: bool = True
    ) -> Laptop:
        number = len(self._made)
        template, key = self._templates[number % len(self._templates)]
        folder = self._folder / f"laptop{number}"
        shutil.copytree(template, folder)
        laptop = self.open(folder, key, county, clock=clock)
        if enrolled:
            join(laptop, role or ("报账员" if number == 0 else "文书"))
        return laptop

    def open(self, folder: Path, key: bytes, county: County, *, clock: Clock | None = None) -> Laptop:
        laptop = Laptop(open_with_key(folder, key, clock=clock or county.clock), county)
        self._made.append(laptop)
        return laptop

    def clone(self, laptop: Laptop, name: str) -> Laptop:
        """A copy of the laptop as it is on disk now: a cloned disk, or tomorrow's restored backup."""
        laptop.workspace.engine.dispose()
        folder = self._folder / name
        shutil.copytree(laptop.workspace.folder, folder)
        return self.open(folder, laptop.workspace.key, laptop.county, clock=laptop.workspace.clock)

    def close(self) -> None:
        for laptop in self._made:
            laptop.workspace.close()


@pytest.fixture
def make_laptop(tmp_path: Path, laptop_templates: list[tuple[Path, bytes]]) -> Iterator[LaptopMaker]:
    """`make_laptop(county)`: an enrolled laptop; the first one is the 报账员's."""
    maker = LaptopMaker(laptop_templates, tmp_path)
    yield maker
    maker.close()


def join(laptop: Laptop, role: str = "文书", *, code: str | None = None) -> enrolment.Joined:
    """Enrol through the laptop's direct line."""
    return enrolment.join_county(
        laptop.workspace, url="http://127.0.0.1:1", code=code or laptop.county.code(role), line=laptop.line
    )


def sync_until_quiet(*laptops: Laptop) -> None:
    """Exchange in turn until nobody has anything new; then all must have been proved equal."""
    for _ in range(10):
        reports = [laptop.sync() for laptop in laptops]
        if all(report.sent == report.received == 0 for report in reports):
            assert all(report.equal for report in reports)
            return
    raise AssertionError("the laptops do not come to rest")


def only(rows: list[T]) -> T:
    assert len(rows) == 1
    return rows[0]
