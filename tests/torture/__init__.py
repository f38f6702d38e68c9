"""kill -9 at random moments of every kind of work, on copies of workspaces that are prepared once."""
