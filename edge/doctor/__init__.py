"""What of this board and its cameras stands in the gate's way, each with what to do."""
