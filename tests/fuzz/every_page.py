"""Every query that a page of the laptop shows something of, one after the other, as a person would open the pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

from sqlalchemy import select

from desktop_app.archive import queries as archive
from desktop_app.home import queries as home
from desktop_app.households import queries as households
from desktop_app.journal import queries as journal
from desktop_app.ledger import queries as ledger
from desktop_app.notices import queries as notices
from desktop_app.relief import queries as relief
from desktop_app.relief import start_page
from desktop_app.settings import queries as settings
from desktop_app.staff import queries as staff
from desktop_app.storage.unit_of_work import Reader
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import queries as sync
from desktop_app.sync.questions import count_open_questions, get_full_question, list_questions
from tests.fuzz.door import SAYS_NO
from village_core.records import Record

_LISTS: tuple[Callable[[Reader], object], ...] = (
    households.list_households,
    households.count_kinds,
    households.list_groups,
    households.list_export_rows,
    ledger.list_vouchers,
    ledger.list_drafts,
    ledger.list_months,
    ledger.list_accounts,
    ledger.list_used_accounts,
    ledger.cash_balances,
    ledger.find_opening,
    lambda reader: ledger.find_vouchers(reader, "1"),
    lambda reader: ledger.list_missing_numbers(reader, "2026-11"),
    lambda reader: ledger.trial_balance(reader, start=date(2026, 1, 1), end=date(2026, 12, 31)),
    relief.list_cases,
    relief.list_households_for_relief,
    lambda reader: relief.get_pool(reader, 2026),
    start_page.list_due_items,
    start_page.get_overview,
    lambda reader: start_page.search_cases(reader, "1", 20),
    notices.list_printed,
    settings.get_village,
    settings.list_incomes,
    settings.list_bodies,
    settings.list_bank_accounts,
    settings.list_status,
    settings.list_due_items,
    staff.list_staff,
    lambda reader: staff.list_staff(reader, left=True),
    sync.get_sync_view,
    sync.list_status,
    sync.list_due_items,
    list_questions,
    count_open_questions,
    journal.list_actors,
    lambda reader: journal.list_journal(reader, journal.JournalFilter()),
    lambda reader: journal.find_subjects(reader, "1"),
    lambda reader: home.get_start_page(
        reader,
        [start_page.list_due_items, settings.list_due_items, sync.list_due_items],
        overviews=[start_page.get_overview],
    ),
    archive.list_paper_cases,
)
"""None of these may fail, whatever a row holds: one row would close the whole page."""

_SINGLE: dict[str, tuple[Callable[..., object], ...]] = {
    "household": (
        households.get_household,
        households.get_full_numbers,
        relief.list_cases_of_household,
        relief.get_new_case,
        journal.get_household_words,
    ),
    "person": (households.find_household_of,),
    "voucher": (ledger.get_voucher, relief.find_case_of_voucher),
    "voucher_draft": (ledger.get_draft,),
    "relief_case": (relief.get_case_detail, ledger.list_case_vouchers, archive.get_case_papers),
    "collective_bank_account": (settings.find_bank_account,),
    "staff_member": (staff.find_person,),
    "held_change": (get_full_question,),
}
"""These may say no in words about the one row."""


def read_every_page(workspace: Workspace, *, most: int) -> None:
    """All lists, and at most so many rows of a table one by one."""
    with workspace.reader() as reader:
        for read in _LISTS:
            read(reader)
        for name, reads in _SINGLE.items():
            table = Record.metadata.tables[name]
            for row_id in reader.session.scalars(select(table.c.id).limit(most)).all():
                for one in reads:
                    with suppress(*SAYS_NO):
                        one(reader, row_id)
