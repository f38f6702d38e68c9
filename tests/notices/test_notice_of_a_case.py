"""A notice made from a real case: when it may be printed, what stands on it, what is put on record."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from desktop_app.notices.compose import build_notice, find_case_id, printable_notices
from desktop_app.notices.queries import list_printed
from desktop_app.notices.service import make_notice, write_notice, write_relief_notice
from desktop_app.relief.case_store import get_case
from desktop_app.settings.service import update_village
from desktop_app.storage.workspace import Workspace
from tests.notices.cases import carry_case, fill_in_village
from tests.pdf_kit.reading import page_count, squeezed
from village_core.domain.errors import ProblemOutsideError, RefusedError, RuleRefusedError
from village_core.domain.notices.model import NoticeKind
from village_core.domain.relief.steps import StepKind
from village_core.exchange.change_log import access_log

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def village(workspace: Workspace) -> Workspace:
    fill_in_village(workspace)
    return workspace


def test_a_notice_is_written_and_put_on_record(village: Workspace, tmp_path: Path) -> None:
    case_id = carry_case(village, upto=StepKind.NOTICE_POSTED, with_papers=False)
    pages, sha256 = write_relief_notice(village, str(case_id), tmp_path / "公示.pdf")
    data = (tmp_path / "公示.pdf").read_bytes()
    assert pages == page_count(data) == 1
    text = squeezed(data)
    for wanted in (
        "罗铉",
        "大河口村民小组",
        "2人",
        "因病",
        "4,000.00",
        "2026年10月21日至10月27日（5个工作日）",
        "村务公开栏",
    ):
        assert wanted in text
    with village.reader() as reader:
        (row,) = list_printed(reader)
    assert (row.kind, row.case_id, row.pages, row.sha256) == ("relief_notice", case_id, 1, sha256)
    assert row.printed_on == date(2026, 11, 22)
    assert row.made_by == "李琼仙"
    with village.engine.connect() as connection:
        kinds = list(connection.scalars(select(access_log.c.kind).where(access_log.c.kind == "print")))
    assert kinds == ["print"]


def test_nothing_private_of_the_household_is_on_it(village: Workspace, tmp_path: Path) -> None:
    case_id = carry_case(village, upto=StepKind.RESULT_PUBLISHED, with_papers=False)
    for kind in NoticeKind:
        write_notice(village, case_id, tmp_path / f"{kind}.pdf", kind=kind)
        text = squeezed((tmp_path / f"{kind}.pdf").read_bytes())
        for private in ("532327197001011231", "6223000000001234", "住院", "李桂芳"):
            assert private not in text


def test_before_it_is_posted_it_runs_from_today_for_the_shortest_period(village: Workspace) -> None:
    case_id = carry_case(village, upto=StepKind.TOWNSHIP_REVIEW, with_papers=False)
    with village.reader() as reader:
        notice = build_notice(reader, case_id)
    assert notice.period_from == date(2026, 11, 22)
    assert notice.period_to == date(2026, 11, 27)
    assert notice.period_note == "5个工作日"
    assert notice.posting_place == "村务公开栏"
    assert notice.signing_unit == "永仁县莲池乡太平村村民委员会"


@pytest.mark.parametrize(
    ("upto", "kinds"),
    [
        (StepKind.PARTY_MEMBERS_REVIEW, ()),
        (StepKind.VILLAGERS_RESOLUTION, (NoticeKind.RESOLUTION,)),
        (StepKind.TOWNSHIP_REVIEW, (NoticeKind.RESOLUTION, NoticeKind.RELIEF)),
        (StepKind.PAYMENT, tuple(NoticeKind)),
    ],
)
def test_each_notice_has_its_time(village: Workspace, upto: StepKind, kinds: tuple[NoticeKind, ...]) -> None:
    case_id = carry_case(village, upto=upto, with_papers=False)
    with village.reader() as reader:
        assert printable_notices(get_case(reader, case_id).state) == kinds
        for kind in NoticeKind:
            if kind in kinds:
                assert build_notice(reader, case_id, kind).kind is kind
                continue
            with pytest.raises(RuleRefusedError) as refused:
                build_notice(reader, case_id, kind)
            assert refused.value.findings[0].rule_id == "CRELIEF-20"
            assert refused.value.findings[0].clause


def test_a_case_is_found_by_its_number_too(village: Workspace) -> None:
    case_id = carry_case(village, upto=StepKind.APPLICATION, with_papers=False)
    with village.reader() as reader:
        assert find_case_id(reader, "2026-001") == find_case_id(reader, str(case_id)) == case_id
        with pytest.raises(RefusedError) as refused:
            find_case_id(reader, "2026-099")
    assert "2026-099" in refused.value.what


def test_without_a_supervision_phone_it_refuses_and_says_where_to_fill_it_in(workspace: Workspace) -> None:
    fill_in_village(workspace)
    case_id = carry_case(workspace, upto=StepKind.TOWNSHIP_REVIEW, with_papers=False)
    with workspace.unit_of_work() as uow:
        update_village(uow, name="太平村")
        uow.commit()
    with pytest.raises(RefusedError) as refused:
        make_notice(workspace, case_id, kind=NoticeKind.RELIEF)
    assert "村情" in refused.value.next_step


def test_a_folder_that_is_not_there_leaves_no_record(village: Workspace, tmp_path: Path) -> None:
    case_id = carry_case(village, upto=StepKind.TOWNSHIP_REVIEW, with_papers=False)
    with pytest.raises(ProblemOutsideError):
        write_relief_notice(village, case_id, tmp_path / "没有" / "公示.pdf")
    with village.reader() as reader:
        assert list_printed(reader) == ()


def test_a_full_disk_keeps_the_old_file_and_says_so(
    village: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = carry_case(village, upto=StepKind.TOWNSHIP_REVIEW, with_papers=False)
    target = tmp_path / "公示.pdf"
    target.write_bytes(b"old")
    monkeypatch.setattr("os.fsync", _no_space)
    with pytest.raises(ProblemOutsideError) as refused:
        write_relief_notice(village, case_id, target)
    assert "满" in refused.value.what
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.glob("*.part")] == []


def _no_space(_: int) -> None:
    raise OSError(28, "No space left on device")
