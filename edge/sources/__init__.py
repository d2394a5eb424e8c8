"""Where frames come from: each source is an iterator of Frame."""
