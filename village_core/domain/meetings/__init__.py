"""Meetings that decide by vote: who must come, how many must agree, and under which law (QUORUM-1…5)."""
