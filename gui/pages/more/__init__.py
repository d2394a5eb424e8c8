"""More: who is signed in, and everything that is set up once."""
