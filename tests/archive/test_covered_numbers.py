"""一户一档 on the screen: whole numbers and pictures of papers only for who may see them, said why, and on record."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtTest import QTest
from sqlalchemy import select

from desktop_app.archive.covering import cover_household
from desktop_app.archive.screens.case_papers_page import CasePapersPage
from desktop_app.archive.service import make_archive, write_archive
from desktop_app.households.queries import get_household
from desktop_app.notices.queries import list_printed
from desktop_app.notices.screens.preview_page import PreviewPage
from desktop_app.pdf_kit.paper import Paper
from desktop_app.relief.case_store import get_case
from desktop_app.relief.papers import attach_paper
from desktop_app.relief.queries import get_case_detail
from desktop_app.relief.screens.paper_page import PaperPage
from desktop_app.relief.service import correct_step
from desktop_app.shell.lock import WindowLock
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.revealing import ReasonDialog
from desktop_app.storage.workspace import Workspace
from tests.notices.cases import carry_case, fill_in_village, photo
from tests.pdf_kit.reading import squeezed
from tests.staff.acting import add, sit_down
from village_core.domain.errors import UserError
from village_core.domain.relief.payloads import Payment
from village_core.domain.relief.steps import StepKind
from village_core.exchange.change_log import access_log
from village_core.records.households import Household, Person

Settle = Callable[[], None]
ACCOUNT, IDENTITY, SHORT = "6217006317066907441", "532327199001011234", "820011223"


def make_case(workspace: Workspace) -> UUID:
    """A case with a paper of each kind that shows numbers, and numbers in every place where one can stand."""
    fill_in_village(workspace)
    case_id = carry_case(workspace, upto=StepKind.PAYMENT)
    with workspace.unit_of_work() as uow:
        case = get_case(uow, case_id)
        household = uow.session.get(Household, (uow.village, case.household_id))
        assert household is not None
        household.bank_account = ACCOUNT
        person = uow.session.scalars(select(Person).where(Person.household_id == household.id)).first()
        assert person is not None
        person.id_number = IDENTITY
        application, payment = case.state.last(StepKind.APPLICATION), case.state.last(StepKind.PAYMENT)
        assert application is not None and payment is not None and isinstance(payment.payload, Payment)
        attach_paper(
            uow, workspace.attachments, application.id, case_id=case_id, kind="id_copy", content=photo(3, (900, 600))
        )
        correct_step(
            uow,
            payment.id,
            replace(payment.payload, payee_account=SHORT),
            case_id=case_id,
            done_on=payment.done_on,
            reason=f"账号记错了，应是 {ACCOUNT} 的那张卡",
        )
        uow.commit()
    return case_id


def payee_account(workspace: Workspace, case_id: UUID) -> str:
    """The account that was paid to before the correction."""
    with workspace.reader() as reader:
        old = next(one for one in get_case(reader, case_id).state.superseded if isinstance(one.payload, Payment))
    assert isinstance(old.payload, Payment)
    return old.payload.payee_account


def journal(workspace: Workspace, kind: str) -> list[tuple[str, str, str | None, str | None]]:
    columns = access_log.c
    query = select(columns.subject, columns.detail, columns.about, columns.reason).where(columns.kind == kind)
    with workspace.reader() as reader:
        return [tuple(row) for row in reader.session.execute(query.order_by(columns.id))]


def shown(paper: Paper | None, numbers: set[str]) -> set[str]:
    assert paper is not None
    text = squeezed(paper.rendered.data)
    return {number for number in numbers if number in text}


@pytest.mark.usefixtures("qapp")
def test_only_who_may_see_numbers_gets_the_whole_archive(workspace: Workspace, tmp_path: Path) -> None:
    case_id = make_case(workspace)
    numbers = {ACCOUNT, IDENTITY, SHORT, payee_account(workspace, case_id)}
    whole = make_archive(workspace, case_id)
    assert shown(whole, numbers) == numbers
    write_archive(workspace, case_id, tmp_path / "whole.pdf")
    assert all(number in squeezed((tmp_path / "whole.pdf").read_bytes()) for number in numbers)
    ((subject, detail, about, _),) = journal(workspace, "print")
    assert "号码已遮住" not in subject and "whole.pdf" in detail and about == case_id.hex
    for person in [add(workspace, f"甲{role}", role) for role in ("只读", "村监委会")]:
        sit_down(workspace, person)
        with pytest.raises(UserError, match="看完整号码"):
            make_archive(workspace, case_id)
        with pytest.raises(UserError):
            write_archive(workspace, case_id, tmp_path / "no.pdf")
        covered = make_archive(workspace, case_id, covered=True)
        assert shown(covered, numbers) == set()
    assert not (tmp_path / "no.pdf").exists()
    text = squeezed(covered.rendered.data)
    assert text.count("这张照片上有号码，没有显示") == 2, "the identity card and the bank's receipt"
    assert "号码已遮住" in text
    assert "银行账号" in text and "罗铉" in text
    assert len(covered.rendered.data) < len(whole.rendered.data)


def test_whoever_was_of_the_household_and_whatever_it_has_besides_is_covered_as_well(workspace: Workspace) -> None:
    case_id = make_case(workspace)
    with workspace.reader() as reader:
        household = get_household(reader, get_case(reader, case_id).household_id)
    member = household.members[0]
    gone = replace(
        member, closed_on=date(2026, 10, 1), values={**member.values, "phone": "13887650001", "notes": f"卡 {ACCOUNT}"}
    )
    covered = cover_household(replace(household, former_members=(gone,), extras=(("旧证件", IDENTITY),)))
    for number in (ACCOUNT, IDENTITY, "13887650001"):
        assert number not in repr([covered.values, covered.extras, [one.values for one in covered.former_members]])
    assert covered.former_members[0].closed_on == date(2026, 10, 1)
    assert covered.former_members[0].name == member.name


@pytest.mark.usefixtures("qapp")
def test_no_name_of_anybody_stands_in_the_name_of_a_file_or_in_the_printers_queue(workspace: Workspace) -> None:
    case_id = make_case(workspace)
    whole, covered = make_archive(workspace, case_id), make_archive(workspace, case_id, covered=True)
    assert whole.file_name == "一户一档_2026-001.pdf"
    assert covered.file_name == "一户一档_2026-001_号码已遮住.pdf"
    assert whole.queue_name == "一户一档_2026-001"


def test_the_preview_is_covered_until_a_reason_is_given_and_again_when_it_is_left(
    window: MainWindow, settle: Settle, workspace: Workspace, tmp_path: Path
) -> None:
    case_id = make_case(workspace)
    numbers = {ACCOUNT, IDENTITY, SHORT, payee_account(workspace, case_id)}
    window.navigator.open("preview", kind="archive", case_id=case_id)
    settle()
    page = window.navigator.page
    assert isinstance(page, PreviewPage)
    assert shown(page.paper, numbers) == set()
    assert page.covered_note.isVisible()
    keep_picture(window, "archive-covered")
    assert page.subtitle == "2026-001 号　罗铉家"
    page.save_to(tmp_path / "covered.pdf")
    settle()
    page.reveal_button.click()
    dialog = window.findChild(ReasonDialog)
    assert dialog is not None
    dialog.chips.choose("核对证件或存折")
    dialog.act_button.click()
    settle()
    assert shown(page.paper, numbers) == numbers
    assert not page.covered_note.isVisible()
    keep_picture(window, "archive-whole")
    with workspace.reader() as reader:
        household = get_case(reader, case_id).household_id
        titles = [row.title for row in list_printed(reader)]
    assert titles[0].endswith("号码已遮住")
    (entry,) = journal(workspace, "reveal")
    assert entry[2:] == (household.hex, "核对证件或存折")
    assert "2026-001 号一户一档" in entry[1] and "罗铉家" in entry[0]
    window.navigator.open("case_papers", case_id=case_id)
    settle()
    assert isinstance(window.navigator.page, CasePapersPage)
    assert page.paper is None
    window.navigator.back()
    settle()
    assert shown(page.paper, numbers) == set()


def test_a_lock_takes_the_whole_numbers_off_the_preview(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    case_id = make_case(workspace)
    window.navigator.open("preview", kind="archive", case_id=case_id)
    settle()
    page = window.navigator.page
    assert isinstance(page, PreviewPage)
    page._draw_anew(whole=True)
    settle()
    assert shown(page.paper, {ACCOUNT}) == {ACCOUNT}
    lock = WindowLock(window)
    lock.lock()
    assert page.paper is None
    assert page.view.document() is None or page.view.document().pageCount() == 0
    settle()
    assert page.paper is None, "nothing is drawn below the cover"
    lock.open()
    settle()
    assert shown(page.paper, {ACCOUNT}) == set()


def test_who_may_not_see_numbers_sees_the_covered_preview_and_reads_why(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    case_id = make_case(workspace)
    sit_down(workspace, add(workspace, "李监委", "村监委会"))
    window.navigator.open("preview", kind="archive", case_id=case_id)
    settle()
    page = window.navigator.page
    assert isinstance(page, PreviewPage)
    assert not page.reveal_button.isEnabled()
    assert page.print_button.isEnabled()
    assert shown(page.paper, {ACCOUNT, IDENTITY, SHORT}) == set()


def test_a_picture_of_a_paper_with_numbers_asks_why_before_it_is_shown(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    case_id = make_case(workspace)
    paper_id = id_copy(workspace, case_id)
    window.navigator.open("case_paper", case_id=case_id, paper_id=paper_id)
    settle()
    page = window.navigator.page
    assert isinstance(page, PaperPage)
    assert page.picture_width == 0
    dialog = window.findChild(ReasonDialog)
    assert dialog is not None
    keep_picture(window, "id-copy-covered")
    dialog.other.setText("核对户主")
    dialog.act_button.click()
    settle()
    assert page.picture_width == 900
    assert not page.reveal_button.isVisible()
    ((_, detail, about, reason),) = journal(workspace, "reveal")
    assert "身份证" in detail and "2026-001" in detail
    assert about is not None and reason == "核对户主"
    lock = WindowLock(window)
    lock.lock()
    assert page.picture_width == 0
    lock.open()
    assert page.picture_width == 0
    assert page.reveal_button.isVisible()


def test_who_may_not_see_numbers_is_not_shown_the_picture(
    window: MainWindow, settle: Settle, workspace: Workspace
) -> None:
    case_id = make_case(workspace)
    paper_id = id_copy(workspace, case_id)
    sit_down(workspace, add(workspace, "李监委", "村监委会"))
    window.navigator.open("case_paper", case_id=case_id, paper_id=paper_id)
    settle()
    page = window.navigator.page
    assert isinstance(page, PaperPage)
    keep_picture(window, "id-copy-barred")
    assert window.findChild(ReasonDialog) is None
    assert not page.reveal_button.isEnabled()
    assert page.picture_width == 0
    assert "没有显示" in page.note.text()


def id_copy(workspace: Workspace, case_id: UUID) -> UUID:
    with workspace.reader() as reader:
        return next(one.id for one in get_case_detail(reader, case_id).papers if one.kind == "id_copy")


def keep_picture(window: MainWindow, name: str) -> None:
    if shots := os.environ.get("TIANGENG_SHOTS"):
        QTest.qWait(1_500)  # the picture of a page is drawn by Qt in its own time
        window.grab().save(f"{shots}/{name}.png")
