"""What a deed touched, so that open pages know whether to load again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Changes:
    """Topics: households, relief, ledger, notices, settings, sync."""

    topics: frozenset[str]

    @classmethod
    def of(cls, *topics: str) -> Changes:
        return cls(frozenset(topics))

    def __or__(self, other: Changes) -> Changes:
        return Changes(self.topics | other.topics)
