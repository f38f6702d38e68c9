"""What each feature gives to the window. Pages are imported when first opened, so that the start stays short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.settings import queries as settings_queries
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.registry import Registry, Section
from desktop_app.window.backups import add_backups
from desktop_app.window.households import add_households
from desktop_app.window.journal import add_journal
from desktop_app.window.keys import add_keys
from desktop_app.window.ledger import add_ledger
from desktop_app.window.needing import needing
from desktop_app.window.papers import add_papers
from desktop_app.window.relief import add_relief
from desktop_app.window.sync import add_sync
from village_core.domain.staff.rights import Right

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader
    from desktop_app.storage.workspace import Workspace

SECTIONS = (
    Section("home", "首页", "home"),
    Section("households", "农户", "households", needs=Right.READ_HOUSEHOLDS),
    Section("cases", "救助", "relief", needs=Right.READ_CASES),
    Section("ledger", "三资", "ledger", needs=Right.READ_LEDGER),
    Section("papers", "公示档案", "papers", needs=Right.READ_CASES),
    Section("sync", "同步", "sync"),
    Section("settings", "设置", "settings"),
)


def build_registry(appearance: Appearance) -> Registry:
    """Every feature's pages and providers."""
    registry = Registry(village_name=settings_queries.get_village_name)
    _add_home(registry)
    _add_settings(registry, appearance)
    add_backups(registry)
    add_households(registry)
    add_ledger(registry)
    add_relief(registry)
    add_papers(registry)
    add_sync(registry)
    add_journal(registry)
    registry.sections = [section for section in SECTIONS if section.key in registry.makers]
    return registry


def _add_home(registry: Registry) -> None:
    def home(context: PageContext) -> Page:
        from desktop_app.home.screens.home_page import HomePage

        return HomePage(context, due=registry.due, overviews=registry.overviews)

    registry.add_page("home", home, section="home")


def _add_settings(registry: Registry, appearance: Appearance) -> None:
    def settings(context: PageContext) -> Page:
        from desktop_app.settings.screens.settings_page import SettingsPage
        from desktop_app.staff.queries import list_staff

        def list_people(reader: Reader) -> list[tuple[object, str]]:
            return [(person.id, person.words) for person in list_staff(reader)]

        return SettingsPage(context, appearance=appearance, list_people=list_people)

    def village(context: PageContext) -> Page:
        from desktop_app.settings.screens.village_form import VillageForm

        return VillageForm(context)

    def income(context: PageContext) -> Page:
        from desktop_app.settings.screens.income_form import IncomeForm

        return IncomeForm(context)

    def bodies(context: PageContext) -> Page:
        from desktop_app.settings.screens.bodies_form import BodiesForm

        return BodiesForm(context)

    def bank(context: PageContext) -> Page:
        from desktop_app.settings.screens.bank_form import BankForm

        return BankForm(context)

    def person(context: PageContext) -> Page:
        from desktop_app.staff.screens.person_form import PersonForm

        return PersonForm(context)

    def staff(context: PageContext) -> Page:
        from desktop_app.staff.screens.staff_page import StaffPage

        return StaffPage(context)

    def passphrase(context: PageContext) -> Page:
        from desktop_app.settings.screens.passphrase_form import PassphraseForm
        from desktop_app.staff.keys import change_own_passphrase

        def change(workspace: Workspace, old: str, new: str) -> None:
            change_own_passphrase(workspace, old, new=new)

        return PassphraseForm(context, change=change)

    registry.due.append(needing(Right.MANAGE_SETTINGS, settings_queries.list_due_items, otherwise=list))
    registry.status.append(settings_queries.list_status)
    registry.add_page("settings", settings, section="settings")
    registry.add_page("settings_village", village, section="settings")
    registry.add_page("settings_income", income, section="settings")
    registry.add_page("settings_bodies", bodies, section="settings")
    registry.add_page("settings_bank", bank, section="settings")
    registry.add_page("settings_person", person, section="settings")
    registry.add_page("settings_staff", staff, section="settings")
    registry.add_page("settings_passphrase", passphrase, section="settings")
    add_keys(registry)
