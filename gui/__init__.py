"""The owner's page. Knows the server by its HTTP API alone; imports lot and contract.plates."""
