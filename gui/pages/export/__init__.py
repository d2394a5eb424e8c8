"""Export: what leaves the lot's machines, with a reason and a fresh code."""
