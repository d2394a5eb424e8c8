"""Messages that leave the lot."""
