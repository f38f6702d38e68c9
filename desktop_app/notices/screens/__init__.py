"""The preview of anything that is printed."""
