"""The synced tables, one module a feature. Importing this package registers them all."""

from village_core.records import attachments, held, households, ledger, notices, relief, seats, settings, staff
from village_core.records.base import Merge, Record, SyncRule, rule_of

__all__ = [
    "Merge",
    "Record",
    "SyncRule",
    "attachments",
    "held",
    "households",
    "ledger",
    "notices",
    "relief",
    "rule_of",
    "seats",
    "settings",
    "staff",
]

synced_tables = tuple(Record.metadata.sorted_tables)
"""All synced tables, parents before children."""
