"""Every page of the window, in a village with a case in it: no full number stands anywhere until 显示 is pressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from sqlalchemy import select

from desktop_app.ledger.queries import list_vouchers
from desktop_app.notices.screens.preview_page import PreviewPage
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.workspace import Workspace
from desktop_app.window.papers import paper_makers
from desktop_app.window.registration import build_registry
from tests.counties import County
from tests.domain.relief.builder import ROAD
from tests.every_paper import ACCOUNT, IDENTITY, NOTE, PHONE, ready_for_every_paper
from tests.households.village import add_family, fill
from tests.laptops import Laptop, LaptopMaker
from tests.pdf_kit.reading import squeezed
from tests.relief.village import add_household, furnish, start_case, walk
from tests.sync_e2e.test_sync_page import Desk
from tests.sync_e2e.window_desk import desk
from village_core.domain.relief.steps import StepKind
from village_core.records.households import Household, Person
from village_core.records.settings import CollectiveBankAccount

__all__ = ["desk"]

Settle = Callable[[], None]
ON_PAPER = {"preview"}
"""Shows pictures of paper: their text is read, not the widgets'."""

NEEDS_MORE = {"case_paper"}
"""About one picture: it says which paper it is and shows no field of anybody."""

EDITS_NOTES = {"household_edit"}
"""Who edits a note sees the sentence as somebody typed it; elsewhere numbers in it are covered, too."""


def numbers_of(workspace: Workspace) -> set[str]:
    """All numbers that are nobody's business."""
    with workspace.reader() as reader:
        columns = (Household.phone, Household.bank_account, Person.id_number, Person.phone)
        found = {number for column in columns for number in reader.session.scalars(select(column)) if number}
        return found | set(reader.session.scalars(select(CollectiveBankAccount.account_number)))


def texts_of(window: QWidget) -> Iterator[str]:
    """Everything that can be read, copied or hovered over."""
    for widget in [window, *window.findChildren(QWidget)]:
        yield widget.windowTitle()
        yield widget.accessibleName()
        if not widget.isVisible():
            continue
        yield widget.toolTip()
        if isinstance(widget, QLabel | QLineEdit | QAbstractButton):
            yield widget.text()
        elif isinstance(widget, QPlainTextEdit):
            yield widget.toPlainText()
        elif isinstance(widget, QComboBox):
            yield from (widget.itemText(index) for index in range(widget.count()))
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            model = widget.model()
            for row in range(model.rowCount()):
                for column in range(model.columnCount()):
                    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                        yield str(model.index(row, column).data(role))


def places(workspace: Workspace, case_id: UUID, household: UUID, person: UUID) -> dict[str, Any]:
    """Arguments enough for any page; each takes those that it knows."""
    with workspace.reader() as reader:
        voucher = list_vouchers(reader)
        account = reader.session.scalar(select(CollectiveBankAccount.id))
    return {
        "case_id": case_id,
        "household_id": household,
        "person_id": person,
        "account_id": account,
        "voucher_id": voucher[-1].voucher_id if voucher else None,
        "year": 2025,
        "name": workspace.actor.name,
    }


def test_no_page_shows_a_full_number_until_it_is_asked_for(
    workspace: Workspace, window: MainWindow, settle: Settle, appearance: Appearance, tmp_path: Path
) -> None:
    furnish(workspace)
    fill(workspace, tmp_path, households=6)
    household, _, son = add_family(workspace, bank_account="6217006317066907433", phone="13987650001")
    mine = add_household(workspace)
    with workspace.unit_of_work(reason="补号码 13987650001") as uow:
        found = uow.session.get(Household, (uow.village, mine))
        assert found is not None
        found.bank_account, found.phone = ACCOUNT, PHONE
        found.note = NOTE
        uow.commit()
    case_id = start_case(workspace, mine)
    walk(workspace, case_id, until=StepKind.PAYMENT)
    paid = start_case(workspace, add_household(workspace, group="上村"))
    walk(workspace, paid, until=ROAD[ROAD.index(StepKind.PAYMENT) + 1])
    numbers = numbers_of(workspace)
    assert len(numbers) > 15
    visited, shown, unopened = [], [], set()
    for key in build_registry(appearance).makers:
        if key in ON_PAPER:
            continue
        for whose in (places(workspace, case_id, mine, son), places(workspace, case_id, household, son)):
            try:
                window.navigator.open(key, **{name: value for name, value in whose.items() if value is not None})
            except (AssertionError, KeyError):
                unopened.add(key)
                continue
            settle()
            visited.append(key)
            everything = "\n".join(texts_of(window))
            in_notes = NOTE if key in EDITS_NOTES else ""
            shown += [(key, number) for number in numbers if number in everything.replace(in_notes, "")]
    assert unopened <= NEEDS_MORE
    assert len(set(visited)) > 35
    assert sorted(set(shown)) == []


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker) -> Laptop:
    return make_laptop(small_county, enrolled=False)


@pytest.fixture
def papers(laptop: Laptop, tmp_path: Path) -> dict[str, dict[str, Any]]:
    return ready_for_every_paper(laptop, tmp_path)


def test_no_paper_in_the_preview_shows_a_full_number_until_it_is_asked_for(
    papers: dict[str, dict[str, Any]], laptop: Laptop, desk: Desk
) -> None:
    numbers, seen = numbers_of(laptop.workspace), []
    assert numbers >= {ACCOUNT, PHONE, IDENTITY}
    assert papers.keys() == paper_makers().keys()
    for kind, wanted in papers.items():
        desk.window.navigator.open("preview", kind=kind, **wanted)
        desk.settle()
        page = desk.page
        assert isinstance(page, PreviewPage)
        paper = page.paper
        assert paper is not None and paper.kind == kind
        told = squeezed(paper.rendered.data) + paper.title + paper.subject + paper.file_name
        seen += [(kind, number) for number in numbers if number in told]
    assert seen == []


def test_the_search_box_finds_by_number_and_shows_none(
    workspace: Workspace, window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    add_family(workspace, bank_account="6217006317066907433", phone="13987650001")
    box = window.search.box if hasattr(window.search, "box") else window.findChild(QLineEdit)
    assert isinstance(box, QLineEdit)
    box.setFocus()
    box.setText("13987650001")
    settle()
    settle()
    own = [text for text in texts_of(window) if text != "13987650001"]
    assert not [text for text in own if any(number in text for number in numbers_of(workspace))]
