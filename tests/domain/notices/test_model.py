"""The print model has no place for private facts, and the wording is complete."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from desktop_app.notices.wording import illness_words, notice_texts
from tests.notices.examples import relief_notice
from village_core.domain.errors import RefusedError
from village_core.domain.notices.model import NoticeKind, NoticeRow, ReliefNotice, SupervisionPhone
from village_core.domain.notices.privacy import check_notice
from village_core.domain.relief.payloads import CAUSE_TITLES, Cause


def test_a_row_has_a_name_a_group_a_head_count_a_category_and_an_amount_and_nothing_else() -> None:
    assert [field.name for field in fields(NoticeRow)] == ["head_name", "group", "people", "cause", "amount_fen"]


def test_no_field_of_the_model_could_hold_a_private_fact() -> None:
    names = {field.name for model in (ReliefNotice, NoticeRow) for field in fields(model)}
    for word in ("phone", "id_number", "account", "illness", "health", "bank", "card", "address"):
        assert not any(word in name for name in names)


def test_a_phone_number_is_only_that_of_a_body() -> None:
    assert [field.name for field in fields(SupervisionPhone)] == ["body", "number"]
    for wrong in ("", "打给李琼仙", "12", "六七一一二三四"):
        with pytest.raises(RefusedError):
            SupervisionPhone("村务监督委员会", wrong)


@pytest.mark.parametrize("cause", list(Cause))
def test_only_the_category_of_a_cause_is_printed(cause: Cause) -> None:
    assert NoticeRow("李琼仙", "第三组", 4, cause, 300000).cause_title == CAUSE_TITLES[cause]


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_our_own_wording_passes_the_scanner(kind: NoticeKind) -> None:
    assert check_notice(relief_notice(kind), words=illness_words()) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": ()},
        {"period_to": None},
        {"period_to": date(2026, 11, 22)},
        {"signing_unit": " "},
        {"rows": (NoticeRow("李琼仙", "第三组", 4, Cause.ILLNESS, 0),)},
        {"rows": (NoticeRow(" ", "第三组", 4, Cause.ILLNESS, 300000),)},
    ],
)
def test_an_incomplete_notice_refuses(wrong: dict[str, object]) -> None:
    with pytest.raises(RefusedError):
        replace(relief_notice(), **wrong)


def test_the_period_says_the_year_once() -> None:
    assert notice_texts().period_text(relief_notice()) == "2026年11月23日至11月27日（5个工作日）"
    over = replace(relief_notice(), period_to=date(2027, 1, 4))
    assert notice_texts().period_text(over) == "2026年11月23日至2027年1月4日（5个工作日）"
