"""How the eyes are made: draw, prepare, train, evaluate, export. Read by edge as files."""
