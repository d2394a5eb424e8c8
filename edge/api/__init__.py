"""The recognition API on the edge: a picture in, its plates out; what was seen; the gate live."""
