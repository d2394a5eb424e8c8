"""Lots: what each is called, how much it holds, and for how long it keeps what."""
