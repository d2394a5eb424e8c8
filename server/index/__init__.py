"""The search index: a library that runs inside the keyholder and gives and takes bytes."""
