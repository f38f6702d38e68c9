"""People, passphrases, the recovery key, the lock."""
