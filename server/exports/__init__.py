"""What leaves the server opened: streamed, never laid down, each with a manifest that is signed."""
