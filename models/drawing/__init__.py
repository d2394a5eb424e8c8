"""Plates and gate scenes drawn with known truth, for training and for the tests."""
