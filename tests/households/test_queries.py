"""The list with its filters and counts, search, history in sentences, photos."""

from __future__ import annotations

import time
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from desktop_app.demo.people import make_village
from desktop_app.households.editing import close_person, save_household, save_person
from desktop_app.households.history import list_household_history
from desktop_app.households.photos import add_photos, list_photos
from desktop_app.households.queries import (
    HouseholdFilter,
    HouseholdMissingError,
    count_kinds,
    get_household,
    list_groups,
    list_households,
)
from desktop_app.households.search import search_persons
from desktop_app.households.service import import_households
from desktop_app.storage.workspace import Workspace
from tests.households.village import HEAD_NUMBER, SON_NUMBER, add_family, fill, sheet_of, state
from tests.workspaces import do
from village_core.domain.errors import RefusedError
from village_core.domain.ids import new_id


def test_chips_count_what_the_list_shows(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace, tmp_path, households=60)
    with workspace.reader() as reader:
        counts = count_kinds(reader)
        assert counts.total == len(list_households(reader)) == 60
        for kind, count in counts.by_kind.items():
            assert len(list_households(reader, HouseholdFilter(kind=kind))) == count
        assert len(list_households(reader, HouseholdFilter(allowance=True))) == counts.allowance > 0
        groups = list_groups(reader)
        assert sum(len(list_households(reader, HouseholdFilter(group=group))) for group in groups) == 60


def test_the_list_is_searched_by_any_member(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace, tmp_path)
    add_family(workspace)
    with workspace.reader() as reader:
        for text in ("罗小松", SON_NUMBER[-6:], "罗建"):
            assert "罗建国" in [row.title for row in list_households(reader, HouseholdFilter(text=text))]
        assert list_households(reader, HouseholdFilter(text="没有这个人")) == []
        assert list_households(reader, HouseholdFilter(text="%")) == []


@pytest.mark.parametrize("text", ["罗小松", "小松", "松", SON_NUMBER, SON_NUMBER.lower(), SON_NUMBER[-4:], "0208"])
def test_a_person_is_found_by_part_of_name_or_number(workspace: Workspace, text: str) -> None:
    household, _, son = add_family(workspace)
    with workspace.reader() as reader:
        (hit,) = [hit for hit in search_persons(reader, text) if hit.name == "罗小松"]
    assert (hit.household_id, hit.person_id, hit.group) == (household, son, "大平地")


@pytest.mark.parametrize("text", ["", " ", "%", "_", "赵钱孙", "0000000", "'; DROP TABLE person; --"])
def test_what_is_not_there_is_not_found(workspace: Workspace, text: str) -> None:
    add_family(workspace)
    with workspace.reader() as reader:
        assert search_persons(reader, text) == []


def test_a_phone_is_found_as_it_is_typed(workspace: Workspace) -> None:
    household, head, _ = add_family(workspace)
    do(workspace, lambda uow: save_person(uow, head, household, {"phone": "13812345678"}))
    with workspace.reader() as reader:
        assert [hit.name for hit in search_persons(reader, "138 1234")] == ["罗建国"]
        assert search_persons(reader, "5678")[0].matched == "电话"


def test_whole_names_come_before_parts_and_the_limit_holds(workspace: Workspace, tmp_path: Path) -> None:
    rows = make_village(9, 60)
    for place, row in enumerate(rows[:9]):
        row["姓名"] = ("李明", "李明珠", "小李明")[place % 3]
    import_households(workspace, sheet_of(tmp_path, rows))
    with workspace.reader() as reader:
        names = [hit.name for hit in search_persons(reader, "李明")]
        assert names[:9] == ["李明"] * 3 + ["李明珠"] * 3 + ["小李明"] * 3
        assert len(search_persons(reader, "李明", limit=4)) == 4


def test_who_left_is_not_found_any_more(workspace: Workspace) -> None:
    _, _, son = add_family(workspace)
    do(workspace, lambda uow: close_person(uow, son, on=date(2026, 3, 1), reason="婚嫁迁出"))
    with workspace.reader() as reader:
        assert search_persons(reader, "罗小松") == []


