"""The exchange with the county: what goes up, what comes down, and the proof that both are equal."""
