"""What the books give to the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ledger import overview
from desktop_app.shell.overview import Overview
from desktop_app.window.needing import needing
from village_core.domain.staff.rights import Right

if TYPE_CHECKING:
    from desktop_app.shell.context import PageContext
    from desktop_app.shell.page import Page
    from desktop_app.shell.registry import Registry


def add_ledger(registry: Registry) -> None:
    """The pages of 三资, what is due in them, the search over vouchers and two figures for the start page."""
    registry.due.append(needing(Right.READ_LEDGER, overview.list_due_items, otherwise=list))
    registry.search.append(needing(Right.READ_LEDGER, overview.search_vouchers, otherwise=list))
    registry.overviews.append(needing(Right.READ_LEDGER, overview.get_overview, otherwise=Overview))
    for key, make in (
        ("ledger", _ledger),
        ("voucher", _voucher),
        ("voucher_new", _choice),
        ("voucher_template", _template),
        ("voucher_entry", _grid),
        ("voucher_import", _import),
        ("opening_balances", _opening),
        ("trial_balance", _balance),
        ("accounts", _accounts),
    ):
        registry.add_page(key, make, section="ledger")


def _ledger(context: PageContext) -> Page:
    from desktop_app.ledger.screens.ledger_page import LedgerPage

    return LedgerPage(context)


def _voucher(context: PageContext) -> Page:
    from desktop_app.ledger.screens.voucher_page import VoucherPage

    return VoucherPage(context)


def _choice(context: PageContext) -> Page:
    from desktop_app.ledger.screens.choice_page import ChoicePage

    return ChoicePage(context)


def _template(context: PageContext) -> Page:
    from desktop_app.ledger.screens.template_page import TemplatePage

    return TemplatePage(context)


def _grid(context: PageContext) -> Page:
    from desktop_app.ledger.screens.grid_page import GridPage

    return GridPage(context)


def _import(context: PageContext) -> Page:
    from desktop_app.ledger.screens.import_page import ImportPage

    return ImportPage(context)


def _opening(context: PageContext) -> Page:
    from desktop_app.ledger.screens.opening_page import OpeningPage

    return OpeningPage(context)


def _balance(context: PageContext) -> Page:
    from desktop_app.ledger.screens.balance_page import BalancePage

    return BalancePage(context)


def _accounts(context: PageContext) -> Page:
    from desktop_app.ledger.screens.accounts_page import AccountsPage

    return AccountsPage(context)
