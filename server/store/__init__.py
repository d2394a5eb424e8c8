"""What the server keeps: rows in a database, sealed pictures and wraps as files."""
