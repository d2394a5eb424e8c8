"""The gate, day and night: cameras kept alive, one gate over all of them, nothing lost.

KeptCamera ─► Lookout (road) ─► Gatehouse (gate) ─► Delivery
                  └─► Gallery ──────┘ pictures
"""
