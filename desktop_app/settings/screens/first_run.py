"""The first run: whose village, who is at the keyboard, with a county or without. Or a backup is restored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskRunner
from desktop_app.settings.screens.entry_frame import EntryFrame, PageStack
from desktop_app.settings.screens.first_run_pages import (
    CountyStep,
    PersonStep,
    RestoreStep,
    Step,
    VillageStep,
)
from desktop_app.widgets.buttons import Button, button, link_button, primary_button
from desktop_app.widgets.look import px
from desktop_app.widgets.progress_strip import ProgressStrip
from village_core.domain.errors import UserError

if TYPE_CHECKING:
    from desktop_app.background.tasks import TaskContext
    from desktop_app.storage.workspace import Workspace


@dataclass(frozen=True)
class NewVillage:
    """What the three pages gathered. `county_url` empty: without a county."""

    village: str
    name: str
    person: str
    passphrase: str
    county_url: str = ""
    code: str = ""
    ca_file: Path | None = None


@dataclass(frozen=True)
class FirstRunDeeds:
    """What the window can do for the first run; called off the main thread. Each raises `UserError`."""

    create: Callable[[NewVillage], Workspace]
    restore: Callable[[Path, str], Workspace]


class FirstRun(EntryFrame):
    """Three pages and a way back; typed text survives every failure."""

    opened = Signal(object)
    """The open workspace."""
    failed = Signal(object)
    """A defect of ours."""

    def __init__(self, deeds: FirstRunDeeds, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._deeds = deeds
        self._tasks = tasks
        self.village = VillageStep()
        self.person = PersonStep()
        self.county = CountyStep()
        self.restore = RestoreStep()
        self._pages: tuple[Step, ...] = (self.village, self.person, self.county, self.restore)
        self.stack = PageStack(self)
        self.progress = ProgressStrip(self)
        self.next_button: Button = primary_button("下一步", self.go_on)
        self.back_button: Button = button("上一步", self.go_back)
        self.restore_button: Button = link_button("换了电脑？从备份恢复", lambda: self._go(3))
        self._build()
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.go_back)
        self._go(0)

    @property
    def step(self) -> int:
        """0, 1, 2 for the three pages, 3 for the backup."""
        return self.stack.shown

    def go_on(self) -> None:
        """Check the page; go to the next one, or do it all after the last."""
        if not self.next_button.isEnabled():
            return
        page = self._pages[self.step]
        mistakes = page.mistakes()
        page.sheet.mark(mistakes)
        self.trouble.set_clause("", "")
        if mistakes:
            return
        if self.step < 2:
            self._go(self.step + 1)
        else:
            self._finish()

    def go_back(self) -> None:
        """The page before; from the backup to the first page."""
        if self.back_button.isEnabled() and self.step > 0:
            self._go(0 if self.step == 3 else self.step - 1)

    def new_village(self) -> NewVillage:
        """What was typed so far."""
        village, person = self.village.sheet.values(), self.person.sheet.values()
        county: dict[str, Any] = self.county.values()
        return NewVillage(
            village=village["village"],
            name=village["name"],
            person=person["person"],
            passphrase=person["passphrase"],
            county_url=county["url"],
            code=county["code"],
            ca_file=county["ca_file"],
        )

    def _go(self, number: int) -> None:
        page = self._pages[number]
        self.stack.show_page(number)
        self.trouble.set_clause("", "")
        self.set_title(page.title, page.lead, step=page.step_words)
        self.back_button.setVisible(number > 0)
        self.restore_button.setVisible(number == 0)
        self.next_button.setText({2: "建好村里的资料", 3: "恢复这份备份"}.get(number, "下一步"))
        page.sheet.focus_first()

    def _finish(self) -> None:
        deeds = self._deeds
        if self.step == 3:
            source, passphrase = self.restore.source, self.restore.sheet.values()["passphrase"]
            assert source is not None
            what = "正在恢复备份"

            def work(_: TaskContext) -> Workspace:
                return deeds.restore(source, passphrase)
        else:
            new = self.new_village()
            what = "正在建立加密的资料，并登记到县里" if new.county_url else "正在建立加密的资料"

            def work(_: TaskContext) -> Workspace:
                return deeds.create(new)

        self._set_working(what)
        self._tasks.run(work, lane=Lane.IO, owner=self, on_done=self._on_opened, on_error=self._on_failed)

    def _set_working(self, what: str) -> None:
        self.next_button.setEnabled(not what)
        self.back_button.setEnabled(not what)
        if what:
            self.progress.start(what, can_stop=False)
        else:
            self.progress.finish()

    def _on_opened(self, workspace: Workspace) -> None:
        self._set_working("")
        self.opened.emit(workspace)

    def _on_failed(self, error: Exception) -> None:
        self._set_working("")
        if isinstance(error, UserError):
            self.show_trouble(error)
        else:
            self.failed.emit(error)

    def _build(self) -> None:
        for page in self._pages:
            self.stack.add(page)
            page.sheet.finished.connect(self.next_button.setFocus)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(12))
        buttons.addWidget(self.restore_button)
        buttons.addStretch(1)
        buttons.addWidget(self.back_button)
        buttons.addWidget(self.next_button)
        foot = QVBoxLayout()
        foot.setSpacing(px(10))
        foot.addWidget(self.progress)
        foot.addLayout(buttons)
        self.fill(self.stack, foot)
