"""Erasure: one plate forgotten before its time."""
