"""The keyholder: the one process that has what the vault holds, and its client."""
