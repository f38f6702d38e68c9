"""一户一档: the whole file of a case as one PDF/A, and what it still lacks."""
