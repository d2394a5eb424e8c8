"""Ticket: what its link shows, printed from the browser or on the desk's printer."""
