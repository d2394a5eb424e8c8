"""Forgetting: what is due is signed as gone, its keys destroyed, then its rows and files."""
