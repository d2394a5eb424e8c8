"""Living cameras: each grabbed by a process of its own, the newest picture wins.

    address ─► grabbing (a process) ─► shared memory ─► kept ─► Frame

A decoder that hangs or dies takes its own process with it and nothing else.
"""
