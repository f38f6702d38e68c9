"""Counties, laptops and the older program for the scenarios."""

from tests.counties import county, county_address, county_url, postgres, small_county, small_county_url, sqlite_template
from tests.laptops import laptop_templates, make_laptop
from tests.older_client import older_program, this_program, unsent_template, unsent_workspace
from tests.real_county import real_county

__all__ = [
    "county",
    "county_address",
    "county_url",
    "laptop_templates",
    "make_laptop",
    "older_program",
    "postgres",
    "real_county",
    "small_county",
    "small_county_url",
    "sqlite_template",
    "this_program",
    "unsent_template",
    "unsent_workspace",
]
