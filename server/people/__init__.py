"""Who has an account, and what a person or a lot may be called."""
