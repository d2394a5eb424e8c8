"""Desk: who just came, who is expected, tickets, cars called and handed out."""
