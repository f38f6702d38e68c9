"""What households give to the window, and what other features show on a household's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.households import start_page
from desktop_app.shell.overview import Overview
from desktop_app.window.needing import needing
from village_core.domain.staff.rights import Right

if TYPE_CHECKING:
    from desktop_app.shell.context import PageContext
    from desktop_app.shell.page import Page
    from desktop_app.shell.registry import Registry


def add_households(registry: Registry) -> None:
    """The list, a household, its forms, the import; persons in the search box; figures for the start page."""
    registry.search.append(needing(Right.READ_HOUSEHOLDS, start_page.find_people, otherwise=list))
    registry.overviews.append(needing(Right.READ_HOUSEHOLDS, start_page.get_overview, otherwise=Overview))
    for key, make in (
        ("households", _list),
        ("household", _household),
        ("household_edit", _edit),
        ("household_import", _import),
        ("household_head", _head),
        ("household_close", _close),
        ("person_edit", _person),
        ("person_leave", _leave),
        ("person_move", _move),
    ):
        registry.add_page(key, make, section="households")


def _list(context: PageContext) -> Page:
    from desktop_app.households.screens.household_list import HouseholdsPage

    return HouseholdsPage(context)


def _household(context: PageContext) -> Page:
    from desktop_app.households.screens.household_page import HouseholdPage
    from desktop_app.households.screens.side_cards import HouseholdAction
    from desktop_app.relief.screens.help_received import HelpReceived
    from desktop_app.sync.marks import mark_of_household

    actions = (
        HouseholdAction("操作日志", "journal", needs=Right.READ_JOURNAL),
        HouseholdAction("申请救助", "case_application", primary=True, needs=Right.OPEN_CASE),
    )
    return HouseholdPage(
        context,
        mark=lambda reader, household_id: mark_of_household(reader, household_id).word,
        side_cards=(HelpReceived,),
        actions=actions,
    )


def _edit(context: PageContext) -> Page:
    from desktop_app.households.screens.household_form import HouseholdForm

    return HouseholdForm(context)


def _import(context: PageContext) -> Page:
    from desktop_app.households.screens.import_page import ImportPage

    return ImportPage(context)


def _head(context: PageContext) -> Page:
    from desktop_app.households.screens.member_forms import HeadForm

    return HeadForm(context)


def _close(context: PageContext) -> Page:
    from desktop_app.households.screens.member_forms import ClosingForm

    return ClosingForm(context)


def _person(context: PageContext) -> Page:
    from desktop_app.households.screens.person_form import PersonForm

    return PersonForm(context)


def _leave(context: PageContext) -> Page:
    from desktop_app.households.screens.member_forms import LeavingForm

    return LeavingForm(context)


def _move(context: PageContext) -> Page:
    from desktop_app.households.screens.member_forms import MovingForm

    return MovingForm(context)
