"""Analytics: how full, when, how long, and how well it is read."""
