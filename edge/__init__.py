"""Everything beside the camera: frames in, events out. Imports contract and lot."""
