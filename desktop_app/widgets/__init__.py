"""Widgets that know nothing of our data: editors, forms, tables, cards, timeline."""
