"""Counties and laptops."""

from tests.counties import small_county, sqlite_template
from tests.laptops import laptop_templates, make_laptop

__all__ = ["laptop_templates", "make_laptop", "small_county", "sqlite_template"]
