"""The laptop's program: offline first, everything written before anything is sent."""
