"""The commands of `python -m edge`, one module each."""
