"""Retention: what is due to be forgotten, and what is kept from that."""
