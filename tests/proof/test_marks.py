"""已保存 → 县里已收到 → 已核对一致: a mark is never said before it is true."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from desktop_app.sync.marks import (
    Mark,
    Progress,
    mark_of_household,
    mark_of_rows,
    mark_words,
    read_progress,
    row_mark,
    village_mark,
)
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from village_core.exchange.local_tables import deferred_operation

COUNTS = st.integers(0, 5)
PROGRESS = st.builds(
    Progress,
    enrolled=st.booleans(),
    waiting=COUNTS,
    acked_seq=COUNTS,
    proved_seq=COUNTS,
    equal_now=st.booleans(),
    deferred=COUNTS,
    held=COUNTS,
    durable_seq=COUNTS,
)


@given(PROGRESS, COUNTS, COUNTS)
def test_equality_is_never_said_unless_it_was_shown(progress: Progress, own_seq: int, log_seq: int) -> None:
    may_be_said = progress.enrolled and progress.equal_now and not progress.deferred

    if not may_be_said or progress.waiting:
        assert village_mark(progress) is not Mark.EQUAL
        assert "已核对一致" not in mark_words(progress)
    mark = row_mark(progress, own_seq=own_seq, log_seq=log_seq)
    if mark is Mark.EQUAL:
        assert may_be_said and own_seq <= progress.acked_seq and log_seq <= progress.proved_seq
    if mark is not Mark.SAVED:
        assert progress.enrolled and own_seq <= progress.acked_seq


def marks(laptop: Laptop, *rows: object) -> tuple[Mark, list[Mark]]:
    with laptop.workspace.reader() as reader:
        progress = read_progress(reader)
        return village_mark(progress), [mark_of_rows(reader, [row]) for row in rows]  # type: ignore[arg-type]


def test_a_record_goes_from_saved_to_received_to_equal(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    first = laptop.add_household(number="0001", head_name="罗铉")
    assert marks(laptop, first) == (Mark.SAVED, [Mark.SAVED])
    laptop.sync()
    assert marks(laptop, first) == (Mark.EQUAL, [Mark.EQUAL])

    second = laptop.add_household(number="0002", head_name="王建平")
    assert marks(laptop, first, second) == (Mark.SAVED, [Mark.EQUAL, Mark.SAVED])
    laptop.sync()
    assert marks(laptop, first, second) == (Mark.EQUAL, [Mark.EQUAL, Mark.EQUAL])


def test_while_something_waits_for_an_upgrade_nothing_is_called_equal(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    row = laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    with laptop.workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(deferred_operation).values(number=99, schema=9, content=b""))

    assert marks(laptop, row) == (Mark.RECEIVED, [Mark.RECEIVED])
    with laptop.workspace.reader() as reader:
        assert mark_words(read_progress(reader)) == "县里已收到；有 1 条来自新版程序，升级田埂后才能核对。"


def test_what_another_laptop_made_is_equal_once_it_was_compared(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    row = first.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(first, second)

    assert marks(second, row) == (Mark.EQUAL, [Mark.EQUAL])


def test_a_household_is_as_far_as_the_last_of_its_people(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    assert mark_of(laptop, household) is Mark.EQUAL
    laptop.add_person(household, "罗小松")
    assert marks(laptop, household)[1] == [Mark.EQUAL]
    assert mark_of(laptop, household) is Mark.SAVED
    laptop.sync()
    assert mark_of(laptop, household) is Mark.EQUAL


def mark_of(laptop: Laptop, household: UUID) -> Mark:
    with laptop.workspace.reader() as reader:
        return mark_of_household(reader, household)
