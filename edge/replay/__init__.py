"""A recording replayed: what was asked, watched, decided, told and drawn."""
