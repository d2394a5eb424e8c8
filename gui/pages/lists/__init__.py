"""Lists: plates that are known, and of which the desk is to be told."""
