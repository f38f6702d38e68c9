"""一户一档 of a real case: every step, every scan, corrections with their reasons, what is missing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.archive.compose import build_archive
from desktop_app.archive.print_model import Listing, VoucherSheet
from desktop_app.archive.sections import step_content
from desktop_app.archive.service import make_archive, write_archive
from desktop_app.notices.queries import list_printed
from desktop_app.relief.case_store import get_case
from desktop_app.relief.papers import list_case_papers
from desktop_app.relief.policies import relief_pack
from desktop_app.relief.service import correct_step, open_case, record_step, withdraw_case
from desktop_app.storage.attachments import AttachmentMissingError
from desktop_app.storage.workspace import Workspace
from tests.domain.relief.builder import DAYS, PAYLOADS, step
from tests.notices.cases import add_household, carry_case, fill_in_village
from tests.pdf_kit.reading import page_count, squeezed
from village_core.domain.relief.payloads import Application, Meeting
from village_core.domain.relief.steps import StepKind

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def village(workspace: Workspace) -> Workspace:
    fill_in_village(workspace)
    return workspace


def test_a_whole_case_is_written_and_put_on_record(village: Workspace, tmp_path: Path) -> None:
    case_id = carry_case(village)
    pages, sha256 = write_archive(village, "2026-001", tmp_path / "一户一档.pdf")
    data = (tmp_path / "一户一档.pdf").read_bytes()
    assert pages == page_count(data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    text = squeezed(data)
    for wanted in (
        "户申请",
        "村初审",
        "①村党组织会议提议",
        "④村民代表会议或村民会议决议",
        "乡镇审核",
        "跟踪问效",
        "归档",
    ):
        assert wanted in text
    for wanted in ("记账凭证", "记-1", "2026102900017", "人民币肆仟元整", "本卷材料齐全", "到会人员过半数同意要13票"):
        assert wanted in text
    with village.reader() as reader:
        case = get_case(reader, case_id)
        papers = list_case_papers(reader, [record.id for record in case.records])
        (printed,) = list_printed(reader)
    assert len(papers) == 19
    assert all(paper.sha256 in text for paper in papers)
    assert (printed.kind, printed.sha256) == ("archive", sha256)


def test_the_same_case_gives_the_same_bytes(village: Workspace) -> None:
    case_id = carry_case(village, with_papers=True)
    assert make_archive(village, case_id).rendered == make_archive(village, case_id).rendered


def test_every_kind_of_step_can_be_printed() -> None:
    for kind in PAYLOADS:
        record = step(kind)
        assert step_content(record, relief_pack(record.pack_version)), kind


def test_a_correction_prints_what_changed_and_why(village: Workspace) -> None:
    case_id = carry_case(village, upto=StepKind.PARTY_PROPOSAL, with_papers=True)
    with village.unit_of_work() as uow:
        wrong = get_case(uow, case_id).state.last(StepKind.PARTY_PROPOSAL)
        assert wrong is not None and isinstance(wrong.payload, Meeting)
        right = replace(wrong.payload, present=5, votes_for=5)
        correct_step(uow, wrong.id, right, case_id=case_id, done_on=wrong.done_on, reason="签到表数错了一人。")
        uow.commit()
    with village.reader() as reader:
        file = build_archive(reader, village.attachments, case_id)
    section = next(one for one in file.sections if one.title.startswith("①"))
    (listing,) = (part for part in section.content if isinstance(part, Listing))
    (row,) = listing.rows
    assert "实到：原为“4”" in row[1]
    assert "同意：原为“4”" in row[1]
    assert row[2] == "签到表数错了一人。"
    assert len(section.scans) == 2


def test_a_written_reason_prints_with_its_clause(village: Workspace) -> None:
    case_id = carry_case(village, upto=StepKind.PARTY_MEMBERS_REVIEW, with_papers=False)
    big = PAYLOADS[StepKind.VILLAGERS_RESOLUTION]
    assert isinstance(big, Meeting)
    with village.unit_of_work() as uow:
        record_step(
            uow,
            case_id,
            replace(big, amount_fen=600_000),
            kind=StepKind.VILLAGERS_RESOLUTION,
            done_on=DAYS[StepKind.VILLAGERS_RESOLUTION],
            reasons={"CRELIEF-4": "房屋全毁，五千元不够修。"},
        )
        uow.commit()
    text = squeezed(make_archive(village, case_id).rendered.data)
    assert "房屋全毁，五千元不够修" in text
    assert "救助标准一般不超过5000元" in text


def test_an_unfinished_file_says_what_is_missing(village: Workspace) -> None:
    case_id = carry_case(village, upto=StepKind.FIRST_REVIEW, with_papers=False)
    text = squeezed(make_archive(village, case_id).rendered.data)
    assert "本卷还缺2样材料" in text
    assert "户申请：申请书和证明材料" in text
    assert "还没有归档" in text


def test_a_withdrawn_case_says_that_nothing_was_granted(village: Workspace) -> None:
    application = PAYLOADS[StepKind.APPLICATION]
    assert isinstance(application, Application)
    household = add_household(village)
    with village.unit_of_work() as uow:
        opened = open_case(uow, household, application=application, done_on=DAYS[StepKind.APPLICATION])
        withdraw_case(uow, opened.case_id, by_whom="罗铉", reason="亲戚帮上了。", done_on=DAYS[StepKind.FIRST_REVIEW])
        uow.commit()
    text = squeezed(make_archive(village, opened.case_id).rendered.data)
    assert "没有给予救助" in text
    assert "亲戚帮上了" in text


def test_the_voucher_is_the_one_of_the_books(village: Workspace) -> None:
    case_id = carry_case(village, upto=StepKind.PAYMENT, with_papers=False)
    with village.reader() as reader:
        file = build_archive(reader, village.attachments, case_id)
    (sheet,) = (part for section in file.sections for part in section.content if isinstance(part, VoucherSheet))
    assert sheet.unit == "太平村股份经济合作联合社"
    assert [(line.account, line.debit_fen, line.credit_fen) for line in sheet.lines] == [
        ("公益支出", 400_000, 0),
        ("银行存款", 0, 400_000),
    ]


def test_a_scan_that_is_not_on_this_laptop_refuses_rather_than_leaves_a_gap(village: Workspace) -> None:
    case_id = carry_case(village, upto=StepKind.APPLICATION)
    with village.reader() as reader:
        case = get_case(reader, case_id)
        (paper,) = list_case_papers(reader, [record.id for record in case.records])
    village.attachments.path_of(paper.sha256).unlink()
    with pytest.raises(AttachmentMissingError):
        make_archive(village, case_id)
