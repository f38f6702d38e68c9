"""Two laptops enrol, part for a week, change different and the same things, and meet at the county again.

Both are real windows on encrypted workspaces; the county is a real process on PostgreSQL, reached over HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.bootstrap import create_workspace
from desktop_app.demo.people import make_village, write_sheet
from desktop_app.households.editing import save_household
from desktop_app.households.queries import get_household, list_households
from desktop_app.households.service import import_households
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.workspace import Workspace
from desktop_app.sync.proof import verify_all
from desktop_app.sync.screens.join_page import JoinPage
from desktop_app.sync.screens.sync_page import SyncPage
from desktop_app.window import build_window
from tests.counties import new_postgres
from tests.sync_e2e.test_real_processes import Programs
from tests.workspaces import PASSPHRASE, VILLAGE
from village_core.domain.clock import FixedClock


class Desk:
    """One laptop with its window."""

    def __init__(self, qtbot: QtBot, workspace: Workspace, appearance: Appearance) -> None:
        self.qtbot = qtbot
        self.workspace = workspace
        self.window: MainWindow = build_window(workspace, appearance=appearance)
        self.window.resize(1366, 768)
        self.window.show()
        self.window.start()
        self.settle()

    def settle(self) -> None:
        for _ in range(2):
            QApplication.processEvents()
            self.qtbot.waitUntil(lambda: not self.window.tasks.busy, timeout=60_000)

    def join(self, url: str, code: str) -> None:
        self.window.navigator.open("sync_join")
        self.settle()
        page = self.window.navigator.page
        assert isinstance(page, JoinPage)
        page.sheet.editor("url").set_typed(url)
        page.sheet.editor("code").set_typed(code)
        page.join_button.click()
        self.settle()

    def sync(self) -> SyncPage:
        self.window.navigator.open("sync")
        self.settle()
        page = self.window.navigator.page
        assert isinstance(page, SyncPage)
        page.sync_button.click()
        self.settle()
        return page

    def edit(self, household_id: UUID, **values: Any) -> None:
        with self.workspace.reader() as reader:
            before = dict(get_household(reader, household_id).values)
        with self.workspace.unit_of_work(reason="改户情") as uow:
            save_household(uow, household_id, before | values)
            uow.commit()

    def value(self, household_id: UUID, name: str) -> object:
        with self.workspace.reader() as reader:
            return get_household(reader, household_id).values[name]

    def waiting(self) -> str:
        """What the status bar says about changes that wait."""
        with self.workspace.reader() as reader:
            items = [item for provide in self.window.registry.status for item in provide(reader)]
        return min(items, key=lambda item: item.order).text

    def close(self) -> None:
        self.window.close()
        self.window.tasks.shutdown()
        self.window.deleteLater()
        self.workspace.close()


@contextmanager
def desk(qtbot: QtBot, folder: Path, person: str, *, clock: FixedClock, appearance: Appearance) -> Iterator[Desk]:
    workspace = create_workspace(
        folder, village=VILLAGE, name="太平村", person=person, passphrase=PASSPHRASE, clock=clock
    )
    made = Desk(qtbot, workspace, appearance)
    yield made
    made.close()


@pytest.fixture
def programs(tmp_path: Path, postgres: str) -> Iterator[Programs]:
    with new_postgres(postgres) as database:
        yield Programs(tmp_path, database)


def test_two_laptops_meet_at_the_county_after_a_week_apart(
    qtbot: QtBot, tmp_path: Path, programs: Programs, clock: FixedClock, appearance: Appearance
) -> None:
    sheet = tmp_path / "农户.xlsx"
    write_sheet(sheet, make_village(31, 30))
    programs.county("village", "add", VILLAGE, "太平村")
    codes = [programs.county("enrol", VILLAGE, "--role", role)["code"] for role in ("报账员", "文书")]
    with (
        desk(qtbot, tmp_path / "first", "李琼仙", clock=clock, appearance=appearance) as first,
        desk(qtbot, tmp_path / "second", "起学英", clock=clock, appearance=appearance) as second,
    ):
        import_households(first.workspace, sheet, dry_run=False)
        with first.workspace.reader() as reader:
            phone_here, account_here, *_ = [row.id for row in list_households(reader)]
        with programs.serving() as url:
            first.join(url, codes[0])
            second.join(url, codes[1])
            first.sync()
            second.sync()
        assert second.value(phone_here, "group_name") == first.value(phone_here, "group_name")

        # a week apart, without any network
        first.edit(phone_here, phone="13987800001")
        second.edit(phone_here, note="在昆明务工，春节回来")
        first.edit(account_here, bank_account="6217001774927806219")
        second.edit(account_here, bank_account="6217004186790519281")
        clock.moment += timedelta(days=7)
        assert [one.waiting() for one in (first, second)] == ["还有 2 条没送到县里"] * 2

        with programs.serving() as url:
            for one in (first, second):
                one.workspace.set_state("county.url", url)
            for one in (first, second, first, second):
                one.sync()
            for one in (first, second):
                assert one.value(phone_here, "phone") == "13987800001"
                assert one.value(phone_here, "note") == "在昆明务工，春节回来"
                assert one.value(account_here, "bank_account") == "6217001774927806219", "what came first stands"
            reports = [verify_all(one.workspace) for one in (first, second)]
            assert all(report.ok for report in reports), [report.problems for report in reports]
            county = programs.county("status")["villages"][0]
            assert reports[0].digests == reports[1].digests == county["digests"]
            assert county["held"] == 1
