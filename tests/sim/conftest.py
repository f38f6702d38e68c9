"""Counties for the comparison of both databases."""

from tests.counties import postgres, sqlite_template

__all__ = ["postgres", "sqlite_template"]
