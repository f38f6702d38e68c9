"""使用的人 in the window: its page and forms, and the sheet with the recovery key."""

from __future__ import annotations

from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.registry import Registry


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

    registry.add_page("settings_keys", people, section="settings")
    registry.add_page("settings_key_person", person, section="settings")
    registry.add_page("settings_pin", pin, section="settings")
