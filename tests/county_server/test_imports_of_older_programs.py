"""Vouchers that an older program imported name nobody who reviewed them, or the importer: the county asks, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from county_server.admin.people import add_person
from desktop_app.ledger import excel
from desktop_app.ledger.posting import VoucherPapers
from tests.counties import County
from tests.county_server.test_decisions import decide, give_role, open_questions
from tests.county_server.test_duties_of_facts import REASON, asked, at_county
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.ledger.books import open_accounts
from tests.ledger.sheets import BOOKS, write_sheet
from tests.workspaces import VILLAGE
from village_core.exchange.questions import OFFERED, STANDING
from village_core.records.held import HeldChange
from village_core.records.ledger import Posting, Voucher

Import = Callable[[Laptop, str | None], None]


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """The import of a program that did not ask who had reviewed."""

    def take_in(laptop: Laptop, reviewed_by: str | None) -> None:
        def papers(*_: object) -> VoucherPapers:
            return VoucherPapers(laptop.workspace.actor.name, reviewed_by)

        with monkeypatch.context() as patch:
            patch.setattr(excel, "papers_of_import", papers)
            excel.import_vouchers(laptop.workspace, write_sheet(tmp_path / "books.xlsx", BOOKS))

    return take_in


def clerks(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    """李琼仙 (报账员) with the books, 王建平 (会计), and two who work here without a laptop."""
    first, second = make_laptop(county), make_laptop(county)
    open_accounts(first.workspace)
    for name, role in (("起学英", "出纳"), ("张志强", "支书")):
        add_person(county.engine, VILLAGE, name=name, roles=[role], combines=False, note="", clock=county.clock)
    sync_until_quiet(first, second)
    give_role(first, "报账员", combines=False)
    give_role(second, "会计", combines=False)
    sync_until_quiet(first, second)
    return first, second


def imported(laptop: Laptop) -> list[UUID]:
    return [row.id for row in laptop.all(Voucher) if row.kind == "imported"]


@pytest.mark.parametrize(
    ("reviewed_by", "words"),
    [
        (None, "没有写原来是谁审核的"),
        ("李琼仙", "制单和审核都是李琼仙一个人"),
        ("无名", "写的是无名审核"),
        ("张志强", "写的是张志强审核"),
        ("起学英", "起学英是出纳，按《中华人民共和国会计法》"),
    ],
)
def test_the_county_asks_once_for_a_whole_import(
    small_county: County, make_laptop: LaptopMaker, older: Import, reviewed_by: str | None, words: str
) -> None:
    first, second = clerks(small_county, make_laptop)
    older(first, reviewed_by)
    report = first.sync()
    assert (report.held, report.equal) == (1, True)
    sync_until_quiet(first, second)
    assert words in asked(second).sentence
    assert len(imported(first)) > 1, "nothing is lost where it was made"
    assert imported(second) == []


def test_an_import_whose_reviewer_has_the_duty_stands(
    small_county: County, make_laptop: LaptopMaker, older: Import
) -> None:
    first, second = clerks(small_county, make_laptop)
    older(first, "王建平")
    assert first.sync().held == 0
    sync_until_quiet(first, second)
    assert imported(second) == imported(first)


def test_another_person_lets_the_whole_import_through_and_the_importer_does_not(
    county: County, make_laptop: LaptopMaker, older: Import
) -> None:
    first, second = clerks(county, make_laptop)
    older(first, "李琼仙")
    sync_until_quiet(first, second)
    decide(first, OFFERED, reason=REASON)
    sync_until_quiet(first, second)
    assert "要由另一个人来定" in asked(second).sentence
    decide(second, OFFERED, reason=REASON)
    sync_until_quiet(first, second)
    assert open_questions(second) == []
    assert sorted(imported(second)) == sorted(imported(first))
    assert at_county(county, Voucher) == len(first.all(Voucher))
    assert len(second.all(Posting)) == len(first.all(Posting))


def test_an_import_that_is_not_wanted_goes_as_a_whole(
    small_county: County, make_laptop: LaptopMaker, older: Import
) -> None:
    first, second = clerks(small_county, make_laptop)
    before = len(first.all(Voucher))
    older(first, None)
    openings = len(first.all(Voucher)) - len(imported(first)) - before
    sync_until_quiet(first, second)
    decide(second, STANDING)
    sync_until_quiet(first, second)
    assert [imported(laptop) for laptop in (first, second)] == [[], []]
    assert at_county(small_county, Voucher) == before + openings


def test_a_voucher_that_was_left_out_by_itself_does_not_come_back_with_its_import(
    small_county: County, make_laptop: LaptopMaker, older: Import
) -> None:
    first, second = clerks(small_county, make_laptop)
    second.workspace.set_state("rights.may_post", "1")
    older(second, "李琼仙")
    sync_until_quiet(second, first)
    asked_about = {row.subject_id: row.id for row in first.all(HeldChange)}
    refused, wanted, *_ = [asked_about[voucher] for voucher in imported(second)]
    before = at_county(small_county, Voucher)
    decide(first, STANDING, refused)
    sync_until_quiet(first, second)
    decide(first, OFFERED, wanted, reason=REASON)
    sync_until_quiet(first, second)
    assert at_county(small_county, Voucher) == before + 1
