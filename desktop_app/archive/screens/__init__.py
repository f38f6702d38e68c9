"""公示档案 in the window."""
