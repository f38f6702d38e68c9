"""A county as it really runs."""

from tests.real_county import real_county

__all__ = ["real_county"]
