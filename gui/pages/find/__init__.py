"""Find: the one field of every page."""
