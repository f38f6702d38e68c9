"""Excel files in, as text: what households and ledger imports have in common, ignorant of both."""
