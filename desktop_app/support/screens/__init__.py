"""Screens of the file for support."""
