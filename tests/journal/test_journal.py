"""Both logs read together as sentences; filtered, printed, exported; never a full number."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from desktop_app.households.editing import save_household, save_person
from desktop_app.journal.queries import ACCESS, CHANGES, JournalFilter, find_subjects, list_actors, list_journal
from desktop_app.journal.screens.journal_page import JournalPage
from desktop_app.journal.sentences import ACCESS_WORDS
from desktop_app.journal.sheet import export_journal, prepare_journal
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.access_log import list_access
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.storage.workspace import Workspace
from desktop_app.widgets.buttons import Button
from tests.pdf_kit.reading import squeezed
from village_core.domain.clock import FixedClock
from village_core.domain.ids import new_id
from village_core.domain.masking import has_full_number
from village_core.records.households import Household, Person

ID_NUMBER = "532327198001010015"
Settle = Callable[[], None]


@pytest.fixture
def household(workspace: Workspace) -> UUID:
    """3组 张三家: a household, his telephone corrected, his number read, an import of many."""
    key, person = new_id(), new_id()
    with workspace.unit_of_work(reason="入户") as uow:
        uow.session.add(Household(village=uow.village, id=key, head_name="张三", group_name="3组", phone="13812340001"))
        uow.session.flush()
        uow.session.add(Person(village=uow.village, id=person, household_id=key, name="张三", relation="户主"))
        uow.commit()
    with workspace.unit_of_work(reason="电话换了") as uow:
        save_household(uow, key, {"phone": "13912340002"})
        uow.commit()
    workspace.log_access("reveal", "3组 张三家", "证件号码", about=key, reason="核对存折")
    with workspace.unit_of_work(reason="从 Excel 导入：农户.xlsx") as uow:
        for number in range(80):
            uow.session.add(Household(village=uow.village, id=new_id(), head_name=f"户{number}", group_name="4组"))
        uow.commit()
    return key


def sentences(workspace: Workspace, wanted: JournalFilter | None = None) -> list[str]:
    with workspace.reader() as reader:
        return [line.sentence for line in list_journal(reader, wanted or JournalFilter()).lines]


def test_a_change_reads_as_who_changed_what_from_what_to_what_and_why(workspace: Workspace, household: UUID) -> None:
    with workspace.reader() as reader:
        lines = {line.reason: line for line in list_journal(reader, JournalFilter()).lines}
    changed = lines["电话换了"]
    assert changed.sentence == "把 3组 张三家 的联系电话 由 138****0001 改为 139****0002"
    assert (changed.who, f"{changed.at:%Y-%m-%d %H:%M}") == ("李琼仙", "2026-11-22 10:00")
    assert lines["核对存折"].sentence == "看了 3组 张三家 的完整号码（证件号码）"
    assert lines["从 Excel 导入：农户.xlsx"].sentence == "新增 80 户"
    assert lines["入户"].sentence == "登记了 3组 张三家；登记了 3组 张三家 张三"


def test_it_is_filtered_by_household_person_actor_kind_and_day(
    workspace: Workspace, household: UUID, clock: FixedClock
) -> None:
    with workspace.reader() as reader:
        ((found, person, words),) = find_subjects(reader, "张三")
        actors = dict(list_actors(reader))
        one = reader.session.query(Person.id).filter(Person.household_id == household).scalar()
    assert (found, person, words) == (household, None, "3组 张三家")
    about = sentences(workspace, JournalFilter(household=household))
    assert len(about) == 3
    of_person = sentences(workspace, JournalFilter(person=one))
    assert sorted(of_person) == ["登记了 3组 张三家 张三", "看了 3组 张三家 的完整号码（证件号码）"]
    assert len(sentences(workspace, JournalFilter(household=household, kind=ACCESS))) == 1
    assert len(sentences(workspace, JournalFilter(household=household, kind=CHANGES))) == 2
    assert sentences(workspace, JournalFilter(actor=new_id())) == []
    assert len(sentences(workspace, JournalFilter(actor=workspace.actor.person_id))) >= 4
    assert actors[workspace.actor.person_id] == "李琼仙"
    clock.moment += timedelta(days=1)
    workspace.log_access("export", "农户", "81 户")
    assert sentences(workspace, JournalFilter(start=date(2026, 11, 23))) == ["导出农户（81 户）"]
    assert "导出农户（81 户）" not in sentences(workspace, JournalFilter(end=date(2026, 11, 22)))


def test_no_full_number_stands_in_it_whatever_was_written(workspace: Workspace, household: UUID) -> None:
    def deed(uow: UnitOfWork) -> None:
        save_person(
            uow,
            None,
            household,
            {"name": "张小妹", "relation": "之女", "id_number": ID_NUMBER, "phone": "13812345678", "note": ID_NUMBER},
        )
        save_household(uow, household, {"bank_account": "6217001234567891234", "note": "卡 6217001234567891234"})

    with workspace.unit_of_work(reason=f"证 {ID_NUMBER}") as uow:
        deed(uow)
        uow.commit()
    with workspace.unit_of_work(reason="改") as uow:
        save_household(uow, household, {"bank_account": "6217001234567895678", "note": "卡 6217001234567895678"})
        uow.commit()
    workspace.log_access("reveal", f"张小妹 {ID_NUMBER}", "13812345678", reason="6217001234567891234")
    with workspace.reader() as reader:
        lines = list_journal(reader, JournalFilter()).lines
    shown = "\n".join(f"{line.sentence} {line.reason}" for line in lines)
    assert not has_full_number(shown)
    assert "由 **** **** 1234 改为 **** **** 5678" in shown


def test_it_is_printed_and_exported_with_a_watermark_and_that_is_noted(
    workspace: Workspace, household: UUID, tmp_path: Path
) -> None:
    wanted = JournalFilter(household=household)
    paper = prepare_journal(workspace, wanted=wanted, about="3组 张三家")()
    text = squeezed(paper.rendered.data)
    assert "138****0001" in text
    assert "田埂太平村李琼仙2026-11-2210:00" in text
    sheet = tmp_path / "日志.xlsx"
    assert export_journal(workspace, sheet, wanted=wanted, about="3组 张三家") == 3
    with zipfile.ZipFile(sheet) as book:
        whole = "".join(book.read(name).decode() for name in book.namelist())
    assert "<dc:creator>李琼仙</dc:creator>" in whole
    assert "田埂　太平村　李琼仙　2026-11-22 10:00" in whole
    assert "把 3组 张三家 的联系电话 由 138****0001 改为 139****0002" in whole
    with workspace.reader() as reader:
        assert list_access(reader.session)[0].subject == "操作日志"


def test_the_page_is_opened_from_settings_and_finds_a_household_by_name(
    workspace: Workspace, household: UUID, window: MainWindow, settle: Settle
) -> None:
    window.context.navigate.open("journal")
    settle()
    page = window.navigator.page
    assert isinstance(page, JournalPage)
    assert len(page.table.rows) >= 4
    page.name.setText("张三")
    page.look_for()
    settle()
    settle()
    assert {"改动", "3组 张三家"} & set(page.about().split("，"))
    assert len(page.table.rows) == 3
    page.name.setText("")
    settle()
    assert len(page.table.rows) >= 4


def test_every_kind_that_the_program_writes_has_a_word() -> None:
    root = Path(__file__).resolve().parents[2] / "desktop_app"
    written = {
        kind
        for path in root.rglob("*.py")
        for kind in re.findall(r'log_access\(\s*"(\w+)"|kind="(\w+)",\s*subject', path.read_text(encoding="utf-8"))
        for kind in kind
        if kind
    }
    assert {"reveal", "export", "print", "login", "lock", "refusal", "backup", "restore", "sync"} <= written
    assert written <= {*ACCESS_WORDS}


def test_from_a_household_one_press_leads_to_its_entries_and_from_elsewhere_all_are_there(
    window: MainWindow, settle: Settle, workspace: Workspace, household: UUID
) -> None:
    window.navigator.open("journal")
    settle()
    journal = window.navigator.page
    assert isinstance(journal, JournalPage)
    journal.start.set_value(date(2027, 1, 1))
    window.navigator.open("household", household_id=household)
    settle()
    page = window.navigator.page
    assert page is not None
    button = next(one for one in window.findChildren(Button) if one.text() == "操作日志" and one.isVisible())
    button.click()
    settle()
    assert window.navigator.page is journal
    assert journal.about() == "3组 张三家", "a day that was asked for before does not hide anything"
    assert len(journal.table.rows) == 3
    window.navigator.back()
    settle()
    assert window.navigator.page is page
    window.navigator.open("journal")
    settle()
    assert journal.about() == ""
    assert len(journal.table.rows) > 3
