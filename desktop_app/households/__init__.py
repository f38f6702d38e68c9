"""农户: households and their people, from the sheet of the national system to the household's page."""
