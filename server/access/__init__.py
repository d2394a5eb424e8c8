"""Who may do what: accounts, devices, sessions, tokens, and the one table of roles."""
