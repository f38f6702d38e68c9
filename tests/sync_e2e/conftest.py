"""A laptop that is enrolled, and its window."""

from tests.sync_e2e.window_desk import desk, laptop

__all__ = ["desk", "laptop"]
