"""The desk's rules: who is expected, who came, whose ticket this is, which car is meant."""
