"""Cameras: the boxes at the gates, seen live, invited and sent away."""
