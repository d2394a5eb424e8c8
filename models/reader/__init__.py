"""How the reader's network is made: crops with known text in, weights and a card out."""
