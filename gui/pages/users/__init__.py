"""Users: who has an account, and what they are to which lots."""
