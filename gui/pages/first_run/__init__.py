"""First run: the walk that sets the server up."""
