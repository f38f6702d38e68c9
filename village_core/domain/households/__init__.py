"""Households and persons: what a number, a name or a cell may be, and what an imported sheet would change."""
