"""Proof at the county: the log replayed against the tables, and the histories of the devices checked again."""
