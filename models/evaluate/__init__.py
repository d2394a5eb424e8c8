"""How good a detector and a reader are on anyone's pictures or recordings. Needs no torch."""
