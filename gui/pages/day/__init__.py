"""Day: what of the days behind needs a person, one tap each."""
