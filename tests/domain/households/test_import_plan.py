"""The import's rules, one by one, on plain rows."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.households.sheets import (
    HEADERS,
    after,
    family,
    figures,
    household_of,
    id_number,
    make_village,
    person_of,
    plan,
    reasons,
    with_check,
)
from village_core.domain.households.planned import Outcome
from village_core.domain.households.snapshot import Snapshot


def test_a_village_goes_in_and_comes_again_unchanged() -> None:
    rows = make_village(3, 40)
    first = plan(rows, headers=HEADERS, header_row=3)
    assert figures(first) == (len(rows), len(rows), 0, 0, 0)
    assert len(first.households) == 40
    village = after(first)
    again = plan(rows, village, headers=HEADERS, header_row=3)
    assert figures(again) == (len(rows), 0, 0, len(rows), 0)
    assert again.households == ()
    assert not any(person.changes for person in again.persons)


def test_fields_arrive_as_they_are_meant() -> None:
    village = after(plan(make_village(3, 1)))
    household = household_of(village, "53232710120100001")
    assert household["province"] == "云南省"
    assert household["safe_water"] is True
    assert isinstance(household["per_capita_fen"], int)
    person = next(iter(village.persons.values()))
    assert person.is_head
    assert household["head_name"] == person.name


@pytest.mark.parametrize("header_row", [1, 2, 3])
def test_row_numbers_are_the_sheets_own(header_row: int) -> None:
    rows = family()
    rows[1]["证件号码"] = "5.32327E+17"
    result = plan([rows[0], {}, rows[1], rows[2]], header_row=header_row)
    assert figures(result) == (3, 2, 0, 0, 1)
    (rejected,) = result.rejected
    assert (rejected.row, rejected.column) == (header_row + 3, "证件号码")
    assert "Excel" in rejected.reason


def test_columns_may_stand_in_any_order_under_any_of_their_names() -> None:
    rows = [
        {
            "手机号": "13812345678",
            "身份证号": row["证件号码"],
            "组别": "大平地",
            "姓名": row["姓名"],
            "户编号": row["户编号"],
            "与户主关系": row["与户主关系"],
            "卡号": "6217006317066907433",
        }
        for row in family()
    ]
    result = plan(rows)
    assert figures(result) == (3, 3, 0, 0, 0)
    village = after(result)
    assert person_of(village, "罗小松")["phone"] == "13812345678"
    household = household_of(village, "53232710120100001")
    assert (household["group_name"], household["bank_account"]) == ("大平地", "6217006317066907433")


def test_unknown_columns_are_kept_by_name_and_reported() -> None:
    rows = family()
    rows[0]["爱好"] = "养蜂"
    rows[0]["入户路"] = "水泥路"
    result = plan(rows, header_row=2)
    assert [(note.row, note.column) for note in result.warnings] == [(2, "爱好")]
    village = after(result)
    assert sorted(village.extras.values()) == ["养蜂", "水泥路"]
    again = plan(rows, village, header_row=2)
    assert figures(again) == (3, 0, 0, 3, 0)
    rows[0]["入户路"] = "沥青路"
    assert figures(plan(rows, village)) == (3, 0, 1, 2, 0)


def test_two_columns_of_one_meaning_are_reported_and_the_official_one_counts() -> None:
    rows = [{"手机号": "13800000000", "联系电话": "13912345678"} | row for row in family()]
    result = plan(rows)
    assert [note.column for note in result.warnings] == ["手机号"]
    assert person_of(after(result), "罗建国")["phone"] == "13912345678"


def test_household_columns_may_stand_on_the_first_row_only() -> None:
    rows = family(户类型="边缘易致贫户") + family("53232710120100002")
    for row in rows[1:3]:
        for name in ("户编号", "自然村(组)", "户类型", "人数"):
            row[name] = ""
    rows[3]["证件号码"] = with_check("532327198003124570")
    rows[4]["证件号码"] = with_check("532327198103124540")
    rows[5]["证件号码"] = with_check("532327201003124570")
    for row in rows[4:]:
        row["户编号"] = ""
    result = plan(rows)
    assert figures(result) == (6, 6, 0, 0, 0)
    assert len(result.households) == 2
    assert household_of(after(result), "53232710120100001")["kind"] == "边缘易致贫户"


def test_a_forgotten_household_number_follows_the_row_above_and_is_said() -> None:
    rows = family()
    rows[2]["户编号"] = ""
    result = plan(rows)
    assert figures(result) == (3, 3, 0, 0, 0)
    assert "没有户编号" in reasons(result.warnings)


def test_a_sheet_without_numbers_goes_by_the_heads_name() -> None:
    rows = [
        {"户主姓名": "罗建国", "村民小组": "大平地", "姓名": row["姓名"], "身份证": row["证件号码"]} for row in family()
    ]
    result = plan(rows)
    assert figures(result) == (3, 3, 0, 0, 0)
    village = after(result)
    assert person_of(village, "罗建国")["relation"] == "户主"
    assert figures(plan(rows, village)) == (3, 0, 0, 3, 0)


def test_a_list_of_persons_alone_finds_them_where_they_live() -> None:
    village = after(plan(family()))
    rows = [
        {"姓名": "罗小松", "身份证号": with_check("532327200208117234"), "手机号": "13812345678"},
        {"姓名": "外人", "身份证号": with_check("532327200208117214"), "手机号": ""},
    ]
    result = plan(rows, village)
    assert figures(result) == (2, 0, 1, 0, 1)
    assert "哪一户" in result.rejected[0].reason


def test_a_bad_row_is_left_out_alone() -> None:
    rows = family()
    rows[2]["证件号码"] = "532327200208117239"
    result = plan(rows)
    assert figures(result) == (3, 2, 0, 0, 1)
    assert "人数" in reasons(result.warnings)


def test_a_household_whose_head_was_left_out_goes_in_without_a_head() -> None:
    rows = family()
    rows[0]["证件号码"] = "532327197503124571"
    for row in rows[1:]:
        row["户类型"] = ""
    result = plan(rows)
    assert figures(result) == (3, 2, 0, 0, 1)
    warning = next(note for note in result.warnings if "户主" in note.reason)
    assert "第 2 行是户主" in warning.reason
    household = household_of(after(result), "53232710120100001")
    assert household["head_name"] is None
    assert household["kind"] == "脱贫户"


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("证件号码", "532327200208117239", "最后一位"),
        ("证件号码", "532327198001010000", "Excel"),
        ("证件号码", with_check("532327200202300170"), "不是真的日子"),
        ("出生日期", "20020231", "不是真的日子"),
        ("姓名", "", "没有姓名"),
        ("姓名", "12345", "不是姓名"),
        ("户编号", "5.32327101201E+16", "Excel"),
    ],
)
def test_what_is_rejected(column: str, value: str, word: str) -> None:
    rows = family()
    rows[2][column] = value
    result = plan(rows)
    assert figures(result) == (3, 2, 0, 0, 1)
    assert result.rejected[0].row == 4
    assert result.rejected[0].column == column
    assert word in result.rejected[0].reason


def test_rows_under_a_damaged_household_number_do_not_fall_into_the_household_above() -> None:
    rows = family() + family("53232710120100002")
    rows[3]["户编号"] = "5.32327101201E+16"
    rows[4]["户编号"] = rows[5]["户编号"] = ""
    for place, row in enumerate(rows[3:]):
        row["证件号码"] = with_check(f"53232719800312457{place}")
        row["人编号"] = ""
    for row in rows[1:3]:
        row["户编号"] = ""
    result = plan(rows)
    assert figures(result) == (6, 3, 0, 0, 3)
    assert [note.row for note in result.rejected] == [5, 6, 7]


@pytest.mark.parametrize("twin", ["same number", "fifteen digits", "person number"])
def test_the_same_person_twice_in_the_file_is_rejected_the_second_time(twin: str) -> None:
    rows = family()
    second = dict(rows[2])
    if twin == "fifteen digits":
        rows[2]["证件号码"] = second["证件号码"] = with_check("532327197508117234")
        second["证件号码"] = rows[2]["证件号码"][:6] + rows[2]["证件号码"][8:17]
        second["人编号"] = ""
    elif twin == "person number":
        second["证件号码"] = ""
    result = plan([*rows, second])
    assert figures(result) == (4, 3, 0, 0, 1)
    assert result.rejected[0].row == 5
    assert "第 4 行" in result.rejected[0].reason


def test_the_second_row_stands_when_the_first_was_bad() -> None:
    rows = family()
    bad = dict(rows[2], 出生日期="20020231")
    assert figures(plan([rows[0], rows[1], bad, rows[2]])) == (4, 3, 0, 0, 1)


def test_two_of_one_name_without_papers_cannot_be_told_apart() -> None:
    rows = family()
    rows[2] |= {"证件号码": "", "人编号": ""}
    result = plan([*rows, dict(rows[2])])
    assert figures(result) == (4, 3, 0, 0, 1)
    assert "分不出" in result.rejected[0].reason


def test_an_empty_cell_leaves_what_is_there() -> None:
    rows = family(帮扶责任人="王建平")
    rows[2]["联系电话"] = "13812345678"
    village = after(plan(rows))
    rows[2]["联系电话"] = ""
    for row in rows:
        row["帮扶责任人"] = ""
    result = plan(rows, village)
    assert figures(result) == (3, 0, 0, 3, 0)
    assert person_of(after(result, village), "罗小松")["phone"] == "13812345678"


def test_a_changed_household_column_counts_its_first_row_as_updated() -> None:
    village = after(plan(family()))
    result = plan(family(户类型="边缘易致贫户"), village)
    assert [person.outcome for person in result.persons] == [Outcome.UPDATED, Outcome.UNCHANGED, Outcome.UNCHANGED]
    (household,) = result.households
    assert dict(household.values) == {"kind": "边缘易致贫户"}
    assert dict(household.old) == {"kind": "脱贫户"}


def test_values_that_differ_within_a_household_are_warnings_and_the_first_counts() -> None:
    rows = family()
    rows[0]["户类型"], rows[1]["户类型"], rows[2]["户类型"] = "", "边缘易致贫户", "脱贫户"
    result = plan(rows)
    assert household_of(after(result), "53232710120100001")["kind"] == "边缘易致贫户"
    (warning,) = result.warnings
    assert (warning.row, warning.column) == (4, "户类型")


@pytest.mark.parametrize(
    ("change", "column", "word"),
    [
        ({"人数": "7"}, "人数", "7"),
        ({"人均纯收入": "-300"}, "人均纯收入", "负数"),
        ({"银行账号": "6217006317066907434"}, "银行账号", "对不上"),
        ({"银行账号": "6.21700631706691E+18"}, "银行账号", "没有收"),
        ({"识别(监测)时间": "202313"}, "识别(监测)时间", "没有收"),
        ({"户类型": "五保户"}, "户类型", "没有收"),
        ({"联系电话": "1381234567"}, "联系电话", "11 位"),
    ],
)
def test_odd_but_possible_is_a_warning(change: dict[str, str], column: str, word: str) -> None:
    rows = family()
    rows[0] |= change
    if "户类型" in change or "人数" in change:
        rows = [row | change for row in rows]
    result = plan(rows)
    assert figures(result) == (3, 3, 0, 0, 0)
    assert any(note.column == column and word in note.reason for note in result.warnings)


def test_a_half_filled_row_goes_in_with_a_warning_when_it_has_a_name() -> None:
    rows = family()
    rows[2] |= {"证件号码": "", "人编号": "", "与户主关系": ""}
    rows.append({"户编号": rows[0]["户编号"], "姓名": "", "证件号码": "", "户类型": "脱贫户"})
    result = plan(rows)
    assert figures(result) == (4, 3, 0, 0, 1)
    assert "没有姓名，也没有证件号码" in result.rejected[0].reason
    assert any(note.row == 4 and "没有证件号码" in note.reason for note in result.warnings)


def test_age_and_sex_against_the_relation_are_warnings() -> None:
    rows = family()
    rows[2] |= {"与户主关系": "之母", "证件号码": with_check("532327198508117234")}
    rows[1]["证件号码"] = with_check("532327201605206020")
    result = plan(rows)
    told = reasons(result.warnings)
    assert "性别却是男" in told
    assert "配偶只有 10 岁" in told
    rows[2] |= {"与户主关系": "之父"}
    assert "反而小 10 岁" in reasons(plan(rows).warnings)


def test_the_number_knows_better_than_birth_and_sex() -> None:
    rows = family()
    rows[2] |= {"出生日期": "20020812", "性别": "女"}
    result = plan(rows)
    assert len(result.warnings) == 2
    person = person_of(after(result), "罗小松")
    assert (person["birth_date"], person["sex"]) == (date(2002, 8, 11), "男")


def test_fifteen_digits_become_eighteen_and_never_the_other_way() -> None:
    rows = family()
    full = with_check("532327197508117234")
    old = full[:6] + full[8:17]
    rows[2]["证件号码"] = old
    first = plan(rows)
    assert "15 位" in reasons(first.warnings)
    village = after(first)
    rows[2]["证件号码"] = full
    result = plan(rows, village)
    assert figures(result) == (3, 0, 1, 2, 0)
    village = after(result, village)
    assert person_of(village, "罗小松")["id_number"] == full
    rows[2]["证件号码"] = old
    assert figures(plan(rows, village)) == (3, 0, 0, 3, 0)


def test_someone_entered_without_papers_is_known_when_they_come() -> None:
    rows = family()
    rows[2] |= {"证件号码": "", "人编号": ""}
    village = after(plan(rows))
    result = plan(family(), village)
    assert figures(result) == (3, 0, 1, 2, 0)
    assert len(after(result, village).persons) == 3


def test_who_moves_to_another_household_is_moved_and_said() -> None:
    rows = family() + [
        row | {"户编号": "53232710120100002", "证件号码": with_check(f"53232719700312457{place}"), "人编号": ""}
        for place, row in enumerate(family()[:1])
    ]
    village = after(plan(rows))
    rows[2] |= {"户编号": "53232710120100002", "与户主关系": "之侄儿"}
    result = plan(rows, village)
    assert figures(result)[1:] == (0, 1, 3, 0)
    moved = next(person for person in result.persons if person.moved_from)
    assert moved.name == "罗小松"
    assert "移到这一户" in reasons(result.warnings)


def test_numbers_that_belong_to_two_persons_are_rejected() -> None:
    village = after(plan(family()))
    rows = family()
    rows[2]["人编号"] = rows[1]["人编号"]
    result = plan([rows[2]], village)
    assert figures(result) == (1, 0, 0, 0, 1)
    assert "李桂芳" in result.rejected[0].reason


def test_another_person_under_a_number_already_given_is_rejected_and_overwrites_nobody() -> None:
    village = after(plan(family()))
    rows = family()
    stranger = {**rows[2], "姓名": "起学英", "证件号码": id_number(random.Random(5), date(1990, 5, 1), "女")}
    result = plan([stranger], village)
    assert figures(result) == (1, 0, 0, 0, 1)
    assert "都是另一个人的" in result.rejected[0].reason
    mended = {**rows[2], "证件号码": stranger["证件号码"]}
    assert figures(plan([mended], village))[2] == 1


def test_one_head_only() -> None:
    rows = family()
    rows[2]["与户主关系"] = "户主"
    result = plan(rows)
    assert "两个户主" in reasons(result.warnings)
    village = after(result)
    assert sum(person.is_head for person in village.persons.values()) == 1
    assert household_of(village, "53232710120100001")["head_name"] == "罗建国"
    again = plan(rows, village)
    assert figures(again) == (3, 0, 0, 3, 0)


def test_the_sheet_may_change_the_head_when_it_says_what_the_old_one_is() -> None:
    village = after(plan(family()))
    rows = family()
    rows[0]["与户主关系"], rows[2]["与户主关系"] = "之父", "户主"
    result = plan(rows, village)
    assert figures(result) == (3, 0, 2, 1, 0)
    village = after(result, village)
    assert household_of(village, "53232710120100001")["head_name"] == "罗小松"


def test_a_new_head_beside_one_whom_the_sheet_leaves_out_is_not_recorded() -> None:
    village = after(plan(family()))
    rows = family()[2:]
    rows[0]["与户主关系"] = "户主"
    result = plan(rows, village)
    assert "已有户主罗建国" in reasons(result.warnings)
    assert sum(person.is_head for person in after(result, village).persons.values()) == 1


def test_a_household_entered_by_hand_takes_the_number_of_the_sheet() -> None:
    rows = family()
    by_hand = [row | {"户编号": "", "人编号": "", "户主姓名": "罗建国"} for row in rows]
    village = after(plan(by_hand))
    result = plan(rows, village)
    assert figures(result) == (3, 0, 3, 0, 0)
    assert len(after(result, village).households) == 1


def test_who_left_is_not_brought_back() -> None:
    village = after(plan(family()))
    gone = next(person for person in village.persons.values() if person.name == "罗小松")
    closed = type(gone)(gone.id, gone.household_id, gone.values, closed=True)
    village = Snapshot(village.households, {**village.persons, gone.id: closed}, village.extras)
    result = plan(family(), village)
    assert figures(result) == (3, 0, 0, 3, 0)
    assert "不在户里" in reasons(result.warnings)


def test_a_sheet_with_headers_only_does_nothing() -> None:
    assert figures(plan([], headers=HEADERS)) == (0, 0, 0, 0, 0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_whatever_is_in_the_cells_every_row_is_accounted_for(seed: int, data: st.DataObject) -> None:
    rng = random.Random(seed)
    rows = make_village(seed, 4)
    spoiled = data.draw(
        st.lists(
            st.tuples(
                st.integers(0, len(rows) - 1),
                st.sampled_from(HEADERS),
                st.sampled_from(["", "5.3E+17", "户主", "否", "20230231", "李明", "53232710120100001"])
                | st.text(max_size=8),
            ),
            max_size=8,
        )
    )
    for row, column, text in spoiled:
        rows[row][column] = text.strip()
    if rng.random() < 0.3:
        rows.append(dict(rng.choice(rows)))
    first = plan(rows, headers=HEADERS)
    rows_, created, updated, unchanged, rejected = figures(first)
    assert rows_ == created + updated + unchanged + rejected
    village = after(first)
    again = plan(rows, village, headers=HEADERS)
    assert figures(again) == (rows_, 0, 0, rows_ - rejected, rejected)
    heads = [person.household_id for person in village.persons.values() if person.is_head]
    assert len(heads) == len(set(heads))
