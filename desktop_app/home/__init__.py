"""首页: what is due, then the village in numbers. Knows no feature, only what they registered."""
