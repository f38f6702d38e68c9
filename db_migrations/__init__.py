"""Two Alembic histories: `desktop` for the encrypted laptop file, `server` for the county."""
