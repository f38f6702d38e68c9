"""Pages of 设置 and of the first run."""
