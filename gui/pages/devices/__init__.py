"""Devices: browsers that wait for approval, and those that have it."""
