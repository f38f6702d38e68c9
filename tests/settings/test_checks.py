"""What can stand in the fields of 村情 and of the first run."""

from __future__ import annotations

import pytest

from desktop_app.settings.checks import phone_problem, village_code_problem
from desktop_app.storage.passphrase_rules import passphrase_problem, passphrase_strength


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("532327101201", ""),
        ("53232710120", "现在是 11 位"),
        ("５３２３２７１０１２０１", "12 位数字"),
        ("992327101201", "省的代码"),
        ("532327101000", "乡镇的代码"),
        ("53232710120a", "12 位数字"),
    ],
)
def test_a_village_code_is_twelve_digits_down_to_the_village(code: str, word: str) -> None:
    problem = village_code_problem(code)
    assert word in problem
    assert bool(problem) == bool(word)


@pytest.mark.parametrize(
    ("phone", "good"),
    [("", True), ("0878-6712345", True), ("138 1234 5678", True), ("1381234567", False), ("打给老王", False)],
)
def test_a_phone_may_be_missing_but_not_wrong(phone: str, good: bool) -> None:
    assert (phone_problem(phone) == "") is good


@pytest.mark.parametrize(
    ("passphrase", "again", "word"),
    [
        ("春天来了", "春天来了", "至少要 8 个字"),
        ("油菜花开的时候回家", "油菜花开的时候回家", ""),
        ("油菜花开的时候回家", "油菜花开的时候", "不一样"),
    ],
)
def test_a_passphrase_is_long_and_typed_twice(passphrase: str, again: str, word: str) -> None:
    assert word in passphrase_problem(passphrase, again)


@pytest.mark.parametrize(
    ("passphrase", "word"),
    [
        ("abc", "还差 5 个字"),
        ("12345678", "太容易猜到"),
        ("aaaaaaaaaa", "太容易猜到"),
        ("abcdefgh", "一般"),
        ("correct horse battery", "很好"),
        ("油菜花开的时候回家", "很好"),
    ],
)
def test_strength_is_said_in_words(passphrase: str, word: str) -> None:
    assert word in passphrase_strength(passphrase)
