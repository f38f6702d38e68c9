"""Counties, laptops and the frozen older program."""

from tests.counties import small_county, sqlite_template
from tests.laptops import laptop_templates, make_laptop
from tests.older_client import older_program

__all__ = ["laptop_templates", "make_laptop", "older_program", "small_county", "sqlite_template"]
