"""Visits: who was here, found while one types."""
