"""Records as they lie and as they are looked at, and what is said beside them."""
