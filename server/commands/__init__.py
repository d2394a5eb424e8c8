"""What an operator types: a module a command, each a few lines over the library."""
