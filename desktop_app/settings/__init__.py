"""村情: what the village says about itself, this laptop's type size and backups, and the first run."""
