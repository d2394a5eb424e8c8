"""The demo's own lot: vault, page and gate, by the commands that a real one is made with."""
