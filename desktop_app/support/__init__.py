"""What helps those who help: whether the last run ended well, and a file of facts without anybody's data."""
