"""The server over HTTP: translates requests into calls and answers into JSON, decides nothing."""
