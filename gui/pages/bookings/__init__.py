"""Bookings: who is expected, added one by one or from a table."""
