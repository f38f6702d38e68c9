"""使用的人 in the window: its page and forms, the recovery key and its reminder."""

from __future__ import annotations

from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.registry import Registry
from desktop_app.staff.recovery_due import PAGE as RECOVERY_PAGE
from desktop_app.staff.recovery_due import list_recovery_due
from desktop_app.window.needing import needing
from village_core.domain.staff.rights import Right


def add_keys(registry: Registry) -> None:
    """Who opens this laptop, a passphrase typed by the person herself, the PIN."""

    def people(context: PageContext) -> Page:
        from desktop_app.staff.screens.keys_page import KeysPage

        return KeysPage(context)

    def person(context: PageContext) -> Page:
        from desktop_app.staff.screens.key_forms import NewPassphraseForm

        return NewPassphraseForm(context)

    def pin(context: PageContext) -> Page:
        from desktop_app.staff.screens.key_forms import PinForm

        return PinForm(context)

    def recovery(context: PageContext) -> Page:
        from desktop_app.staff.screens.recovery_page import RecoveryPage

        return RecoveryPage(context)

    registry.due.append(needing(Right.MANAGE_PEOPLE, list_recovery_due, otherwise=list))
    registry.add_page("settings_keys", people, section="settings")
    registry.add_page("settings_key_person", person, section="settings")
    registry.add_page(RECOVERY_PAGE, recovery, section="settings")
    registry.add_page("settings_pin", pin, section="settings")
