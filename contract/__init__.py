"""What edge and server must agree on, byte for byte. Imports lot alone."""
