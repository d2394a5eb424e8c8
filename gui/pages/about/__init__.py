"""About: what runs here, and whom to believe."""
