"""The edges of the lots: taken in, kept in order, and asked for a photo or a live view."""
