"""What opens the vault: slots, the vault file, one-time codes. No database is asked here."""
