"""What was refused, looked at or printed is found by the household and by the person whom it was about."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from desktop_app.archive.service import make_archive
from desktop_app.households.editing import close_person, move_person, save_household, save_person
from desktop_app.households.photos import add_photos
from desktop_app.households.queries import get_full_numbers, get_household
from desktop_app.households.service import export_households
from desktop_app.journal.queries import ACCESS, JournalFilter, list_journal
from desktop_app.journal.sentences import access_sentence
from desktop_app.journal.sheet import export_journal
from desktop_app.ledger.excel import export_vouchers
from desktop_app.ledger.queries import list_vouchers
from desktop_app.ledger.service import reverse_voucher
from desktop_app.notices.service import make_notice, save_paper
from desktop_app.relief.queries import get_case_detail
from desktop_app.storage.access_log import list_access
from desktop_app.storage.rights import MAY_POST
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.storage.workspace import Workspace
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.staff.acting import add, sit_down
from tests.workspaces import do
from village_core.domain.errors import NoSeatError, RuleRefusedError, UserError
from village_core.domain.notices.model import NoticeKind
from village_core.domain.relief.steps import StepKind
from village_core.records.households import Person


@pytest.fixture
def administrator(workspace: Workspace) -> UUID:
    """Somebody who may see no village at all."""
    return add(workspace, "管技术的", "管理员")


def told(workspace: Workspace, wanted: JournalFilter) -> list[str]:
    with workspace.reader() as reader:
        reader._reader = None  # who reads the journal is another one than who was refused
        return [f"{line.who}：{line.sentence}" for line in list_journal(reader, wanted).lines]


def person_of(workspace: Workspace, household: UUID, name: str) -> UUID:
    with workspace.reader() as reader:
        query = select(Person.id).where(Person.household_id == household, Person.name == name)
        return reader.session.scalars(query).one()


def read(workspace: Workspace, query: Callable[[Reader], object]) -> None:
    with workspace.reader() as reader:
        query(reader)


def test_each_refusal_is_found_by_the_household_it_was_about(
    workspace: Workspace, administrator: UUID, tmp_path: Path
) -> None:
    furnish(workspace)
    household, other = add_household(workspace), add_household(workspace, "起学英")
    case_id = start_case(workspace, household)
    walk(workspace, case_id, until=StepKind.PAYMENT)
    usual_step(workspace, case_id, StepKind.PAYMENT)
    son = person_of(workspace, household, "罗小妹")
    notice = make_notice(workspace, case_id, kind=NoticeKind.RELIEF)
    with workspace.reader() as reader:
        voucher = list_vouchers(reader)[-1].voucher_id
    sit_down(workspace, administrator)
    refused: list[Callable[[], object]] = [
        lambda: read(workspace, lambda reader: get_household(reader, household)),
        lambda: read(workspace, lambda reader: get_full_numbers(reader, household)),
        lambda: read(workspace, lambda reader: get_case_detail(reader, case_id)),
        lambda: do(workspace, lambda uow: save_household(uow, household, {"phone": "13812340001"})),
        lambda: do(workspace, lambda uow: save_person(uow, son, household, {"phone": "13812340001"})),
        lambda: do(workspace, lambda uow: close_person(uow, son, on=date(2026, 1, 1), reason="去世")),
        lambda: add_photos(workspace, household, []),
        lambda: start_case(workspace, household),
        lambda: usual_step(workspace, case_id, StepKind.ARCHIVE),
        lambda: make_archive(workspace, case_id),
        lambda: save_paper(workspace, notice, tmp_path / "公示.pdf"),
        lambda: do(workspace, lambda uow: reverse_voucher(uow, voucher, reason="错了")),
        lambda: export_journal(workspace, tmp_path / "日志.xlsx", wanted=JournalFilter(household=household), about=""),
        lambda: export_households(workspace, tmp_path / "全村.xlsx"),
    ]
    for number, deed in enumerate(refused, start=1):
        with pytest.raises(RuleRefusedError):
            deed()
        of_household = told(workspace, JournalFilter(household=household, kind=ACCESS))
        assert len(of_household) == number, f"the {number}th left no trace"
        assert of_household[0].startswith(("管技术的：程序没有准许：管技术的是管理员，不能“", "管技术的：想做“试”"))
    assert len(told(workspace, JournalFilter(person=son, kind=ACCESS))) == len(refused)
    assert len(told(workspace, JournalFilter(household=other, kind=ACCESS))) == 1, "the sheet of all households alone"


def test_an_inspector_finds_who_printed_looked_and_took_away_in_the_journal_of_the_household(
    workspace: Workspace, tmp_path: Path
) -> None:
    furnish(workspace)
    household = add_household(workspace)
    case_id = start_case(workspace, household)
    walk(workspace, case_id, until=StepKind.PAYMENT)
    usual_step(workspace, case_id, StepKind.PAYMENT)
    save_paper(workspace, make_notice(workspace, case_id, kind=NoticeKind.RELIEF), tmp_path / "公示.pdf")
    save_paper(workspace, make_archive(workspace, case_id), tmp_path / "档案.pdf")
    save_paper(workspace, make_archive(workspace, case_id, covered=True), tmp_path / "遮住.pdf")
    export_households(workspace, tmp_path / "全村.xlsx", reason="填表上报")
    export_vouchers(workspace, tmp_path / "凭证.xlsx")
    for wanted in (
        JournalFilter(household=household, kind=ACCESS),
        JournalFilter(person=person_of(workspace, household, "李桂芳"), kind=ACCESS),
    ):
        vouchers, households, covered, whole, notice = told(workspace, wanted)
        assert vouchers.startswith("李琼仙：导出凭证")
        assert "完整号码" in households
        assert "号码已遮住" in covered and "完整号码" not in covered
        assert "完整号码" in whole
        assert "公示" in notice and "完整号码" not in notice


def test_the_codes_of_rules_are_kept_in_the_record_and_not_told(workspace: Workspace) -> None:
    two = "DUTY-0 这件事要由支书来定。\nCRELIEF-21 还没有公示。"
    assert access_sentence("refusal", "拿主意：罗铉", two) == (
        "想做“拿主意：罗铉”，程序没有准许：这件事要由支书来定；还没有公示。"
    )
    assert access_sentence("refusal", "DUTY-0", two) == "程序没有准许：这件事要由支书来定；还没有公示。"
    assert access_sentence("refusal", "", "这台电脑只能写草稿。") == "程序没有准许：这台电脑只能写草稿。"
    assert access_sentence("refusal", "改户情", "FIELD 请填姓名。") == "想做“改户情”，程序没有准许：请填姓名。"
    furnish(workspace)
    household = add_household(workspace)
    case_id = start_case(workspace, household)
    with pytest.raises(UserError):
        usual_step(workspace, case_id, StepKind.PAYMENT)
    (line,) = told(workspace, JournalFilter(household=household, kind=ACCESS))
    assert not re.search("[A-Z]", line)
    with workspace.reader() as reader:
        assert re.match("[A-Z]+-", list_access(reader.session)[0].detail)


def test_a_rule_that_refuses_a_step_is_found_by_its_household_too(workspace: Workspace) -> None:
    furnish(workspace)
    household = add_household(workspace)
    case_id = start_case(workspace, household)
    with pytest.raises(UserError):
        usual_step(workspace, case_id, StepKind.PAYMENT)
    (line,) = told(workspace, JournalFilter(household=household, kind=ACCESS))
    assert line.startswith("李琼仙：想做")


def test_who_looked_at_a_household_is_found_by_each_who_lived_there_then_and_after_a_move(workspace: Workspace) -> None:
    first, second = add_household(workspace), add_household(workspace, "起学英")
    daughter = person_of(workspace, first, "罗小妹")
    workspace.log_access("reveal", "大平地 罗铉家", "证件号码", about=first, reason="核对")

    def move(uow: UnitOfWork) -> None:
        move_person(uow, daughter, to_household=second, relation="儿媳")

    do(workspace, move)
    workspace.log_access("reveal", "大平地 起学英家", "证件号码", about=second, reason="核对")
    seen = told(workspace, JournalFilter(person=daughter, kind=ACCESS))
    assert [line.split(" ")[2] for line in seen] == ["起学英家", "罗铉家"]
    assert len(told(workspace, JournalFilter(household=second, kind=ACCESS))) == 1


def test_a_step_that_this_laptop_has_no_right_to_is_found_by_the_household(workspace: Workspace) -> None:
    furnish(workspace)
    household = add_household(workspace)
    case = start_case(workspace, household)
    walk(workspace, case, until=StepKind.PAYMENT)
    workspace.set_state(MAY_POST, "0")

    with pytest.raises(NoSeatError, match="没有记账权"):
        usual_step(workspace, case, StepKind.PAYMENT)

    assert any("没有记账权" in line for line in told(workspace, JournalFilter(household=household, kind=ACCESS)))
