"""The clerk carries a case from the application to the archive, with past dates and without any network."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from desktop_app.relief.screens.new_case_page import NewCasePage
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.workspace import Workspace
from tests.domain.relief.builder import DAYS
from tests.relief.driving import (
    WHOLE_ROAD,
    Settle,
    case_page,
    detail_of,
    fill,
    form,
    list_all,
    page_missing,
    page_of,
    press_next,
    save,
)
from tests.relief.village import add_household, furnish, picture
from village_core.domain.relief.payloads import Cause
from village_core.domain.relief.state import CaseStatus


def test_a_clerk_carries_a_case_from_application_to_archive_with_past_dates(
    window: MainWindow, settle: Settle, workspace: Workspace, tmp_path: Path
) -> None:
    furnish(workspace)
    add_household(workspace)
    window.navigator.open("cases")
    settle()
    page_of(window).add_new()
    settle()
    choice = page_of(window)
    assert isinstance(choice, NewCasePage)
    choice.text.entered.emit()  # one household there is
    settle()
    application = form(window)
    fill(
        application,
        done_on="2026.10.8",
        cause=Cause.ILLNESS,
        reason="妻子住院",
        materials="住院结算单\n诊断证明",
        requested_fen="5000",
        written=True,
        high_risk=True,
    )
    save(application, settle)
    page = case_page(window)
    assert page.title == "罗铉家 · 集体经济临时救助"
    assert page.subtitle == "2026-001 号"
    for kind, values in WHOLE_ROAD:
        page_form = press_next(window, settle)
        assert page_form.kind is kind
        fill(page_form, done_on=f"{DAYS[kind]:%Y.%m.%d}", **values)
        save(page_form, settle)
        assert page_of(window) is page, page_form.refusal.message.text()
    case_id = list_all(workspace)[0]
    detail = detail_of(workspace, case_id)
    assert detail.state.status is CaseStatus.PAID
    assert detail.state.notice is not None
    assert detail.state.notice.until == date(2026, 10, 27)
    main = page.actions_bar.main_button
    assert main is not None
    assert not main.isEnabled()  # papers are missing
    scan = tmp_path / "scan.jpg"
    for number, missing in enumerate(list(page_missing(detail))):
        scan.write_bytes(picture(number))
        page.station.papers_chosen.emit(*missing, [scan])
        settle()
    archive = press_next(window, settle)
    fill(archive, done_on="2026.11.22")
    save(archive, settle)
    assert detail_of(workspace, case_id).state.status is CaseStatus.ARCHIVED
    assert page.actions_bar.main_button is None
