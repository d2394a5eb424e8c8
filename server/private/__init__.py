"""Rows under the people key, and what of them speaks of one plate."""
