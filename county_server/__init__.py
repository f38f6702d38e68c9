"""The county server: gathers what the villages did and orders it. PostgreSQL in earnest, SQLite for a start."""
