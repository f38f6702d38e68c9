"""People who work with the program."""