def test_search_is_quick_enough_in_a_village(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace, tmp_path, households=300)
    with workspace.reader() as reader:
        search_persons(reader, "李")
        started = time.perf_counter()
        for text in ("李", "1990", "138", "不在"):
            search_persons(reader, text)
        assert time.perf_counter() - started < 1


def test_history_tells_deeds_in_sentences(workspace: Workspace) -> None:
    household, head, son = add_family(workspace)
    do(
        workspace,
        lambda uow: save_household(
            uow, household, {"kind": "边缘易致贫户", "wage_fen": 1234500, "bank_account": "6217006317066907433"}
        ),
        reason="核对收入",
    )
    do(workspace, lambda uow: save_person(uow, head, household, {"phone": "13812345678"}))
    do(workspace, lambda uow: close_person(uow, son, on=date(2026, 3, 1), reason="婚嫁迁出"))
    with workspace.reader() as reader:
        lines = list_household_history(reader, household)
    told = [line.sentence for line in lines]
    assert any("罗小松不在户里了（婚嫁迁出）" in sentence for sentence in told)
    everything = "\n".join(told)
    assert "户类型从“脱贫户”改成“边缘易致贫户”" in everything
    assert "工资性收入填上12,345.00 元" in everything
    assert "**** **** 7433" in everything
    assert "138****5678" in everything
    for secret in ("6217006317066907433", "13812345678", SON_NUMBER, HEAD_NUMBER):
        assert secret not in everything
    assert {line.who for line in lines} == {"李琼仙"}
    assert any(line.reason == "核对收入" for line in lines)


def test_an_imported_household_begins_with_one_sentence(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace, tmp_path, households=3)
    with workspace.reader() as reader:
        row = next(row for row in list_households(reader) if row.size > 1)
        (line,) = list_household_history(reader, row.id)
    assert line.sentence == f"登记了这户，家里 {row.size} 人"
    assert line.reason == "从 Excel 导入：农户.xlsx"


def test_a_household_that_is_not_there_says_so(workspace: Workspace) -> None:
    with workspace.reader() as reader, pytest.raises(HouseholdMissingError):
        get_household(reader, new_id())


def picture(path: Path, kind: str = "JPEG") -> Path:
    buffer = BytesIO()
    Image.new("RGB", (64, 48), "#2F7D4F").save(buffer, kind)
    path.write_bytes(buffer.getvalue())
    return path


def test_photos_are_kept_encrypted_and_named_in_the_history(workspace: Workspace, tmp_path: Path) -> None:
    household, *_ = add_family(workspace)
    paths = [picture(tmp_path / "房屋.jpg"), picture(tmp_path / "户口簿.png", "PNG")]
    add_photos(workspace, household, paths)
    add_photos(workspace, household, paths[:1])
    with workspace.reader() as reader:
        photos = list_photos(reader, household)
        told = [line.sentence for line in list_household_history(reader, household)]
    assert sorted((photo.title, photo.media_type) for photo in photos) == [
        ("户口簿", "image/png"),
        ("房屋", "image/jpeg"),
    ]
    assert workspace.attachments.get(photos[0].sha256)
    assert any("放了一张照片“房屋”" in sentence for sentence in told)
    content = paths[0].read_bytes()
    assert all(content not in path.read_bytes() for path in workspace.attachments.files())


@pytest.mark.parametrize("kind", ["text", "cut short", "gif"])
def test_a_photo_that_is_no_photo_is_refused_and_the_good_one_beside_it_too(
    workspace: Workspace, tmp_path: Path, kind: str
) -> None:
    household, *_ = add_family(workspace)
    bad = tmp_path / "坏.jpg"
    if kind == "text":
        bad.write_text("这不是照片", encoding="utf-8")
    elif kind == "gif":
        picture(bad, "GIF")
    else:
        content = picture(bad).read_bytes()
        bad.write_bytes(content[: len(content) // 2])
    before = state(workspace)
    with pytest.raises(RefusedError, match="坏"):
        add_photos(workspace, household, [picture(tmp_path / "好.jpg"), bad])
    assert state(workspace) == before
    with workspace.reader() as reader:
        assert list_photos(reader, household) == []
