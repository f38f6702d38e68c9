"""公示: what hangs on the village's board, and the list of what was printed."""
