"""Pages of 农户."""
