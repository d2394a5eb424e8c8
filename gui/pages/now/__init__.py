"""Now: how full it is, what just happened, what needs somebody."""
