"""Who did what at the server: lines as they are written, and as somebody may read them."""
