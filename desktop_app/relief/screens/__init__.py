"""Pages of relief: the list, a case with its eight stations, and a form for each step, shaped like its paper."""
