"""Counties on both databases, and laptops that meet at them."""

from tests.counties import county, county_address, county_url, postgres, small_county, small_county_url, sqlite_template
from tests.laptops import laptop_templates, make_laptop
from tests.sync_e2e.window_desk import desk, laptop

__all__ = [
    "county",
    "county_address",
    "county_url",
    "desk",
    "laptop",
    "laptop_templates",
    "make_laptop",
    "postgres",
    "small_county",
    "small_county_url",
    "sqlite_template",
]
