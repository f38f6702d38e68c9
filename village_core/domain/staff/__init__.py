"""People at the keyboard: roles, what they may do, and what the law keeps apart."""
