"""The pages of 农户 in the real window, driven as a clerk drives them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.demo.people import make_village
from desktop_app.households.editing import save_household, save_person
from desktop_app.households.photos import list_photos
from desktop_app.households.queries import get_household, list_households
from desktop_app.households.screens.household_form import HouseholdForm
from desktop_app.households.screens.household_list import HouseholdsPage
from desktop_app.households.screens.household_page import HouseholdPage
from desktop_app.households.screens.import_page import ImportPage
from desktop_app.households.screens.member_forms import HeadForm, LeavingForm
from desktop_app.households.screens.person_form import PersonForm
from desktop_app.households.search import search_persons
from desktop_app.journal.queries import ACCESS, JournalFilter, list_journal
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.workspace import Workspace
from desktop_app.widgets.editor import LongTextEdit
from tests.domain.households.sheets import with_check
from tests.households.village import HEAD_NUMBER, add_family, detail, fill, sheet_of, state
from tests.windows import page_of

Settle = Callable[[], None]


def test_an_empty_list_says_what_to_do_and_leads_to_the_import(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("households")
    settle()
    page = page_of(window, HouseholdsPage)
    assert "还没有农户" in page.table.empty.text()
    page.open_import()
    settle()
    page_of(window, ImportPage)


def test_clerk_imports_a_sheet_and_finds_a_person(
    window: MainWindow, settle: Settle, workspace: Workspace, tmp_path: Path
) -> None:
    rows = make_village(4, 20)
    rows[3]["证件号码"] = "5.32327E+17"
    wanted = rows[7]
    path = sheet_of(tmp_path, rows, "监测对象信息.xlsx")
    before = state(workspace)
    window.navigator.open("household_import", path=path)
    settle()
    page = page_of(window, ImportPage)
    assert f"表里有 {len(rows)} 人：新增 {len(rows) - 1}，没有收下 1" in page.summary.text()
    (line,) = page.table.rows
    assert (line.row, line.name, line.column) == (7, rows[3]["姓名"], "证件号码")
    assert "Excel" in page.table.footer.text()
    assert state(workspace) == before
    page.import_button.click()
    settle()
    assert "导好了" in page.summary.text()
    page.save_rejected(tmp_path / "没收.xlsx")
    settle()
    assert (tmp_path / "没收.xlsx").exists()
    page.list_button.click()
    settle()
    listed = page_of(window, HouseholdsPage)
    assert isinstance(listed, HouseholdsPage)
    assert len(listed.table.rows) == 20
    assert f"20 户　{len(rows) - 1} 人" in listed.table.footer.text()
    listed.search.setText(wanted["证件号码"])
    listed._pause.timeout.emit()
    settle()
    (found,) = listed.table.rows
    listed.table.open_current()
    settle()
    shown = page_of(window, HouseholdPage)
    assert isinstance(shown, HouseholdPage)
    assert wanted["姓名"] in [member.name for member in shown.members.rows]
    assert found.title in shown.title


def test_a_preview_can_be_given_up_and_a_bad_file_is_refused(
    window: MainWindow, settle: Settle, workspace: Workspace, tmp_path: Path
) -> None:
    path = sheet_of(tmp_path, make_village(4, 5))
    bad = tmp_path / "坏.xlsx"
    bad.write_bytes(b"no sheet")
    before = state(workspace)
    window.navigator.open("household_import", path=path)
    settle()
    page = page_of(window, ImportPage)
    page.other_button.click()
    assert page.drop.isVisible()
    page.read_file(bad)
    settle()
    assert page.drop.isVisible()
    window.trouble.close()
    assert state(workspace) == before


def test_chips_and_groups_filter_the_list(
    window: MainWindow, settle: Settle, workspace: Workspace, tmp_path: Path
) -> None:
    fill(workspace, tmp_path, households=60)
    window.navigator.open("households")
    settle()
    page = page_of(window, HouseholdsPage)
    page.chips.chip("脱贫户").click()
    settle()
    assert {row.kind for row in page.table.rows} == {"脱贫户"}
    group = page.table.rows[0].group_name
    page.group.set_value(group)
    page.group.changed.emit()
    settle()
    assert {(row.kind, row.group_name) for row in page.table.rows} == {("脱贫户", group)}
    page.chips.chip("all").click()
    settle()
    assert {row.group_name for row in page.table.rows} == {group}
    page.search.setText("没有这个人")
    page._pause.timeout.emit()
    settle()
    assert "没有符合的户" in page.table.empty.text()


def test_a_new_household_is_typed_with_its_head(window: MainWindow, settle: Settle, workspace: Workspace) -> None:
    window.navigator.open("households")
    settle()
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    settle()
    page = page_of(window, HouseholdForm)
    page.save_now()
    assert page.sheet.fields["head_person_name"].mistake
    page.sheet.editor("head_person_name").set_value("罗建国")
    page.sheet.editor("head_id_number").set_value(HEAD_NUMBER[:17] + "X")
    page.sheet.editor("group_name").set_value("大平地")
    page.save_now()
    assert "最后一位" in page.sheet.fields["head_id_number"].mistake
    page.sheet.editor("head_id_number").set_value(HEAD_NUMBER)
    page.sheet.editor("wage_fen").set_value(1_200_000)
    page.save_now()
    settle()
    shown = page_of(window, HouseholdPage)
    assert isinstance(shown, HouseholdPage)
    assert shown.title == "罗建国家"
    with workspace.reader() as reader:
        (row,) = list_households(reader)
    assert (row.group_name, row.size) == ("大平地", 1)


def test_the_number_fills_birth_and_sex_while_it_is_typed(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    household, *_ = add_family(workspace)
    window.navigator.open("person_edit", household_id=household)
    settle()
    page = page_of(window, PersonForm)
    editor = page.sheet.editor("id_number")
    QTest.keyClicks(editor.input_widget(), with_check("532327197705206020"))
    assert page.sheet.editor("birth_date").typed() == "1977年5月20日"
    assert page.sheet.editor("sex").value() == "女"
    assert "号码是对的" in page.sheet.fields["id_number"].note.text()
    page.sheet.editor("name").set_value("李桂芳")
    page.sheet.editor("relation").set_value("配偶")
    page.save_now()
    settle()
    assert [member.name for member in detail(workspace, household).members] == ["罗建国", "罗小松", "李桂芳"]


def test_what_was_typed_comes_back_after_leaving_the_form(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    household, _, son = add_family(workspace)
    window.navigator.open("household", household_id=household)
    settle()
    window.navigator.open("person_edit", household_id=household, person_id=son)
    settle()
    page = page_of(window, PersonForm)
    note = page.sheet.editor("note")
    assert isinstance(note, LongTextEdit)
    note.area.insertPlainText("外出打工")
    window.navigator.back()
    settle()
    window.navigator.open("person_edit", household_id=household, person_id=son)
    settle()
    assert page.sheet.editor("note").typed() == "外出打工"
    assert not page.draft_bar.isHidden()


def test_what_came_from_elsewhere_meanwhile_is_not_written_over_by_an_open_form(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    household_id = add_family(workspace)[0]
    window.navigator.open("household_edit", household_id=household_id)
    settle()
    form = window.navigator.page
    assert isinstance(form, HouseholdForm)
    form.sheet.editor("note").set_typed("家里新添了一头牛")
    form.sheet.editor("note").changed.emit()
    with workspace.unit_of_work(reason="从县里来的") as uow:
        save_household(uow, household_id, {"phone": "13987800001"})
        uow.commit()
    form.save_now()
    settle()
    with workspace.reader() as reader:
        values = get_household(reader, household_id).values
    assert (values["phone"], values["note"]) == ("13987800001", "家里新添了一头牛")


def test_an_open_form_of_a_person_writes_only_what_was_typed(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    household_id, head_id, _ = add_family(workspace)
    window.navigator.open("person_edit", household_id=household_id, person_id=head_id)
    settle()
    form = window.navigator.page
    assert isinstance(form, PersonForm)
    form.sheet.editor("phone").set_typed("13987800001")
    form.sheet.editor("phone").changed.emit()
    with workspace.unit_of_work(reason="从县里来的") as uow:
        save_person(uow, head_id, household_id, {"education": "初中"})
        uow.commit()
    form.save_now()
    settle()
    member = next(one for one in detail(workspace, household_id).members if one.id == head_id)
    assert (member.values["phone"], member.values["education"]) == ("13987800001", "初中")


def test_the_household_page_tells_its_history_and_shows_photos(
    window: MainWindow, settle: Settle, workspace: Workspace, tmp_path: Path
) -> None:
    household, *_ = add_family(workspace)
    Image.new("RGB", (120, 90), "#2F7D4F").save(tmp_path / "房屋.jpg")
    (tmp_path / "坏.jpg").write_bytes(b"no photo")
    window.navigator.open("household", household_id=household)
    settle()
    page = page_of(window, HouseholdPage)
    page.photos.drop.take([tmp_path / "房屋.jpg"])
    settle()
    assert page.photos.findChild(type(page.photos), "thumb") is None
    thumbs = [child for child in page.photos.findChildren(object) if child.objectName() == "thumb"]
    assert len(thumbs) == 1
    told = "\n".join(label.text() for label in page.history.findChildren(object) if hasattr(label, "text"))
    assert "李琼仙：放了一张照片“房屋”" in told
    with workspace.reader() as reader:
        (photo,) = list_photos(reader, household)
    page.show_photo(photo)
    settle()
    (dialog,) = window.findChildren(QDialog)
    dialog.close()
    with workspace.reader() as reader:
        (seen,) = list_journal(reader, JournalFilter(household=household, kind=ACCESS)).lines
    assert seen.sentence.startswith("看了 ")
    assert seen.sentence.endswith("家 的照片（房屋）")
    page.photos.drop.take([tmp_path / "坏.jpg"])
    settle()
    window.trouble.close()
    thumbs = [child for child in page.photos.findChildren(object) if child.objectName() == "thumb"]
    assert len(thumbs) == 1


def test_the_head_is_changed_and_somebody_leaves_and_comes_back(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    household, head, son = add_family(workspace)
    window.navigator.open("household", household_id=household)
    settle()
    window.navigator.open("household_head", household_id=household)
    settle()
    page = page_of(window, HeadForm)
    page.sheet.editor("head").set_value(son)
    page._hide_new_head()
    page.save_now()
    assert "罗建国" in page.sheet.fields[head.hex].mistake
    page.sheet.editor(head.hex).set_value("之父")
    page.save_now()
    settle()
    assert detail(workspace, household).title == "罗小松"
    window.navigator.open("person_leave", household_id=household, person_id=head)
    settle()
    leaving = page_of(window, LeavingForm)
    assert isinstance(leaving, LeavingForm)
    leaving.sheet.editor("reason").set_value("其他")
    leaving.save_now()
    assert leaving.sheet.fields["words"].mistake
    leaving.sheet.editor("reason").set_value("去世")
    leaving.save_now()
    settle()
    assert len(detail(workspace, household).members) == 1
    window.frame.messages.undo()
    settle()
    assert len(detail(workspace, household).members) == 2


def test_the_export_is_written_in_the_background(
    window: MainWindow, settle: Settle, workspace: Workspace, tmp_path: Path
) -> None:
    fill(workspace, tmp_path, households=3)
    window.navigator.open("households")
    settle()
    page = page_of(window, HouseholdsPage)
    page.export_to(tmp_path / "导出.xlsx")
    settle()
    assert (tmp_path / "导出.xlsx").exists()


def test_persons_are_found_from_the_search_box_and_counted_on_the_start_page(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    household, *_ = add_family(workspace)
    with workspace.reader() as reader:
        (hit,) = [hit for provider in window.registry.search for hit in provider(reader, "小松", 8) if hit.kind == "人"]
        figures = [figure for provider in window.registry.overviews for figure in provider(reader).figures]
        assert [found.name for found in search_persons(reader, "小松")] == ["罗小松"]
    assert (hit.title, hit.page, hit.arguments) == ("罗小松", "household", {"household_id": household})
    assert ("2", "人") in [(figure.value, figure.label) for figure in figures]


@pytest.mark.parametrize("percent", [100, 150])
def test_pages_fit_a_small_screen_at_large_type(
    window: MainWindow, settle: Settle, workspace: Workspace, tmp_path: Path, qtbot: QtBot, percent: int
) -> None:
    fill(workspace, tmp_path)
    household, _, son = add_family(workspace)
    window.appearance.set_percent(percent)
    settle()
    for key, arguments in (
        ("households", {}),
        ("household", {"household_id": household}),
        ("household_edit", {"household_id": household}),
        ("person_edit", {"household_id": household, "person_id": son}),
        ("household_import", {}),
        ("household_head", {"household_id": household}),
        ("person_move", {"household_id": household, "person_id": son}),
        ("household_close", {"household_id": household}),
    ):
        window.navigator.open(key, **arguments)
        settle()
        page = window.navigator.page
        assert page is not None
        assert window.minimumSizeHint().width() <= 1366, key
        assert window.minimumSizeHint().height() <= 768, key
        assert page.width() >= page.minimumSizeHint().width(), key


def test_applying_from_the_household_goes_straight_to_its_form(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    household, *_ = add_family(workspace)
    window.navigator.open("household", household_id=household)
    settle()
    apply = next(made for made in window.findChildren(QPushButton) if made.text() == "申请救助")
    apply.click()
    settle()
    assert window.navigator.place is not None
    assert window.navigator.place.key == "case_application"
    assert "罗建国家" in window.frame.subtitle.text()
