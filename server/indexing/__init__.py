"""The index is fed with what came, compared with the rows, and kept sealed on the disk."""
