"""Pages for people and their roles."""
