"""Days on which the machine is against us: each trouble is met for real, and said in plain words."""
