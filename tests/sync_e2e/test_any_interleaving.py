"""Any interleaving of edits, drops, resends, restores and restarts ends with every laptop equal to the county."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from county_server.tables import oplog
from tests.counties import County, new_sqlite, opened_county
from tests.county_server.test_facts import lock
from tests.county_server.test_merging import add_draft
from tests.laptops import DirectLine, Laptop, LaptopMaker, sync_until_quiet
from tests.ledger.books import open_accounts, post
from village_core.domain.errors import UserError
from village_core.exchange.change_log import change_log
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person
from village_core.records.ledger import MonthLock, Posting, VoucherDraft

NUMBERS = ("0001", "0002", "0003")
which = st.integers(0, 1)


class Village(RuleBasedStateMachine):
    """Two laptops and a county. The model is a list of everything that anybody ever did."""

    templates: ClassVar[list[tuple[Path, bytes]]]
    county_template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="tiangeng-"))
        self._opened = opened_county(new_sqlite(self.county_template, self.folder))
        self.county: County = self._opened.__enter__()
        self.maker = LaptopMaker(self.templates, self.folder)
        self.laptops: list[Laptop] = []
        self.backups: list[Path] = []
        self.notes: set[str] = set()

    @initialize()
    def enrol(self) -> None:
        self.laptops = [self.maker(self.county), self.maker(self.county)]
        for laptop in self.laptops:
            laptop.line = DirectLine(self.county, down_limit=300)

    @rule(who=which, number=st.sampled_from(NUMBERS), head=st.sampled_from(["甲", "乙"]))
    def register_household(self, who: int, number: str, head: str) -> None:
        self.laptops[who].add_household(number=number, head_name=head)

    @rule(who=which, name=st.sampled_from(["丙", "丁"]))
    def register_person(self, who: int, name: str) -> None:
        household = self._first(who)
        if household is not None:
            self.laptops[who].add_person(household.id, name, id_number=f"ID{name}")

    @rule(who=which, field=st.sampled_from(["phone", "bank_account", "group_name"]), value=st.sampled_from("123"))
    def edit_household(self, who: int, field: str, value: str) -> None:
        household = self._first(who)
        if household is not None:
            self.laptops[who].edit(Household, household.id, **{field: value})

    @rule(who=which, text=st.text("吉祥", min_size=1, max_size=3))
    def note_something(self, who: int, text: str) -> None:
        note = f"{len(self.notes)}{text}"
        self.notes.add(note)
        self.laptops[who].add_household(number=None, head_name=note)

    @rule(who=which)
    def post_voucher(self, who: int) -> None:
        laptop = self.laptops[who]
        if not [one for one in laptop.all(Posting) if one.account == "10201"]:
            laptop.workspace.set_state("rights.may_post", "1")
            try:
                open_accounts(laptop.workspace)
            except UserError:
                return
            post(laptop.workspace, ("10201", 700), ("50103", -700))

    @rule(who=which, text=st.sampled_from(["草稿甲", "草稿乙"]), delete=st.booleans())
    def write_or_drop_a_draft(self, who: int, text: str, delete: bool) -> None:
        laptop = self.laptops[who]
        drafts = laptop.all(VoucherDraft)
        if not drafts:
            add_draft(laptop)
        elif delete:
            laptop.do(lambda uow: uow.session.delete(uow.session.get(VoucherDraft, (uow.village, drafts[0].id))))
        else:
            laptop.edit(VoucherDraft, drafts[0].id, summary=text)

    @rule(who=which, period=st.sampled_from(["2025-11", "2025-12"]))
    def lock_a_month(self, who: int, period: str) -> None:
        laptop = self.laptops[who]
        if period not in {one.period for one in laptop.all(MonthLock)}:
            lock(laptop, period)

    @rule(who=which, requests=st.integers(0, 1), answers=st.integers(0, 1))
    def sync(self, who: int, requests: int, answers: int) -> None:
        laptop = self.laptops[who]
        laptop.line.lose_requests, laptop.line.lose_answers = requests, answers
        try:
            laptop.sync()
        except UserError as error:
            assert "断了" in error.what
        laptop.line.lose_requests = laptop.line.lose_answers = 0

    @rule(who=which)
    def restart(self, who: int) -> None:
        laptop = self.laptops[who]
        laptop.workspace.close()
        self._reopen(who, laptop.workspace.folder)

    @rule()
    def back_up_the_first_laptop(self) -> None:
        laptop = self.laptops[0]
        laptop.workspace.close()
        backup = self.folder / f"backup{len(self.backups)}"
        shutil.copytree(laptop.workspace.folder, backup)
        self.backups.append(backup)
        self._reopen(0, laptop.workspace.folder)

    @rule(data=st.data())
    def restore_the_first_laptop(self, data: st.DataObject) -> None:
        """Only after everything was sent: what was never sent is lost with the disk, and nobody can help that."""
        if not self.backups:
            return
        laptop = self.laptops[0]
        laptop.sync()
        backup = data.draw(st.sampled_from(self.backups))
        laptop.workspace.close()
        shutil.rmtree(laptop.workspace.folder)
        shutil.copytree(backup, laptop.workspace.folder)
        self._reopen(0, laptop.workspace.folder)

    @invariant()
    def nothing_is_missing(self) -> None:
        """Each note is in the log of the county, or still in the log of a laptop."""
        if not self.laptops:
            return
        with self.county.engine.connect() as connection:
            known = b"".join(connection.scalars(select(oplog.c.offered).where(oplog.c.table_name == "household")))
        text = known.decode("utf-8", "replace")
        for laptop in self.laptops:
            with laptop.workspace.engine.connect() as connection:
                text += "".join(
                    new or "" for new in connection.scalars(select(change_log.c.new).where(change_log.c.origin == 0))
                )
        assert all(note in text for note in self.notes)

    def teardown(self) -> None:
        if self.laptops:
            sync_until_quiet(*self.laptops)
            first, second = (
                [self._content(laptop, one) for one in (Household, Person, HeldChange, VoucherDraft, MonthLock)]
                for laptop in self.laptops
            )
            assert first == second
            standing = {row.head_name for row in self.laptops[0].all(Household)}
            assert self.notes <= standing
            for laptop in self.laptops:
                postings = laptop.all(Posting)
                assert sum(one.debit_fen for one in postings) == sum(one.credit_fen for one in postings)
        self.maker.close()
        self._opened.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _reopen(self, who: int, folder: Path) -> None:
        old = self.laptops[who]
        self.laptops[who] = self.maker.open(folder, old.workspace.key, self.county)
        self.laptops[who].line = DirectLine(self.county, down_limit=300)

    def _first(self, who: int) -> Any:
        rows = [row for row in self.laptops[who].all(Household) if row.number and row.merged_into is None]
        return rows[0] if rows else None

    @staticmethod
    def _content(laptop: Laptop, record: type[Any]) -> list[tuple[Any, ...]]:
        names = [column.name for column in record.__table__.columns]
        return [tuple(getattr(row, name) for name in names) for row in laptop.all(record)]


def test_any_interleaving_ends_equal(laptop_templates: list[tuple[Path, bytes]], sqlite_template: Path) -> None:
    class Here(Village):
        templates = laptop_templates
        county_template = sqlite_template

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=8,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
