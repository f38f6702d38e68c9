"""A late voucher is in the books already; a person keeps it or takes it back, and that is a fact like all others."""

from __future__ import annotations

import pytest

from desktop_app.ledger.service import reverse_voucher
from desktop_app.sync.decisions import reverse_late_voucher
from desktop_app.sync.questions import Progress, Question, get_full_question
from tests.counties import County
from tests.county_server.test_decisions import decide, open_questions, questions
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.late_vouchers import post_into_a_locked_month, taken
from tests.seats import take_over
from village_core.domain.errors import RefusedError
from village_core.exchange.seats import SeatKind
from village_core.records.ledger import Voucher

__all__ = ["taken"]

Pair = tuple[Laptop, Laptop]


@pytest.fixture
def moved(small_county: County, make_laptop: LaptopMaker) -> Pair:
    """A voucher of March met a March that was locked elsewhere; the first one has 记账权 now."""
    first, second = post_into_a_locked_month(small_county, make_laptop)
    take_over(first, SeatKind.LEDGER)
    sync_until_quiet(first, second)
    return first, second


def numbers(laptop: Laptop) -> list[str]:
    return sorted(row.number_text for row in laptop.all(Voucher))


def words_of(question: Question) -> list[str]:
    return [one.words for one in question.options]


def test_both_sides_are_vouchers_that_can_be_opened_and_the_paper_is_named(taken: Pair) -> None:
    question = only(open_questions(taken[0]))
    assert (question.left.title, question.right.title) == ("左边：先到的", "右边：后到的，已经在账上")
    assert dict(question.left.lines)["凭证号"] == "记-1"
    assert (dict(question.right.lines)["凭证号"], dict(question.right.lines)["纸上的号"]) == ("记-2", "记-1")
    assert None not in (question.left.voucher, question.right.voucher)
    keep, reverse = question.options
    assert (keep.words, keep.outcome) == ("留着这张", "两张都算。请在纸上（记-1）注明新号 记-2。")
    assert reverse.words == "冲销这张"
    assert (question.asks_why, reverse.barred) == ("选“冲销这张”一定要写：为什么冲销。", "")


def test_kept_it_stands_under_its_new_number_and_nobody_is_asked_again(taken: Pair) -> None:
    first, second = taken
    decide(second, "offered")
    sync_until_quiet(*taken)
    for laptop in taken:
        assert open_questions(laptop) == []
        assert numbers(laptop) == ["记-1", "记-2"]
        past = only(questions(laptop)).past
        assert past is not None and past.words == "留着这张"
    assert first.sync().equal


def test_taken_back_the_reversal_and_the_answer_go_together(taken: Pair) -> None:
    holder, _ = taken
    question = only(open_questions(holder))
    posted = holder.do(lambda uow: reverse_late_voucher(uow, question.id, reason="同一笔记了两次"))
    sending = only(questions(holder))
    assert (sending.progress, sending.options) == (Progress.SENDING, ())
    sync_until_quiet(*taken)
    for laptop in taken:
        assert open_questions(laptop) == []
        reversal = laptop.get(Voucher, posted.voucher_id)
        assert (reversal.reverses, reversal.reason) == (question.right.voucher, "同一笔记了两次")
        past = only(questions(laptop)).past
        assert past is not None and (past.words, past.reason) == (f"由{posted.reversal} 冲销了", "同一笔记了两次")


def test_without_a_reason_nothing_is_written(taken: Pair) -> None:
    holder, _ = taken
    question = only(open_questions(holder))
    with pytest.raises(RefusedError, match="没有写冲销的原因"):
        holder.do(lambda uow: reverse_late_voucher(uow, question.id, reason=" "))
    assert only(questions(holder)).progress is Progress.OPEN
    assert numbers(holder) == ["记-1", "记-2"]


def test_a_reason_longer_than_its_place_is_refused_and_not_cut(taken: Pair) -> None:
    holder, _ = taken
    question = only(open_questions(holder))
    with pytest.raises(RefusedError, match="理由最多写 150 个字，现在有 151 个"):
        holder.do(lambda uow: reverse_late_voucher(uow, question.id, reason="记" * 151))
    with pytest.raises(RefusedError, match="理由最多写 300 个字，现在有 301 个"):
        decide(holder, "offered", reason="记" * 301)
    assert only(questions(holder)).progress is Progress.OPEN
    assert numbers(holder) == ["记-1", "记-2"]


def test_a_number_in_the_reason_of_a_decision_is_covered_until_asked_for(taken: Pair) -> None:
    holder, _ = taken
    decide(holder, "offered", reason="付到 6217001234567891234")
    question = only(questions(holder))
    assert question.past is not None and question.past.reason == "付到 **** **** 1234"
    assert question.masked
    with holder.workspace.reader() as reader:
        full = get_full_question(reader, question.id)
    assert full is not None and full.past is not None and full.past.reason == "付到 6217001234567891234"


def test_a_laptop_without_the_right_to_post_keeps_and_says_where_it_can_be_taken_back(taken: Pair) -> None:
    keep, reverse = only(open_questions(taken[1])).options
    assert keep.barred == ""
    assert reverse.barred.startswith("这台电脑没有记账权，要冲销请到")
    assert only(open_questions(taken[1])).asks_why == ""


def test_what_was_taken_back_on_its_own_page_is_only_acknowledged(taken: Pair) -> None:
    holder, _ = taken
    voucher = only(open_questions(holder)).right.voucher
    assert voucher is not None
    posted = holder.do(lambda uow: reverse_voucher(uow, voucher, reason="记错了"))
    (option,) = only(open_questions(holder)).options
    assert option.words == "知道了"
    assert f"的 {posted.number_text} 冲销" in option.outcome


def test_two_people_who_answer_without_knowing_of_each_other_are_not_asked_again(taken: Pair) -> None:
    holder, other = taken
    question = only(open_questions(holder))
    decide(other, "offered")
    holder.do(lambda uow: reverse_late_voucher(uow, question.id, reason="同一笔记了两次"))
    sync_until_quiet(*taken)
    for laptop in taken:
        assert len(questions(laptop)) == 1, "nothing contradicts: the reversal is a voucher of its own"
        assert open_questions(laptop) == []
        assert len(numbers(laptop)) == 3
    assert holder.sync().equal and other.sync().equal


def test_two_who_only_took_note_are_not_asked_again_either(taken: Pair) -> None:
    for laptop in taken:
        decide(laptop, "standing")
    sync_until_quiet(*taken)
    assert [len(questions(laptop)) for laptop in taken] == [1, 1]


def test_of_a_locked_month_paper_and_books_stand_side_by_side(moved: Pair) -> None:
    question = only(open_questions(moved[0]))
    assert (question.left.title, question.right.title) == ("左边：纸上写的", "右边：账上现在的")
    assert dict(question.left.lines)["要记在哪月"] == "2026年3月"
    assert dict(question.right.lines)["记在哪月"] == "2026年4月"
    assert question.options[0].outcome == "算在2026年4月，2026年3月锁了账，退不回去。纸上不用改。"
    assert words_of(question) == ["留着这张", "冲销这张"]
    holder, _ = moved
    posted = holder.do(lambda uow: reverse_late_voucher(uow, question.id, reason="四月才收到的钱"))
    sync_until_quiet(*moved)
    assert [len(open_questions(laptop)) for laptop in moved] == [0, 0]
    assert holder.get(Voucher, posted.voucher_id).period >= "2026-04"
