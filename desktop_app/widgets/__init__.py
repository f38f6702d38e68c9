"""Widgets that know nothing of our data: editors, forms, tables, cards, timeline."""

import desktop_app.background  # noqa: F401 - Qt may be used only after what stands there was done
