"""The share keeper: a second box that gives its share of a key for a right code, once."""
