"""Proof of equality, and healing where it fails."""
