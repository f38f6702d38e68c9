"""The demo story, told with real processes and the real window."""
